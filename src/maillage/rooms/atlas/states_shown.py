"""Entries, proposals and revisions as pages show them: values by field, differences word by word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maillage.core.moderation.texts import Piece, word_differences
from maillage.rooms.atlas.models import Entry, Place, Revision
from maillage.rooms.atlas.proposal import NAMES_OF_ENTRY, NAMES_OF_PLACE, Proposal, label_of, words_of

NOT_SHOWN = ("commune_code",)  # the commune is shown by its name


def entry_values(entry: Entry) -> dict[str, Any]:
    """The fields of an entry that people may change, as they stand."""
    return {name: getattr(entry, name) for name in NAMES_OF_ENTRY}


def place_values(place: Place | None) -> dict[str, Any]:
    """The same for a place; empty without one."""
    return {name: getattr(place, name) for name in NAMES_OF_PLACE} if place else {}


def place_at(entry: Entry, position: int | None) -> Place | None:
    """The place of an entry by its position."""
    if position is None:
        return None
    return next((place for place in entry.places.all() if place.position == position), None)


@dataclass(frozen=True)
class DifferenceRow:
    """One field of a difference; `stale` tells that it is no longer what the person had before their eyes."""

    name: str
    label: str
    before: str
    after: str
    pieces: tuple[Piece, ...]
    stale: bool = False
    seen: str = ""


def _row(name: str, now: Any, proposed: Any, seen: Any = None, *, was_seen: bool = False) -> DifferenceRow:
    before, after = words_of(name, now), words_of(name, proposed)
    stale = was_seen and words_of(name, seen) != before
    return DifferenceRow(
        name, label_of(name), before, after, tuple(word_differences(before, after)), stale, words_of(name, seen)
    )


def proposal_rows(proposal: Proposal, entry: Entry | None) -> list[DifferenceRow]:
    """What a proposal would change in an entry as it stands now; all of it for a new one."""
    now = entry_values(entry) if entry else {}
    place_now = place_values(place_at(entry, proposal.place_position)) if entry else {}
    parts = (
        (NAMES_OF_ENTRY, proposal.entry, now, proposal.before_entry),
        (NAMES_OF_PLACE, proposal.place, place_now, proposal.before_place),
    )
    return [
        _row(name, current.get(name), proposed[name], seen.get(name), was_seen=name in seen)
        for names, proposed, current, seen in parts
        for name in names
        if name in proposed and name not in NOT_SHOWN
    ]


def revision_rows(revision: Revision) -> list[DifferenceRow]:
    """What a revision changed; places are opened field by field."""
    rows: list[DifferenceRow] = []
    for change in revision.changes:
        name, before, after = change["field"], change.get("before"), change.get("after")
        if name == "places":
            rows += _place_rows(before or [], after or [])
        elif words_of(name, before) != words_of(name, after):
            rows.append(_row(name, before, after))
    return rows


def _place_rows(before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]) -> Iterable[DifferenceRow]:
    for position in range(max(len(before), len(after))):
        old = before[position] if position < len(before) else {}
        new = after[position] if position < len(after) else {}
        for name in dict.fromkeys([*old, *new]):
            if name not in NOT_SHOWN and words_of(name, old.get(name)) != words_of(name, new.get(name)):
                yield _row(name, old.get(name), new.get(name))
