"""The read model says what the tables say: after any change, in any order of commits, in every process."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from maillage.core.readmodel import live
from maillage.core.readmodel.changes import forget
from maillage.core.readmodel.files import generation_of, opened
from maillage.rooms.atlas import queries, readmodel
from maillage.rooms.atlas.facets import facet_counts
from maillage.rooms.atlas.filters import FACETS, Filters, filters_from
from maillage.rooms.atlas.models import Entry, Place
from maillage.rooms.atlas.readmodel import ENTRIES
from maillage.rooms.atlas.readmodel_pages import metres_of, squared_chord_of
from maillage.rooms.atlas.tests.makers import at, make_entry

pytestmark = pytest.mark.django_db(transaction=True)

QUESTIONS = (
    "", "theme=rights", "theme=rights&theme=culture&etat=active", "public=everyone", "q=atelier", "q=attelier&theme=rights",
    "bbox=4.8,45.7,4.9,45.8", "bbox=170,-20,-170,20", "territoire=commune:69259", "lon=4.85&lat=45.75", "tri=recent",
    "lon=4.85&lat=45.75&theme=culture&q=maison", "q=maison&tri=nom", "lon=179.99&lat=0&bbox=170,-20,-170,20",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: object, transactional_db: None) -> Iterator[None]:
    settings.HOME, before = tmp_path, settings.HOME  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        # Left by a test before; while another process writes for long, it would make every newer snapshot look lost.
        cursor.execute("DELETE FROM readmodel_floor")
    ENTRIES.let_go()
    yield
    ENTRIES.let_go()
    settings.HOME = before  # type: ignore[attr-defined]


def folder() -> Path:
    (found,) = (settings.HOME / "readmodel").glob("*/entries")
    return Path(found)


def some_entries(count: int, seed: int = 1) -> list[Entry]:
    rng = random.Random(seed)
    made = []
    for number in range(count):
        spots = rng.choice([0, 1, 1, 1, 3])
        places = tuple(
            at(rng.choice([4.8, 4.85, 179.95, -179.95]) + rng.random() / 25, rng.choice([45.7, 45.75, 0.0]) + rng.random() / 25)
            for _ in range(spots)
        )  # fmt: skip
        made.append(
            make_entry(
                f"{rng.choice(['Atelier', 'Maison', 'Écluse'])} {number % 7}",
                places=places,
                themes=rng.sample(["rights", "culture", "training"], rng.randint(0, 2)),
                publics=["everyone"] if rng.random() < 0.5 else [],
                status=rng.choice(["active", "closed"]),
            )
        )
    Entry.objects.filter(pk__in=[one.pk for one in made[::3]]).update(territories=["commune:69259", "epci:200046977"])
    return made


def slow_order(filters: Filters) -> list[int]:
    """The list by the obvious way: every matching entry, sorted in Python."""
    rows = list(queries.with_places(queries.matching(filters).order_by("pk")))

    def away(entry: Entry) -> float:
        found = queries._nearest_m(entry, filters)
        return 1e9 if found is None else found

    if filters.order() == "distance":
        rows.sort(key=lambda one: (away(one), one.pk))
    elif filters.order() == "recent":
        rows.sort(key=lambda one: (one.modified_at, one.pk), reverse=True)
    elif filters.order() == "nom":
        rows.sort(key=lambda one: (bytes(one.sort_key), one.pk))
    else:
        return sorted(one.pk for one in rows)
    return [one.pk for one in rows]


def check_everything() -> None:
    for question in QUESTIONS:
        filters = filters_from(QueryDict(question))
        expected = slow_order(filters)
        listed: list[int] = []
        cursor = ""
        while True:
            page = queries.page_of(filters, cursor, 4)
            assert page.total == len(expected), question
            listed += [one.pk for one in page.entries]
            cursor = page.next_cursor
            if not cursor:
                break
        assert len(listed) == len(set(listed)), question
        assert (sorted(listed) if filters.order() == "pertinence" else listed) == expected, question
        for name, (field, many, _facet) in FACETS.items():
            rest = queries.matching(filters.without(name, "") if name not in filters.chosen else without(filters, name))
            tally: Counter[str] = Counter()
            for value in rest.order_by("pk").values_list(field, flat=True):
                tally.update(set(value) if many else [value] if value else [])
            counted = {one.value: one.count for one in facet_counts(filters)[name] if one.count}
            assert counted == dict(tally), (question, name)


def without(filters: Filters, name: str) -> Filters:
    for value in filters.chosen[name]:
        filters = filters.without(name, value)
    return filters


def test_lists_totals_and_facets_equal_the_tables_after_every_kind_of_change() -> None:
    made = some_entries(40)
    check_everything()
    generation = generation_of(folder())
    assert generation
    some_entries(5, seed=2)
    made[0].delete()
    Entry.objects.filter(pk=made[1].pk).update(is_published=False)
    Entry.objects.filter(pk__in=[one.pk for one in made[2:9]]).update(
        themes=["housing", "rights"], modified_at=timezone.now()
    )
    Place.objects.filter(entry=made[10]).delete()
    check_everything()
    with connection.cursor() as cursor:  # not by the product's own code
        cursor.execute("UPDATE atlas_entry SET status = 'planned', is_published = true WHERE id = %s", [made[1].pk])
        cursor.execute("UPDATE search_searchdocument SET vector = to_tsvector('maillage_fr', 'atelier') WHERE object_id = %s",
                       [made[12].pk])  # fmt: skip
    check_everything()
    for number in range(live.LAYERS + 3):  # the small parts become one
        Entry.objects.filter(pk=made[20 + number].pk).update(publics=["young_people"])
        assert len(readmodel.view().laid) <= live.LAYERS
    check_everything()
    assert generation_of(folder()) == generation, "the changes are laid over, not read again whole"
    ENTRIES.rebuild()
    assert generation_of(folder()) != generation
    check_everything()
    assert len(readmodel.view().laid) == 1


def other_session() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor})


def statuses() -> list[str]:
    view = readmodel.view()
    return sorted(
        readmodel.first_value(one.part, "status", row)
        for one in view.laid
        for row in range(len(one.part))
        if one.alive is None or one.alive[row]
    )


def test_a_transaction_that_began_first_and_commits_last_is_not_missed() -> None:
    first, second = make_entry("Un", status="active"), make_entry("Deux", status="active")
    assert statuses() == ["active", "active"]
    with other_session() as early, other_session() as late:
        early.execute("UPDATE atlas_entry SET status = 'closed' WHERE id = %s", [first.pk])
        late.execute("UPDATE atlas_entry SET status = 'planned' WHERE id = %s", [second.pk])
        late.commit()
        assert statuses() == ["active", "planned"]
        ENTRIES.rebuild()  # the base is read while the early one is still open
        assert statuses() == ["active", "planned"]
        early.commit()
    assert statuses() == ["closed", "planned"]
    ENTRIES.let_go()  # another process, that opens the same files
    assert statuses() == ["closed", "planned"]


def test_what_is_rolled_back_was_seen_by_its_own_transaction_only() -> None:
    entry = make_entry("Un", status="active")
    assert statuses() == ["active"]
    with transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(status="closed")
        make_entry("Deux", status="planned")
        assert statuses() == ["closed", "planned"]
        assert queries.page_of(filters_from(QueryDict("q=deux"))).total == 1
        transaction.set_rollback(True)
    assert statuses() == ["active"]
    assert queries.page_of(filters_from(QueryDict("q=deux"))).total == 0


def test_an_emptied_table_is_seen() -> None:
    make_entry("Un")
    assert len(readmodel.view()) == 1
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE atlas_entry CASCADE")
    assert len(readmodel.view()) == 0


def test_the_folder_can_be_deleted_at_any_time() -> None:
    make_entry("Un")
    assert len(readmodel.view()) == 1
    shutil.rmtree(settings.HOME / "readmodel")
    make_entry("Deux")
    assert len(readmodel.view()) == 2
    assert generation_of(folder())


def test_what_was_read_from_a_database_long_gone_is_removed() -> None:
    old, recent = (settings.HOME / "readmodel" / name / "entries" for name in ("old", "recent"))
    for path in (old, recent):
        path.mkdir(parents=True)
    for path in (old, old.parent):
        os.utime(path, (0, 0))
    make_entry("Un")
    assert len(readmodel.view()) == 1
    assert recent.exists() and not old.parent.exists()


def test_changes_forgotten_by_the_log_are_not_missed_by_a_process_that_slept() -> None:
    entry = make_entry("Un", status="active")
    assert statuses() == ["active"]
    asleep = ENTRIES._held
    assert asleep is not None
    Entry.objects.filter(pk=entry.pk).update(status="closed")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        assert forget("entries", cursor.fetchone()[0], after="0 seconds") > 0
        cursor.execute("SELECT count(*) FROM readmodel_change WHERE layer = 'entries'")
        assert cursor.fetchone()[0] == 0
    assert statuses() == ["closed"]


def test_the_worker_rebuilds_when_changes_are_many_only(monkeypatch: pytest.MonkeyPatch) -> None:
    make_entry("Un")
    assert ENTRIES.rebuild_if_worth_it() == 1  # there was none
    make_entry("Deux")
    assert ENTRIES.rebuild_if_worth_it() is None
    monkeypatch.setattr(live, "WORTH_A_REBUILD", 1)
    assert ENTRIES.rebuild_if_worth_it() == 2


def test_distances_go_both_ways() -> None:
    for metres in (0.0, 1.0, 777.0, 1e6, 2e7):
        assert metres_of(squared_chord_of(metres)) == pytest.approx(metres, abs=1e-6)
    assert np.isfinite(metres_of(4.0))


READER = """
import sys, time
import django
django.setup()
from maillage.rooms.atlas import readmodel, facets
from maillage.rooms.atlas.filters import Filters
last = None
while True:
    counts = {one.value: one.count for one in facets.facet_counts(Filters())["etat"]}
    if counts != last:
        print(sorted(counts.items()), flush=True)
        last = counts
    time.sleep(0.05)
