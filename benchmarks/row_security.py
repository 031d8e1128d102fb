"""What it costs that PostgreSQL hides personal rows: 100,000 suggestions read as their people may, and as one who sees all.

    python benchmarks/row_security.py [--rows 100000] [--turns 40]

One JSON line per question: its p50 in milliseconds with the rules at work, and its peer, the same code seeing everything.
In a database of its own beside the one that the settings name, dropped at the end.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import django
from atlas_tiles import say

if TYPE_CHECKING:
    from maillage.rooms.atlas.queries_desk import DeskFilters

FILL = """
INSERT INTO atlas_suggestion (kind, payload, message, code, idempotency_key, channel, sheet_reference, answer_by, answer_to,
                              language, territories, appeal, created_at, state, decision_reason)
SELECT 'new', '{"entry": {"name": "Un lieu proposé"}}', '', lpad(to_hex(i), 10, '0'), md5(i::text) || md5((i + 1)::text), 'web',
       '', '', '', 'fr', CASE WHEN i % 50 = 0 THEN ARRAY['commune:69259'] ELSE ARRAY['commune:69029'] END, '',
       now() - i * interval '1 minute', CASE WHEN i % 20 = 0 THEN 'proposed' ELSE 'published' END, ''
FROM generate_series(1, %s) i
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--turns", type=int, default=40)
    chosen = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.house.settings")
    django.setup()
    from maillage.core.engine.sight import set_sight_of_process
    from maillage.house.throwaway_databases import throwaway_database

    set_sight_of_process(everything=True)
    with throwaway_database("row_security"):
        measure(chosen.rows, chosen.turns)


def measure(rows: int, turns: int) -> None:
    """Each question, as who asks it."""
    from django.db import connection
    from django.utils import timezone

    from maillage.core.people.actions import add_person
    from maillage.rooms.atlas.queries_desk import desk_filters_from
    from maillage.rooms.atlas.queries_suggest import sent_before, suggestion_followed

    with connection.cursor() as cursor:
        cursor.execute(FILL.replace("%", "%%").replace("%%s", "%s"), [rows])
        cursor.execute("ANALYZE atlas_suggestion")
    desk = desk_filters_from({})
    people = {
        "desk of a commune": add_person("Une", email="une@example.org", role="moderator", territory="commune:69259"),
        "desk of an operator": add_person("Deux", email="deux@example.org", role="operator"),
    }
    facts = {"rows": rows, "turns": turns, "postgresql": connection.pg_version // 10_000}
    for question, person in people.items():
        compare(question, partial(desk_of, person.pk, desk), person.pk, facts)
    compare("a suggestion by its code", lambda: suggestion_followed("00000000ff"), None, facts)
    compare("a form sent before", lambda: sent_before("ab" * 32, timezone.now()), None, facts)
    told = p50(as_one(None, told_twice), turns * 5)
    say("telling the connection who looks, twice", p50_ms=told, **facts)


def desk_of(person_id: int, filters: DeskFilters) -> object:
    """The first page, with the person read anew: roles are kept with the object."""
    from maillage.core.people.models import Person
    from maillage.rooms.atlas.queries_desk import desk_page

    return desk_page(Person.objects.get(pk=person_id), filters)


def told_twice() -> None:
    """Nothing but the two statements that tell the connection."""
    from django.db import connection

    from maillage.core.engine.sight import seeing_everything

    with seeing_everything("a benchmark"):
        connection.cursor().close()
    connection.cursor().close()


def compare(question: str, ask: Callable[[], object], viewer: int | None, facts: dict[str, int]) -> None:
    """One line."""
    found = {"p50_ms": p50(as_one(viewer, ask), facts["turns"]), "p50_ms_seeing_everything": p50(ask, facts["turns"])}
    say(question, **found, **facts)


def as_one(viewer: int | None, ask: Callable[[], object]) -> Callable[[], object]:
    """The same within a request by this person."""
    from django.http import HttpRequest, HttpResponse

    from maillage.core.engine.sight import RowSecurity, look_as

    def view(_request: HttpRequest) -> HttpResponse:
        look_as(viewer)
        ask()
        return HttpResponse()

    return lambda: RowSecurity(view)(HttpRequest())


def p50(ask: Callable[[], object], turns: int) -> float:
    """Median, in milliseconds, after a first turn that is not counted."""
    ask()
    took = []
    for _turn in range(turns):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return round(sorted(took)[turns // 2] * 1000, 2)


if __name__ == "__main__":
    main()
