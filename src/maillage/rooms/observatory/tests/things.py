"""Things described, made up for tests: plain values, no table."""

from __future__ import annotations

from maillage.core.observed import ObservedThing
from maillage.rooms.observatory.reliefs.rules import groups_of, rules_with
from maillage.rooms.observatory.reliefs.snapshot import Snapshot, snapshot_of

GROUPS = groups_of(rules_with([]))


def thing(
    number: int = 1, /, *, territories: tuple[str, ...] = (), source: str = "essai", **facets: str
) -> ObservedThing:
    """A thing; `facets` are codes apart by spaces."""
    return ObservedThing(
        room="essai",
        id=number,
        name=f"Chose {number}",
        url=f"/choses/{number}/",
        source=source,
        facets={name: tuple(values.split()) for name, values in facets.items() if values},
        territories=territories,
    )


def taken(*things: ObservedThing) -> Snapshot:
    """A snapshot of these."""
    return snapshot_of(things)


def many(count: int, start: int = 1, /, **facets: str) -> list[ObservedThing]:
    """Several alike."""
    return [thing(start + number, **facets) for number in range(count)]