"""
DYING = """
import os, signal
import django
django.setup()
from maillage.core.readmodel import files
from maillage.rooms.atlas.readmodel import ENTRIES
def killed(path, text):
    os.kill(os.getpid(), signal.SIGKILL)
files._write = killed  # every column is written, nothing says so yet
ENTRIES.rebuild()
"""


def process(code: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "maillage.house.settings",
        "MAILLAGE_DATABASE_NAME": connection.settings_dict["NAME"],
    }
    # The server is that of the session's home; the files are this test's.
    code = f"from django.conf import settings\nfrom pathlib import Path\nsettings.HOME = Path({str(settings.HOME)!r})\n{code}"
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def said(reader: subprocess.Popen[str]) -> str:
    assert reader.stdout is not None
    return reader.stdout.readline().strip()


def test_two_processes_see_a_change_within_five_seconds() -> None:
    entry = make_entry("Un", status="active")
    readers = [process(READER), process(READER)]
    try:
        assert [said(one) for one in readers] == ["[('active', 1)]"] * 2
        begun = time.monotonic()
        Entry.objects.filter(pk=entry.pk).update(status="closed")
        assert [said(one) for one in readers] == ["[('closed', 1)]"] * 2
        assert time.monotonic() - begun < 5
    finally:
        for one in readers:
            one.kill()
            one.wait()
            assert one.stdout is not None
            one.stdout.close()


def test_a_rebuild_that_is_killed_leaves_the_old_one_and_no_lock() -> None:
    make_entry("Un", status="active")
    assert statuses() == ["active"]
    before = generation_of(folder())
    make_entry("Deux", status="closed")
    dying = process(DYING)
    assert dying.wait(timeout=60) == -signal.SIGKILL
    assert dying.stdout is not None
    dying.stdout.close()
    left = [path for path in folder().iterdir() if path.is_dir()]
    assert len(left) == 2, "the killed one had begun to write"
    assert generation_of(folder()) == before
    found = opened(folder(), ENTRIES.version)
    assert found is not None and len(found[1]) == 1
    ENTRIES.let_go()
    assert statuses() == ["active", "closed"]
    assert ENTRIES.rebuild() == 2  # the lock died with its holder
    assert generation_of(folder()) != before
    assert statuses() == ["active", "closed"]
