"""Who took part in a territory, as plain values: for the page, for the report, for the export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from maillage.core.places.queries import territory_names
from maillage.rooms.observatory.participation_cells import THRESHOLD
from maillage.rooms.observatory.participation_cubes import (
    Cubes,
    Scope,
    answer_cell,
    channel_cut,
    compared_cell,
    cubes_of,
    in_scope,
    said_cell,
)
from maillage.rooms.observatory.participation_margins import KnownMargin, MarginFault, margins_from
from maillage.rooms.observatory.participation_questions import QUESTIONS, Question
from maillage.rooms.observatory.participation_shares import Compared, Weighed, Weighing, compared, weigh, weighted_share
from maillage.rooms.observatory.queries_participation import Gathered, gathered, margin_figures


@dataclass(frozen=True)
class CountLine:
    """A count by channel, month, room or place; None is hidden (1 to 9, or what would tell such a count)."""

    code: str
    count: int | None


@dataclass(frozen=True)
class AnswerLine:
    """People who gave an answer, their share among those who answered, with weights, and without each channel."""

    code: str
    people: int | None
    share: float | None
    weighted: float | None
    without: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True)
class QuestionLines:
    """One question: how many answered, the answers, and the groups beside the population where a margin is known."""

    question: Question
    said: int | None
    answers: tuple[AnswerLine, ...]
    groups: tuple[Compared, ...]
    margin: KnownMargin | None


@dataclass(frozen=True)
class ParticipationSummary:
    """Everything the page of a territory shows; every count is either at least 10, or 0, or hidden (None)."""

    scope: Scope
    name: str
    acts: int | None
    by_room: tuple[CountLine, ...]
    by_channel: tuple[CountLine, ...]
    by_month: tuple[CountLine, ...]
    by_place: tuple[CountLine, ...]
    place_names: dict[str, str]
    people: int | None
    questions: tuple[QuestionLines, ...]
    weighing: Weighing
    margin_faults: tuple[MarginFault, ...]
    held: int
    odd: int

    @property
    def missing(self) -> tuple[Compared, ...]:
        """Groups surely fewer among participants than in the population, the largest lack first."""
        lines = [one for asked in self.questions for one in asked.groups if one.verdict == "missing"]
        return tuple(sorted(lines, key=lambda one: one.difference or 0))


def participation_summary(
    territory: str = "", *, room: str = "", channel: str = "", vintage: int | None = None
) -> ParticipationSummary:
    """Who took part in a territory ("kind:code", "" for everywhere), by one room or channel if asked; reads everything."""
    return summary_of(gathered(), Scope(room, channel, territory), vintage=vintage)


def summary_of(
    found: Gathered, scope: Scope, *, vintage: int | None = None, cubes: Cubes | None = None
) -> ParticipationSummary:
    """The same from what was gathered already."""
    tables = cubes or cubes_of(found)
    margins, faults = margins_from(margin_figures(scope.territory), vintage=vintage)
    profiles = in_scope(found, scope)
    weighed = _shown(weigh(profiles, margins), tables.people_at(scope), sum(profiles.values()))
    places = _places_under(found, scope, tables)
    asked = [
        _question(one, tables, scope, next((known for known in margins if known.question == one.code), None))
        for one in QUESTIONS
    ]
    if not weighed.weighing.why_not:
        asked = [_with_weights(one, profiles, weighed) for one in asked]
    return ParticipationSummary(
        scope=scope,
        name=territory_names([scope.territory]).get(scope.territory, scope.territory) if scope.territory else "",
        acts=tables.acts_at(scope),
        by_room=_cut_lines(tables, scope, "piece:"),
        by_channel=_cut_lines(tables, scope, "voie:"),
        by_month=tuple(sorted(_cut_lines(tables, scope, "mois:"), key=lambda one: one.code, reverse=True)),
        by_place=_lines((one, tables.acts_at(replace(scope, territory=one))) for one in places),
        place_names=territory_names(place.rstrip("*") for place in places),
        people=tables.people_at(scope),
        questions=tuple(asked),
        weighing=weighed.weighing,
        margin_faults=tuple(faults),
        held=found.held if found.held >= THRESHOLD else 0,
        odd=found.odd,
    )  # fmt: skip


def _cut_lines(tables: Cubes, scope: Scope, start: str) -> tuple[CountLine, ...]:
    """Contributions by channel, room or month: of the whole territory only, as cuts are not crossed."""
    if scope.cut:
        return ()
    return _lines((code, tables.acts_at(scope, f"{start}{code}")) for code in tables.cuts(start))


def _lines(pairs: Iterable[tuple[str, int | None]]) -> tuple[CountLine, ...]:
    """Largest first, hidden ones after, none at zero."""
    lines = [CountLine(code, count) for code, count in pairs if count != 0]
    return tuple(sorted(lines, key=lambda one: (one.count is None, -(one.count or 0), one.code)))


def _places_under(found: Gathered, scope: Scope, tables: Cubes) -> list[str]:
    """Communes and arrondissements inside the territory."""
    leaves = tables.acts.axes[1].leaves
    if not scope.territory:
        return list(leaves)
    inside = [one for one in leaves if scope.territory in (*found.above.get(one.rstrip("*"), ()), one.rstrip("*"))]
    return [one for one in inside if one != scope.territory]


def _question(question: Question, tables: Cubes, scope: Scope, margin: KnownMargin | None) -> QuestionLines:
    said = tables.people_at(scope, said_cell(question.code))
    groups: tuple[Compared, ...] = ()
    if margin is not None:
        counts = [tables.people_at(scope, answer_cell(question.code, group)) for group in margin.groups]
        whole = tables.people_at(scope, compared_cell(question.code, margin.groups))
        groups = tuple(compared(margin, counts, whole))
    answers = tuple(_answer(question.code, one, said, tables, scope) for one in question.codes)
    return QuestionLines(question, said, answers, groups, margin)


def _answer(question: str, code: str, said: int | None, tables: Cubes, scope: Scope) -> AnswerLine:
    cell = answer_cell(question, (code,))
    people = tables.people_at(scope, cell)
    share = people / said if people is not None and said else None
    without = []
    for channel in tables.cuts("voie:") if not scope.cut else ():
        cut = channel_cut(channel)
        if tables.people_at(scope, cut=cut) == 0:
            continue
        fewer, less = tables.people_at(scope, cell, cut), tables.people_at(scope, said_cell(question), cut)
        is_known = people is not None and said is not None and fewer is not None and less is not None and said > less
        without.append((channel, (people - fewer) / (said - less) if is_known else None))  # type: ignore[operator]
    return AnswerLine(code, people, share, None, tuple(without))


def _shown(weighed: Weighed, people: int | None, together: int) -> Weighed:
    """No figure of the weights where the number of people it is made of is hidden, or would be told by subtraction."""
    if people is None or 0 < people - together < THRESHOLD:
        return replace(weighed, weighing=Weighing(0, "hidden"))
    return weighed


def _with_weights(
    asked: QuestionLines, profiles: dict[tuple[str, tuple[str, ...]], int], weighed: Weighed
) -> QuestionLines:
    code = asked.question.code
    answers = tuple(
        replace(one, weighted=weighted_share(profiles, weighed.weights, code, (one.code,)))
        if one.share is not None
        else one
        for one in asked.answers
    )
    return replace(asked, answers=answers)
