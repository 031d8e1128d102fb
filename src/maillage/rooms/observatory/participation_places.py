"""Where to go and meet those who are missing: places and initiatives with somebody there, nearest to them first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maillage.core.observed import ObservedThing, observed_things
from maillage.rooms.observatory.participation_questions import answer_of
from maillage.rooms.observatory.participation_shares import Compared

ACCOMPANIED = ("accompanied", "central")  # codes of the glossary: somebody helps there, or that is what it is for
NEARNESS = {"in": 0, "near": 1}
GONE = "closed"


@dataclass(frozen=True)
class MeetingPlace:
    """A thing of the atlas (or of any room that describes things) and why it is proposed."""

    thing: ObservedThing
    publics: tuple[str, ...]  # those among the missing that it is open to
    has_mediation: bool
    qpv: str  # in, near, or "" for elsewhere and unknown


def publics_of(missing: Iterable[Compared]) -> tuple[str, ...]:
    """Publics of the glossary where the missing people can be met."""
    found: dict[str, None] = {}
    for one in missing:
        for code in one.answers:
            answer = answer_of(one.question, code)
            found |= dict.fromkeys(answer.needs if answer else ())
    return tuple(found)


def meeting_places(territory: str, publics: Iterable[str]) -> list[MeetingPlace]:
    """Things of a territory, open to these publics or with human help; in a QPV first, then near one, then by name.

    Without any public named: those with human help. A thing said to be closed is left out.
    """
    wanted = set(publics)
    found = []
    for thing in observed_things():
        if (territory and territory not in thing.territories) or GONE in thing.facets.get("status", ()):
            continue
        own = tuple(code for code in thing.facets.get("public", ()) if code in wanted)
        has_mediation = any(code in ACCOMPANIED for code in thing.facets.get("mediation", ()))
        if own or has_mediation:
            qpv = min(thing.facets.get("in_qpv", ()), key=lambda one: NEARNESS.get(one, 9), default="")
            found.append(MeetingPlace(thing, own, has_mediation, qpv if qpv in NEARNESS else ""))
    return sorted(found, key=_order)


def _order(one: MeetingPlace) -> tuple[int, int, int, str, int]:
    return NEARNESS.get(one.qpv, 9), -len(one.publics), -one.has_mediation, one.thing.name.casefold(), one.thing.id
