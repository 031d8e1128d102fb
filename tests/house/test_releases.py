"""From each release to now: its database migrated by the owner loses no row, has the schema of a new one, and serves."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from psycopg.conninfo import make_conninfo
from pytest_django.plugin import DjangoDbBlocker

from maillage.house.backup import saving_parameters
from maillage.house.backup_archive import DATABASE, Manifest, checked, extract
from maillage.house.database import Source
from maillage.house.postgres_roles import Connection
from maillage.house.restore_database import Place, fill
from maillage.house.throwaway_databases import create_test_database, drop_test_database
from tests.releases.catalogue import catalogue
from tests.releases.images import DIGESTS, FOLDER, ROOT, faults_of, migrations_now, migrations_of, releases, unpacked

# What `migrate` writes itself: these tables gain rows.
GROWN = {"django_migrations", "django_content_type", "auth_permission"}
# "table.column" → why a migration changed values that a release had written. A table that went: "table" → why.
REWRITTEN: dict[str, str] = {}

Rows = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Upgraded:
    """A release's database as it was restored, then migrated; what each table held before."""

    release: str
    manifest: Manifest
    name: str
    fresh: str
    source: Source
    before: Rows = field(repr=False)


@contextmanager
def seeing_all(source: Source, database: str) -> Iterator[Connection]:
    """A connection that row-level security hides nothing from: where it would, the query fails."""
    address = make_conninfo("", **saving_parameters(source, database))
    with psycopg.connect(address, autocommit=True, connect_timeout=20) as found:
        found.execute("SET row_security = off")
        yield found


def rows_in(source: Source, database: str, tables: list[str]) -> Rows:
    """Every row of the tables by its key; by its number, in the order of what they hold, where there is no such key."""
    found: Rows = {}
    with seeing_all(source, database) as reading:
        for table in tables:
            rows = reading.execute(f'SELECT to_jsonb(t) FROM "{table}" t ORDER BY to_jsonb(t)'.encode()).fetchall()
            kept = [row for (row,) in rows if isinstance(row, dict)]
            found[table] = {str(row.get("id", number)): row for number, row in enumerate(kept)}
            assert len(found[table]) == len(rows), table
    return found


