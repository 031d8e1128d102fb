"""The page of participation made ready for its template: words beside figures, widths of the drawings. No figure is made here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.core.places.queries import territory_names
from maillage.rooms.observatory import participation_words as words
from maillage.rooms.observatory.participation_cubes import Cubes, Scope
from maillage.rooms.observatory.participation_questions import label_of, questions
from maillage.rooms.observatory.participation_shares import Compared
from maillage.rooms.observatory.participation_summary import CountLine, ParticipationSummary, QuestionLines

WIDTH = 200  # of the drawing of a share, in its own units: 2 for each percent
MONTHS_SHOWN = 12
CHOICES_SHOWN = 300


@dataclass(frozen=True)
class Line:
    """A line of a table of counts: label, count as shown, the address of the rows behind it."""

    label: str
    count: str
    url: str


def address(name: str, scope: Scope, **more: str) -> str:
    """The address of a page of participation for a scope."""
    asked = {"territoire": scope.territory, "piece": scope.room, "canal": scope.channel, **more}
    kept = {key: value for key, value in asked.items() if value}
    return reverse(f"observatory:{name}") + (f"?{urlencode(kept)}" if kept else "")


def page_of(found: ParticipationSummary) -> dict[str, Any]:
    """Everything the template shows."""
    scope = found.scope
    return {
        "sentence": words.first_sentence(found),
        "missing": [words.missing_sentence(one) for one in found.missing],
        "tables": list(_tables(found)),
        "questions": [_question(one, scope) for one in found.questions if one.said != 0],
        "weighing": found.weighing,
        "weighing_sentence": words.weighing_sentence(found.weighing),
        "weighing_notes": [
            *(words.merged_sentence(one) for one in found.weighing.merged),
            *(words.fault_sentence(one) for one in found.weighing.faults),
            *(words.margin_fault_sentence(one) for one in found.margin_faults),
        ],
        "weighed_on": words.joined(_(questions()[one].short) for one in found.weighing.margins),
        "has_margins": any(one.groups for one in found.questions),
        "has_people": found.people != 0,
        "is_empty": found.acts == 0 and found.people == 0,
        "rows_url": address("participation_rows", scope),
        "csv_url": address("participation_rows_csv", scope),
        "places_url": address("participation_places", scope),
        "declare_url": address("participation_declare", scope),
        "held": found.held,
        "odd": found.odd,
    }


def _tables(found: ParticipationSummary) -> Iterator[dict[str, Any]]:
    """Contributions by channel, month, place and room; a table of one line says nothing more than the total."""
    scope = found.scope
    months = tuple(one for one in found.by_month if one.count != 0)[:MONTHS_SHOWN]

    def place_name(code: str) -> str:
        return words.place_name(code, found.place_names)

    kinds = (
        ("canal", _("Par quelle voie"), found.by_channel, words.channel_name, "canal"),
        ("mois", _("Par mois"), months, words.month_name, "mois"),
        ("lieu", _("Par commune ou arrondissement"), found.by_place, place_name, "lieu"),
        ("piece", _("À quoi"), found.by_room, words.room_name, "piece"),
    )  # fmt: skip
    for code, title, lines, name, key in kinds:
        if lines and (code != "piece" or len(lines) > 1):
            yield {"code": code, "title": title, "lines": [_line(one, name(one.code), scope, key) for one in lines]}


def _line(one: CountLine, label: str, scope: Scope, key: str) -> Line:
    return Line(label, words.count(one.count), address("participation_rows", scope, quoi="actes", **{key: one.code}))


def _question(one: QuestionLines, scope: Scope) -> dict[str, Any]:
    code = one.question.code
    channels = [channel for channel, _share in one.answers[0].without]
    return {
        "code": code,
        "title": _(one.question.short),
        "said": words.count(one.said),
        "rows_url": address("participation_rows", scope, quoi="personnes", question=code),
        "groups": [_group(group) for group in one.groups],
        "source": one.margin,
        "sources": ", ".join(one.margin.codes) if one.margin else "",
        "answers": [
            {
                "label": label_of(code, line.code), "people": words.count(line.people), "share": words.percent(line.share),
                "weighted": words.percent(line.weighted) if line.weighted is not None else "—",
                "without": [words.percent(share) for _channel, share in line.without],
            }
            for line in one.answers
            if line.people != 0
        ],
        "has_weights": any(line.weighted is not None for line in one.answers),
        "channels": [words.channel_name(channel) for channel in channels] if len(channels) > 1 else [],
    }  # fmt: skip


def _group(one: Compared) -> dict[str, Any]:
    """A line of the comparison, with where its drawing begins and ends."""
    return {
        "label": words.group_name(one.question, one.answers),
        "people": words.count(one.people),
        "share": words.percent(one.share),
        "population": words.percent(one.population),
        "difference": words.points(one.difference),
        "between": words.between(one),
        "verdict": one.verdict,
        "word": words.verdict_word(one),
        "drawn": one.share is not None,
        "low_x": round(WIDTH * (one.low or 0), 1),
        "wide": round(WIDTH * ((one.high or 0) - (one.low or 0)), 1),
        "share_x": round(WIDTH * (one.share or 0), 1),
        "population_x": round(WIDTH * one.population, 1),
    }  # fmt: skip


@dataclass(frozen=True)
class CellRow:
    """A row behind the figures, as the page and the file show it; only counts that are not hidden."""

    what: str
    room: str
    channel: str
    place: str
    month: str
    question: str
    answer: str
    people: int


@dataclass(frozen=True)
class RowChoice:
    """Which rows are asked for; "" of each is all."""

    what: str = ""
    month: str = ""
    place: str = ""
    question: str = ""


def cell_rows(
    cubes: Cubes, above: Mapping[str, tuple[str, ...]], scope: Scope, choice: RowChoice
) -> tuple[list[CellRow], int]:
    """Rows of the finest counts of a scope, and how many more are hidden."""
    rows: list[CellRow] = []
    hidden = 0
    for what, cells in (("actes", _act_cells(cubes)), ("personnes", _people_cells(cubes))):
        if choice.what not in ("", what):
            continue
        for cut, place, cell, count in cells:
            if not _is_asked(what, (cut, place, cell), scope, choice, above):
                continue
            if count is None:
                hidden += 1
            elif count:
                rows.append(_row(what, (cut, place, cell), count))
    return rows, hidden


Cell = tuple[str, str, str]


def _act_cells(cubes: Cubes) -> Iterator[tuple[str, str, str, int | None]]:
    cuts, places = cubes.acts.axes
    for cut in cuts.leaves:
        for place in places.leaves:
            yield cut, place, "", cubes.acts.at(cut, place)


def _people_cells(cubes: Cubes) -> Iterator[tuple[str, str, str, int | None]]:
    """People by answer for each place: all of them, then by channel and by room."""
    cuts, places, cells = cubes.people.axes
    for cut in ("", *cuts.leaves):
        for place in places.leaves:
            for cell in cells.leaves:
                yield cut, place, cell, cubes.people.at(cut, place, cell)


def _is_asked(what: str, cell: Cell, scope: Scope, choice: RowChoice, above: Mapping[str, tuple[str, ...]]) -> bool:
    cut, place, value = cell
    wanted = f"mois:{choice.month}" if choice.month else scope.cut
    if (choice.place and place != choice.place) or not _is_under(place, scope.territory, above):
        return False
    if what == "personnes" and choice.question not in ("", value.partition("=")[0]):
        return False
    return cut == wanted if wanted or what == "personnes" else True


def _is_under(place: str, territory: str, above: Mapping[str, tuple[str, ...]]) -> bool:
    own = place.rstrip("*")
    held = own.removeprefix("autour:").split("+") if own.startswith("autour:") else above.get(own, ())
    return not territory or territory == own or territory in held


def _row(what: str, cell: Cell, count: int) -> CellRow:
    cut, place, value = cell
    kind, _sign, code = cut.partition(":")
    question, _sign, answer = value.partition("=")
    return CellRow(
        what=what,
        room=code if kind == "piece" else "",
        channel=code if kind == "voie" else "",
        place=place,
        month=code if kind == "mois" else "",
        question=question,
        answer=answer,
        people=count,
    )


def place_choices(cubes: Cubes, chosen: str) -> list[tuple[str, str]]:
    """Territories that something is counted in, for the form of the page: codes and names."""
    known = {value.rstrip("*") for cube in (cubes.acts, cubes.people) for value in cube.axes[1].values} | set(
        cubes.towns
    )
    codes = {one for one in known if ":" in one and not one.startswith("autour:")}
    names = territory_names(codes | ({chosen} if chosen else set()))
    kinds = {"region": 0, "departement": 1, "epci": 2, "commune": 3, "arrondissement": 4}
    found = sorted(names.items(), key=lambda pair: (kinds.get(pair[0].partition(":")[0], 9), pair[1].casefold()))
    return found[:CHOICES_SHOWN]
