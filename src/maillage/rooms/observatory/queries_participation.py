"""Reads of who took part: acts and declarations of all rooms, gathered and counted; nothing personal comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from maillage.core.observed import Participation, participations
from maillage.core.places.models import Territory
from maillage.rooms.observatory.models_participation import ParticipationDeclaration, ParticipationTally
from maillage.rooms.observatory.participation_margins import codes_needed
from maillage.rooms.observatory.participation_questions import QUESTIONS, answer_of
from maillage.rooms.observatory.queries_indicators import Figure, figures

NOWHERE = "?"
COARSE = ("commune", "arrondissement")
DECLARED = "declaration"
Said = tuple[str, ...]  # one answer for each of QUESTIONS, "" where none


@dataclass
class Gathered:
    """Counts of acts and of people who said something, by room, channel, month and coarse territory."""

    acts: Counter[tuple[str, str, str, str, str]] = field(default_factory=Counter)  # room, kind, channel, month, place
    people: Counter[tuple[str, str, str, Said]] = field(default_factory=Counter)  # room, channel, place, answers
    tallies: Counter[tuple[str, str, str, str, str]] = field(
        default_factory=Counter
    )  # room, channel, place, question, answer
    odd: int = 0  # answers or places that are none of ours: counted here, left out of the rest
    held: int = 0
    above: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def gathered() -> Gathered:
    """Everything that the installed rooms tell of, with the tallies of old declarations; a scan of all of it."""
    found = Gathered()
    for one in participations():
        _take(found, one)
    for row in ParticipationTally.objects.order_by("pk").iterator(chunk_size=2000):
        found.tallies[row.room, row.channel, row.territory, row.question, row.answer] += row.people
    held = ParticipationDeclaration.objects.filter(is_held=True).order_by().values_list("people", flat=True)
    found.held = sum(held)
    places = [*(key[4] for key in found.acts), *(key[2] for key in found.people), *(key[2] for key in found.tallies)]
    found.above = _above(places)
    return found


def _take(found: Gathered, one: Participation) -> None:
    place = one.territory if one.territory.partition(":")[0] in COARSE else NOWHERE
    if one.kind != DECLARED:
        found.acts[one.room, one.kind, one.channel, one.month, place] += 1
    if not one.attributes:
        return
    said = tuple(one.attributes.get(question.code, "") for question in QUESTIONS)
    known = tuple(
        code if not code or answer_of(question.code, code) else ""
        for question, code in zip(QUESTIONS, said, strict=True)
    )
    unknown = set(one.attributes) - {question.code for question in QUESTIONS}
    found.odd += len(unknown) + sum(before != after for before, after in zip(said, known, strict=True))
    if any(known):
        found.people[one.room, one.channel, place, known] += 1


def _above(places: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What holds each commune or arrondissement; nothing for a place that no loaded territory is."""
    wanted = sorted(set(places))
    codes = [place.partition(":")[2] for place in wanted]
    rows = Territory.objects.filter(kind__in=COARSE, code__in=codes).order_by("pk")
    known = {f"{kind}:{code}": tuple(above) for kind, code, above in rows.values_list("kind", "code", "parent_codes")}
    return {place: known.get(place, ()) for place in wanted}


def declared() -> Iterator[Participation]:
    """Declarations that count, one for each person: the observatory's own `participants`, named in its manifest."""
    rows = ParticipationDeclaration.objects.filter(is_held=False).order_by("pk")
    for row in rows.iterator(chunk_size=2000):
        said = {one.code: str(getattr(row, one.code)) for one in QUESTIONS if getattr(row, one.code)}
        person = Participation(row.room, DECLARED, row.channel, row.month, row.territory, said)
        for _person in range(row.people):
            yield person


def margin_figures(territory: str) -> list[Figure]:
    """Every figure of a territory that a margin may be made of."""
    kind = territory.partition(":")[0]
    return figures(codes_needed(), kind=kind, territories=[territory]) if kind else []
