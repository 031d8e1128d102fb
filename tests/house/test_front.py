"""Pages kept whole and quick tiles: what they must never give, whom to, and for how long."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maillage.core.people.actions import sign_in_link
from maillage.core.people.tests.makers import person_of
from maillage.core.places.models import Territory
from maillage.core.readmodel import edition
from maillage.core.web.whole import MARK
from maillage.house import front as front_module
from maillage.house.front import Environ, Front, key_of
from maillage.kernels.tiles.quadkey import quadkey_of, tile_of
from maillage.rooms.atlas import tiles
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.readmodel import ENTRIES
from maillage.rooms.atlas.tests.makers import at, make_entry

CHECK_S = edition.CHECK_S  # before any test changes it
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Site:
    """The front as the server calls it, and how often it had to ask Django."""

    front: Front
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        inner = self.front.application

        def counted(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
            self.asked.append(environ["PATH_INFO"])
            return inner(environ, start_response)

        self.front.application = counted

    def get(self, address: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
        sent = {"host": "testserver", **{name.replace("_", "-"): value for name, value in headers.items()}}
        environ: dict[str, Any] = RequestFactory().generic(method, address, headers=sent).environ  # type: ignore[attr-defined]
        if "cookie" not in headers:
            environ.pop("HTTP_COOKIE", None)
        told: list[tuple[str, list[tuple[str, str]]]] = []
        answer = self.front(environ, lambda status, given, *_more: told.append((status, given)))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        (status, given) = told[-1]
        found = dict(given)
        assert len(found) == len(given), f"a header twice: {given}"
        plain = gzip.decompress(body) if found.get("Content-Encoding") == "gzip" else body
        return int(status[:3]), found, plain.decode("utf-8", errors="replace")

    def was_asked(self) -> int:
        """How many requests went through to Django since the last time."""
        count = len(self.asked)
        self.asked.clear()
        return count


@pytest.fixture
def site(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """In one minute, however slow the machine."""
    before, settings.HOME = settings.HOME, tmp_path
    clock = mock.Mock(wraps=front_module.time)
    clock.time.return_value = front_module.time.time()
    monkeypatch.setattr(front_module, "time", clock)
    ENTRIES.let_go()
    yield Site(Front(get_wsgi_application()))
    ENTRIES.let_go()
    settings.HOME = before


@pytest.fixture
def always_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition, "CHECK_S", 0.0)


@pytest.fixture
def never_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """But after a touch: half a second is made an hour."""
    monkeypatch.setattr(edition, "CHECK_S", 3600.0)


def test_a_public_page_is_made_once_and_then_given_as_it_was(site: Site, always_checked: None) -> None:
    make_entry("Atelier kept")
    first, second = (site.get("/atlas/?q=atelier", accept_encoding="gzip") for _ in range(2))
    assert site.was_asked() == 1
    assert first[0] == second[0] == 200 and "Atelier kept" in first[2] and first[2] == second[2]
    numbers = [answer[1].pop("X-Request-ID") for answer in (first, second)]
    assert numbers[0] != numbers[1] and first[1] == second[1]
    assert first[1]["Cache-Control"] == "no-cache" and first[1]["Content-Security-Policy"].startswith(
        "default-src 'none'"
    )
    assert {"Cookie", "Accept-Encoding"} <= set(re.split(r",\s*", first[1]["Vary"]))
    known = site.get("/atlas/?q=atelier", accept_encoding="gzip", if_none_match=first[1]["ETag"])
    assert known[0] == 304 and known[2] == "" and known[1]["ETag"] == first[1]["ETag"]
    assert site.get("/atlas/?q=atelier", "HEAD", accept_encoding="gzip")[2] == "" and site.was_asked() == 0
    plain = site.get("/atlas/?q=atelier")
    assert "Content-Encoding" not in plain[1] and plain[2] == first[2] and site.was_asked() == 1


def test_a_change_is_read_at_once_by_who_made_it_and_soon_by_all(site: Site, never_checked: None) -> None:
    other = Site(Front(get_wsgi_application()))  # as another process
    assert all("Nouveau lieu" not in one.get("/atlas/")[2] for one in (site, other))
    make_entry("Nouveau lieu")
    assert "Nouveau lieu" not in site.get("/atlas/")[2], "kept until the next check"
    site.get("/atlas/", "POST")  # whatever it answers, it may have written
    assert "Nouveau lieu" in other.get("/atlas/")[2] and "Nouveau lieu" in site.get("/atlas/")[2]


def test_a_change_behind_the_scenes_is_seen_at_the_next_check(site: Site, always_checked: None) -> None:
    assert CHECK_S + tiles.FRESH_S < 4  # promised: five seconds
    entry = make_entry("Avant", summary="Ici.")
    address = reverse("atlas:sheet", args=[entry.pk, entry.slug])
    site.get("/"), site.get(address)
    assert "Avant" in site.get(address)[2] and site.was_asked() == 2
    Entry.objects.filter(pk=entry.pk).update(name="Après", status="closed")
    assert "Après" in site.get(address)[2] and "Avant" not in site.get(address)[2]
    Entry.objects.filter(pk=entry.pk).update(is_published=False)
    assert site.get(address)[0] == 404 and "Après" not in site.get("/")[2]


def test_a_territory_that_changes_makes_pages_old_and_a_session_does_not(site: Site, always_checked: None) -> None:
    site.get("/atlas/")
    Client().get("/connexion/")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('k', '', now())")
    site.get("/atlas/")
    assert site.was_asked() == 1
    Territory.objects.create(kind="commune", code="00001", generation="2024", name="Ici", sort_key=b"i")
    site.get("/atlas/")
    assert site.was_asked() == 1


def test_lines_about_pages_are_forgotten_after_an_hour(site: Site) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO readmodel_change (layer, at) VALUES ('pages', now() - interval '2 hours')")
        cursor.execute("INSERT INTO readmodel_change (layer, at) VALUES ('pages', now())")
        assert edition.forget_old() == 1
        cursor.execute("SELECT count(*) FROM readmodel_change WHERE layer = 'pages' AND at > now() - interval '1 hour'")
        assert cursor.fetchone()[0] >= 1


def test_pages_of_one_minute_are_not_given_in_the_next(site: Site) -> None:
    """They say what is open now."""
    site.get("/atlas/"), site.get("/atlas/")
    assert site.was_asked() == 1
    front_module.time.time.return_value += 60  # type: ignore[attr-defined]
    site.get("/atlas/")
    assert site.was_asked() == 1


def test_nothing_of_a_signed_in_person_is_kept_nor_given_what_is_kept(site: Site) -> None:
    person = person_of("moderator")
    assert person is not None
    browser = Client()
    browser.get(sign_in_link(person))
    browser.post(sign_in_link(person))
    cookie = "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())
    assert django_settings.SESSION_COOKIE_NAME in cookie, "not signed in: this proves nothing"
    mine = site.get("/atlas/", cookie=cookie)
    assert str(person) in mine[2] and "csrfmiddlewaretoken" in mine[2] and "ETag" not in mine[1]
    others = site.get("/atlas/")
    assert str(person) not in others[2] and "csrfmiddlewaretoken" not in others[2]
    site.was_asked()
    assert str(person) in site.get("/atlas/", cookie=cookie)[2] and site.was_asked() == 1
    site.get("/atlas/", authorization="Bearer x"), site.get("/atlas/", cookie="messages=x")
    assert site.was_asked() == 2, "who may be somebody passes through"


def test_pages_with_a_token_or_a_cookie_are_never_kept(site: Site) -> None:
    tokens = set()
    for _ in range(2):
        status, headers, text = site.get("/connexion/")
        assert status == 200 and "Set-Cookie" in headers
        tokens.update(re.findall(r'csrfmiddlewaretoken" value="(\w+)"', text))
    assert len(tokens) == 2 and site.was_asked() == 2
    response = HttpResponse("x")
    setattr(response, MARK, True)
    assert front_module._may_be_kept("200 OK", [], response, {})
    assert not front_module._may_be_kept("200 OK", [], response, {"CSRF_COOKIE_NEEDS_UPDATE": True})
    assert not front_module._may_be_kept("200 OK", [("Set-Cookie", "a=b")], response, {})
    assert not front_module._may_be_kept("404 Not Found", [], response, {})
    for name, value in (("Vary", "User-Agent"), ("Cache-Control", "private")):
        marked = HttpResponse("x", headers={name: value})
        setattr(marked, MARK, True)
        assert not front_module._may_be_kept("200 OK", [], marked, {})
    assert not front_module._may_be_kept("200 OK", [], HttpResponse("x"), {}), "its view did not say so"


def test_display_language_host_and_fragments_each_have_their_own(site: Site) -> None:
    plain = site.get("/atlas/")[2]
    dark = site.get("/atlas/", cookie="affichage=dark.high.150")[2]
    assert 'data-theme="dark"' in dark and 'data-text="150"' in dark and "data-theme" not in plain
    assert site.get("/atlas/", cookie="affichage=nonsense; csrftoken=abc")[2] == plain
    english, french = site.get("/en/atlas/"), site.get("/atlas/", accept_language="en")
    assert 'lang="en"' in english[2] and 'lang="fr"' in french[2], "the address decides, as without us"
    site.was_asked()
    assert site.get("/atlas/", host="evil.example")[0] >= 400
    site.get("/atlas/", host="localhost"), site.get("/atlas/", hx_request="true")
    assert site.was_asked() == 3
    assert site.get("/atlas/")[2] == plain and site.get("/atlas/", cookie="affichage=dark.high.150")[2] == dark
    assert site.was_asked() == 0
    made = [RequestFactory().get("/atlas/", headers={"accept-language": one}).META for one in ("en-GB,fr;q=0.5", "ar")]
    assert len({key_of({**one, "HTTP_COOKIE": ""}) for one in made}) == 2


def test_a_long_header_does_not_put_a_page_in_the_place_of_another(site: Site) -> None:
    """A coding named at the end of a long list used to fill the place of those who do not read it."""
    make_entry("Atelier kept")
    long = site.get("/atlas/", accept_encoding=f"gzip, {'x' * 300}, br")
    assert long[1]["Content-Encoding"] == "br", "this proves nothing"
    assert site.get("/atlas/", accept_encoding="gzip")[1]["Content-Encoding"] == "gzip"
    site.get("/atlas/", accept_encoding=f"{'x' * 300}, gzip"), site.get("/atlas/", accept_language=f"{'x,' * 200}en")
    assert "Content-Encoding" not in site.get("/atlas/")[1]


def test_what_is_not_there_and_what_is_too_long_is_not_kept(site: Site) -> None:
    for address in ("/atlas/fiche/999999/", "/rien/", f"/atlas/?q={'x' * 700}", "/atlas/?q=a%00b"):
        for _ in range(2):
            site.get(address)
        assert site.was_asked() == 2, address


def test_memory_is_bounded_and_may_be_none(site: Site, settings: Any) -> None:
    site.front.pages.most_bytes = 100_000
    for number in range(12):
        site.get(f"/atlas/?q=mot{number}")
    assert 1 <= len(site.front.pages._found) < 12 and site.front.pages._bytes <= 100_000
    settings.KEPT_PAGES_MB = 0
    none = Site(Front(get_wsgi_application()))
    none.get("/atlas/"), none.get("/atlas/")
    assert none.was_asked() == 2


def test_with_the_database_away_nothing_kept_is_given(site: Site) -> None:
    site.get("/mots/")
    with mock.patch.object(edition.Edition, "now", side_effect=OperationalError("away")):
        site.get("/mots/")
    assert site.was_asked() == 2


def test_kept_answers_are_counted_like_others(site: Site) -> None:
    site.get("/atlas/")
    with mock.patch.object(front_module, "note") as noted:
        site.get("/atlas/")
    (page, method, status, seconds, number), _named = noted.call_args
    assert (page, method, status) == ("atlas:list", "GET", 200) and 0 <= seconds < 5 and re.fullmatch(r"\w{16}", number)


def test_every_table_that_a_kept_page_reads_is_watched(site: Site) -> None:
    """A page that would show another table must have its changes logged, or it would be kept too long."""
    entry = make_entry("Fiche", themes=["rights"], places=(at(4.83, 45.76),))
    make_entry("Proche", themes=["rights"], places=(at(4.831, 45.761),))
    Territory.objects.create(kind="commune", code="69381", generation="2024", name="Ici", sort_key=b"i")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'readmodel%'")
        watched = {row[0] for row in cursor.fetchall()}
    tables = set(connection.introspection.table_names())
    # The log itself; the words known, which change with the documents that hold them.
    watched |= {"readmodel_change", "readmodel_floor", "search_word"}
    pages = ["/", "/atlas/", "/atlas/?q=fiche&territoire=commune:69381", "/atlas/carte/?lieu=ici", "/mots/",
             reverse("atlas:sheet", args=[entry.pk, entry.slug]), "/territoires/", "/territoires/?q=ici",
             reverse("places:sheet", args=["commune", "69381"])]  # fmt: skip
    for address in pages:
        with CaptureQueriesContext(connection) as captured:
            assert site.get(address)[0] == 200, address
        read = set()
        for query in captured.captured_queries:
            read |= set(re.findall(r'(?:FROM|JOIN)\s+"?([a-z]+_[a-z_]+)"?', query["sql"]))
        assert read & tables <= watched, (address, read & tables - watched)


def test_quick_tiles_are_those_of_the_view_with_all_its_headers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "FRESH_S", 0.0)
    entry = make_entry("Seule", themes=["rights"], places=(at(4.83, 45.76),))
    x, y = tile_of(quadkey_of(4.83, 45.76), 12)
    for address in (f"/atlas/tuiles/12/{x}/{y}.mvt?theme=rights", f"/en/atlas/tuiles/points/12/{x}/{y}.mvt"):
        slow, quick = (site.get(address, accept_encoding="br") for _ in range(2))
        assert site.was_asked() == 1 and slow[2] == quick[2] and (slow[0], quick[0]) == (200, 200)
        for answer in (slow, quick):
            answer[1].pop("X-Request-ID")
        assert slow[1] == quick[1] and quick[1]["X-Content-Type-Options"] == "nosniff"
        assert site.get(address, accept_encoding="br", if_none_match=quick[1]["ETag"])[0] == 304
        assert site.get(address, "HEAD")[2] == ""
    site.was_asked()
    assert site.get("/atlas/tuiles/2/9/9.mvt")[0] == 404 and site.was_asked() == 1
    Entry.objects.filter(pk=entry.pk).update(is_published=False)
    assert site.get(f"/atlas/tuiles/12/{x}/{y}.mvt?theme=rights")[2] == ""
    assert site.get(f"/atlas/tuiles/12/{x}/{y}.mvt?theme=culture", host="evil.example")[0] >= 400


def test_a_tile_whose_connection_broke_is_answered_by_the_view(site: Site) -> None:
    for _ in range(2):
        site.get("/atlas/tuiles/0/0/0.mvt")
    site.was_asked()
    broken = mock.Mock(side_effect=[OperationalError("gone"), ENTRIES.view()])
    with mock.patch("maillage.rooms.atlas.tiles.readmodel.view", broken):
        assert site.get("/atlas/tuiles/0/0/0.mvt")[0] == 200
    assert site.was_asked() == 1
