"""Sources on the web: read on their schedule, asked for what is new only, kept as they were when their server fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from maillage.core.errors import Invalid
from maillage.core.intake.models import Run, Source
from maillage.core.people.actions import add_person
from maillage.rooms.atlas.importing import Options, intake_entries
from maillage.rooms.atlas.importing_tasks import read_one_source
from maillage.rooms.atlas.importing_uploads import (
    due_sources,
    keep_address,
    keep_schedule,
    read_due_sources,
    read_source,
)
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.posting import typed_values

pytestmark = pytest.mark.django_db
TEXT = "id;nom;commune\n1;MJC;Lyon\n2;CSC;Bron\n"


class _Portal(BaseHTTPRequestHandler):
    """Answers what the test put on the server, with an ETag; 304 to who has it already."""

    def do_GET(self) -> None:
        code, body, etag = self.server.answer  # type: ignore[attr-defined]
        if etag and self.headers.get("If-None-Match") == etag:
            code, body = 304, b""
        self.server.codes.append(code)  # type: ignore[attr-defined]
        self.send_response(code)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


class Portal(ThreadingHTTPServer):
    """A portal of open data on this machine."""

    daemon_threads = True
    answer: tuple[int, bytes, str] = (200, TEXT.encode(), '"v1"')
    codes: list[int]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/annuaire.csv"


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    monkeypatch.setenv("MAILLAGE_OUTSIDE_ALLOW_LOOPBACK", "1")
    server = Portal(("127.0.0.1", 0), _Portal)
    server.codes = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def source(portal: Portal) -> Source:
    options = Options(source_code="portail", source_name="Portail", licence="ODbL", published_on="2024-05",
                      schedule="daily")  # fmt: skip
    return intake_entries(portal.url, options).run.source


def tomorrow() -> timezone.datetime:
    return timezone.now() + timedelta(days=1)


def test_an_address_of_this_machine_is_refused_unless_the_setting_says_otherwise(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILLAGE_OUTSIDE_ALLOW_LOOPBACK")
    with pytest.raises(Invalid, match="pas publique"):
        intake_entries(portal.url, Options(source_code="portail"))
    assert portal.codes == [] and not Source.objects.filter(code="portail").exists()


def test_what_did_not_change_is_not_read_again(portal: Portal, source: Source) -> None:
    source.refresh_from_db()
    assert source.etag == '"v1"' and due_sources() == []
    assert due_sources(tomorrow()) == [source.pk] and read_due_sources(tomorrow()) == 1
    assert portal.codes == [200, 304] and Run.objects.count() == 1
    before = source.checked_at
    source.refresh_from_db()
    assert before is not None and source.checked_at is not None and source.checked_at > before
    portal.answer = (200, (TEXT + "3;Maison;Givors\n").encode(), '"v2"')
    assert read_due_sources(tomorrow()) == 1
    source.refresh_from_db()
    assert source.etag == '"v2"' and Run.objects.count() == 2 and Entry.objects.filter(source=source).count() == 3


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (500, b"", "erreur 500"),
        (200, b"<!doctype html><html><body>Maintenance</body></html>", "page web"),
        (200, b"", "vide"),
        (200, b'[{"id": "1", "nom": "MJC"}, {"id": "2", "no', "incomplet"),
        (200, b'{"error": "quota"}', "quota"),
        (304, b"", "erreur 304"),
    ],
)
def test_a_source_that_fails_keeps_its_entries_and_says_so(
    portal: Portal, source: Source, client: Client, code: int, body: bytes, said: str
) -> None:
    Source.objects.filter(pk=source.pk).update(etag="", hides_absent=True)
    portal.answer = (code, body, "")
    assert read_one_source(source.pk) is False
    source.refresh_from_db()
    assert said in source.last_fault and Run.objects.count() == 1
    assert Entry.objects.filter(source=source, is_published=True).count() == 2
    assert due_sources(tomorrow()) == [source.pk]
    assert "dernière relecture non aboutie" in client.get(reverse("atlas:sources")).content.decode()
    page = client.get(reverse("atlas:source", args=["portail"])).content.decode()
    assert "Les fiches restent telles qu’elles étaient" in page and source.last_fault not in page
    portal.answer = (200, TEXT.encode(), '"v1"')
    assert read_source(source)
    source.refresh_from_db()
    assert source.last_fault == ""


def test_the_schedule_is_chosen_on_the_page_of_the_source(portal: Portal, source: Source, client: Client) -> None:
    client.force_login(add_person("M", email="m@example.org", role="moderator", territory="commune:69259"))
    address = reverse("atlas:source", args=["portail"])
    page = client.get(address).content.decode()
    assert typed_values(page)["schedule"] == "daily" and "ODbL" in page and "mai 2024" in page
    client.post(reverse("atlas:source_read", args=["portail"]), {"schedule": "weekly", "action": "keep"})
    source.refresh_from_db()
    assert source.schedule == "weekly" and due_sources(tomorrow()) == []
    answer = client.post(reverse("atlas:source_read", args=["portail"]), {"schedule": "toujours"}, follow=True)
    assert "Ce rythme n’existe pas" in answer.content.decode()
    with pytest.raises(Invalid, match="pas d’adresse"):
        keep_schedule(Source(code="fichier"), "daily")


def test_an_address_given_on_the_page_keeps_its_licence_date_and_version(portal: Portal, client: Client) -> None:
    person = add_person("M", email="m@example.org", role="moderator", territory="commune:69259")
    client.force_login(person)
    upload = keep_address(portal.url, person)
    address = reverse("atlas:import_preview", args=[upload.uid])
    form = typed_values(client.get(address).content.decode())
    form |= {"source_name": "Portail", "licence": "ODbL", "published_on": "2024-05", "schedule": "weekly"}
    assert client.post(address, form | {"action": "import"}).status_code == 302
    source = Source.objects.get(code="portail")
    assert (source.url, source.schedule, source.etag) == (portal.url, "weekly", '"v1"')
    entry = Entry.objects.filter(source=source).order_by("pk")[0]
    sheet = client.get(reverse("atlas:sheet", args=[entry.pk, entry.slug])).content.decode()
    assert "ODbL" in sheet and "mai 2024" in sheet and "Portail" in sheet


def test_a_schedule_needs_an_address(portal: Portal, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(Invalid, match="pas d’adresse"):
        intake_entries(str(path), Options(source_code="liste", schedule="daily"))
    assert not Source.objects.filter(code="liste").exists()