@pytest.fixture(scope="module", params=releases())
def upgraded(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> Iterator[Upgraded]:
    """Restored as an operator would, migrated by the owner, then entered by both aliases for the tests of this module."""
    from maillage.house.throwaway_databases import _enter

    source, fresh = connections.settings["owner"]["MAILLAGE"], connections.settings["owner"]["NAME"]
    folder = tmp_path_factory.mktemp("release")
    archive = unpacked(request.param, folder)
    manifest = checked(archive)
    extract(archive, manifest, {DATABASE: folder / DATABASE})
    name = f"test_release_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock():
        create_test_database(source, name)
        try:
            fill(Place(source, name, name), folder / DATABASE, manifest)
            before = rows_in(source, name, list(manifest.rows))
            _enter(name)
            call_command("migrate", database="owner", verbosity=0, interactive=False)
            connections.close_all()
            yield Upgraded(request.param, manifest, name, fresh, source, before)
        finally:
            _enter(fresh)
            drop_test_database(source, name)


def test_every_row_is_still_there_and_says_the_same(upgraded: Upgraded) -> None:
    kept = [table for table in upgraded.before if table not in REWRITTEN]
    after = rows_in(upgraded.source, upgraded.name, kept)
    faults = []
    for table in kept:
        was, now = upgraded.before[table], after[table]
        lost, gained = set(was) - set(now), set(now) - set(was)
        faults += (
            [f"{table} lost {len(lost)} rows and gained {len(gained)}"]
            if lost or (gained and table not in GROWN)
            else []
        )
        for key in set(was) & set(now):
            changed = {name for name, value in was[key].items() if now[key].get(name, "gone") != value}
            faults += [f"{table}.{name} of {key}" for name in changed if f"{table}.{name}" not in REWRITTEN]
    assert not faults, "migrations changed what the release had written; where it is meant, say so in REWRITTEN"
    assert sum(len(rows) for rows in after.values()) > 300


def test_the_schema_is_that_of_a_new_database(upgraded: Upgraded) -> None:
    with seeing_all(upgraded.source, upgraded.name) as old, seeing_all(upgraded.source, upgraded.fresh) as new:
        found, expected = catalogue(old), catalogue(new)
    assert len(expected) > 1_000
    assert {line.split(":")[0] for line in expected} >= {
        "column",
        "constraint",
        "index",
        "trigger",
        "right",
        "function",
    }
    assert sorted(found - expected) == [], "only in the database that was upgraded"
    assert sorted(expected - found) == [], "only in a new database"


@pytest.mark.django_db
def test_the_application_reads_it_as_its_own_role(upgraded: Upgraded, client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database(), has_schema_privilege('public', 'CREATE')")
        role, database, may_create = cursor.fetchone()
    assert role != connections.settings["owner"].get("USER") and database == upgraded.name and not may_create
    for path, words in PAGES.items():
        answer = client.get(path, follow=True)
        text = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == 200 and words in text.decode(), path


PAGES = {
    "/atlas/": "MJC d’essai",
    "/atlas/?q=centre+social": "Centre social d’essai",
    "/atlas/fiche/1/historique/": "Un résumé corrigé.",
    "/atlas/collections/essai/": "MJC d’essai",
    "/atlas/telecharger/csv/": "Centre social d’essai",
    "/api/v1/atlas/entries": "MJC d",
    "/atlas/ogc/collections": "collections",
    "/territoires/commune/69259/": "Mairie d’essai",
    "/observatoire/profils/qpv/QP069001/": "25,3",
    "/observatoire/cartes/atelier/": "Chômage en 2017",
    "/observatoire/conclusions/": "conclusion",
    "/pret/": "",
}


@pytest.mark.django_db
def test_people_go_on_where_they_were(upgraded: Upgraded, client: Client, settings: Any) -> None:
    """A resident signs in and has what is theirs; a helper's proposal on paper is decided; a new one is sent."""
    from maillage.core.people.actions import sign_in_link
    from maillage.core.people.queries import person_reached_by
    from maillage.rooms.atlas.models import Suggestion
    from maillage.rooms.atlas.tests.deciding import settle

    settings.SECOND_FACTOR = False
    resident, moderator = (person_reached_by(f"{who}@example.org")[0] for who in ("habitante", "moderation"))
    assert resident and moderator and person_reached_by("partie@example.org")[0] is None
    assert client.post("/" + sign_in_link(resident).split("/", 3)[3]).status_code == 302
    assert "Habitante d’essai" in client.get(reverse("people:own_data")).content.decode()
    waiting = Suggestion.objects.get(idempotency_key="key-3")
    settle(moderator, waiting, "accept")
    assert "Atelier vélo" in Client().get("/atlas/?q=velo").content.decode()
    sent = Client().post("/atlas/fiche/1/signaler/wrong/", {"message": "Le numéro a changé.", "form_key": "après"})
    assert sent.status_code == 302 and Client().get(sent["Location"]).status_code == 200
    client.force_login(moderator, backend="maillage.core.people.backend.ByCode")
    assert client.get("/atlas/bureau/").status_code == 200


@pytest.mark.django_db
def test_the_journal_is_intact_and_somebody_can_be_erased(upgraded: Upgraded) -> None:
    from maillage.core.journal.actions import seal_new_lines
    from maillage.core.journal.queries import verify
    from maillage.core.people.queries import person_reached_by
    from maillage.core.privacy.actions import erase, export_of

    verdict = verify(upgraded.manifest.journal_digest)
    assert verdict.is_intact and verdict.sealed_lines > 20 and verdict.unsealed_lines
    person = person_reached_by("habitante@example.org")[0]
    assert person is not None and export_of(person)
    erase(person)
    assert person_reached_by("habitante@example.org")[0] is None
    assert seal_new_lines() and verify(upgraded.manifest.journal_digest).is_intact


@pytest.mark.parametrize("release", releases())
def test_no_migration_of_a_release_changed_or_went(release: str) -> None:
    recorded = migrations_of(release)
    assert len(recorded) >= 22
    assert not faults_of(recorded, migrations_now())


def test_a_migration_that_changed_or_went_is_noticed() -> None:
    recorded = migrations_of(releases()[0])
    first, second, *_others = recorded
    now = {name: digest for name, digest in migrations_now().items() if name != second} | {first: "another"}
    told = faults_of(recorded, now)
    assert [one.split(";")[0] for one in told] == [f"{second} is gone", f"{first} was changed"]
    assert all("a new migration" in one for one in told)
    assert not faults_of(recorded, migrations_now() | {"maillage/core/people/migrations/0099_later.py": "new"})


def test_releases_are_told_and_small() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    told = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert releases()[0] == "0.1.0" and set(releases()) <= set(told) and version in told
    for path in FOLDER.glob(f"*/{DIGESTS}"):
        assert sum(one.stat().st_size for one in Path(path.parent).iterdir()) < 300_000
