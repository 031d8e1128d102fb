"""The two tables behind every figure of participation: acts by month, people by what they said. Small counts hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from maillage.rooms.observatory.participation_cells import Axis, Cube, cube_of, named_axis, tree_axis
from maillage.rooms.observatory.participation_margins import recipes
from maillage.rooms.observatory.participation_questions import QUESTIONS, UNSAID, Question
from maillage.rooms.observatory.queries_participation import Gathered

Groups = tuple[tuple[str, ...], ...]


LEAST_OF_A_TOWN = 30  # people below which a town's answers are counted with those of its neighbours


@dataclass(frozen=True)
class Scope:
    """What is looked at: "" of each is everything. A room and a channel are not crossed: their counts would be too small."""

    room: str = ""
    channel: str = ""
    territory: str = ""

    @property
    def cut(self) -> str:
        """Name of the part of the people that the room or the channel makes."""
        return channel_cut(self.channel) if self.channel else room_cut(self.room) if self.room else ""


def channel_cut(code: str) -> str:
    """Name of those who came by a channel."""
    return f"voie:{code}"


def room_cut(code: str) -> str:
    """Name of those who took part in a room."""
    return f"piece:{code}"


def month_cut(code: str) -> str:
    """Name of what came in a month."""
    return f"mois:{code}"


@dataclass(frozen=True)
class Cubes:
    """Acts by cut (channel, room or month) and place; people by cut (channel or room), place and answer.

    `towns` are the leaves of the people's places: a town with too few is in "autour:…", the rest of what holds it.
    """

    acts: Cube
    people: Cube
    towns: Mapping[str, str]

    def cuts(self, start: str) -> list[str]:
        """Codes of the cuts of a kind ("voie:", "piece:", "mois:") in either table."""
        found = {*self.acts.axes[0].leaves, *self.people.axes[0].leaves}
        return sorted(one.removeprefix(start) for one in found if one.startswith(start))

    def acts_at(self, scope: Scope, cut: str | None = None) -> int | None:
        """Acts of a scope (or of another cut of its territory); None is hidden."""
        return self.acts.at(scope.cut if cut is None else cut, scope.territory)

    def people_at(self, scope: Scope, cell: str = "", cut: str | None = None) -> int | None:
        """People of a scope; `cell` is a name made by the functions below. Those of a town with too few are hidden."""
        is_apart = self.towns.get(scope.territory, scope.territory) == scope.territory
        if not is_apart and scope.territory not in self.people.axes[1].values:
            return None
        return self.people.at(scope.cut if cut is None else cut, scope.territory, cell)


def answer_cell(question: str, answers: tuple[str, ...]) -> str:
    """Name of the count of some answers of a question."""
    return f"{question}={'|'.join(answers)}"


def said_cell(question: str) -> str:
    """Name of the count of those who answered a question."""
    return f"{question}=+"


def compared_cell(question: str, groups: Groups) -> str:
    """Name of the count of those whose answer a margin knows."""
    inside = {code for group in groups for code in group}
    whole = tuple(code for code in _answers(question) if code in inside)
    return said_cell(question) if whole == _answers(question) else answer_cell(question, whole)


def _answers(question: str) -> tuple[str, ...]:
    return next(one.codes for one in QUESTIONS if one.code == question)


def cubes_of(found: Gathered) -> Cubes:
    """Both tables of what was gathered; kept in this process as long as nothing new came."""
    counters = tuple(frozenset(one.items()) for one in (found.acts, found.people, found.tallies))
    key = hash((*counters, tuple(sorted(found.above.items()))))
    if key not in _kept:
        towns = _towns(found)
        made = Cubes(_acts(found), _people(found, towns), towns)
        _kept.clear()
        _kept[key] = made
        return made
    return _kept[key]


_kept: dict[int, Cubes] = {}


def _acts(found: Gathered) -> Cube:
    rows = [
        ((cut, place), count)
        for (room, _kind, channel, month, place), count in found.acts.items()
        for cut in (channel_cut(channel), room_cut(room), month_cut(month))
    ]
    places = _places(found, {place for (_cut, place), _count in rows})
    leaves = set(places.leaves)
    return cube_of(
        (_cuts({cut for (cut, _place), _count in rows}), places),
        (((cut, _leaf(place, leaves)), count) for (cut, place), count in rows),
    )


def _people(found: Gathered, towns: Mapping[str, str]) -> Cube:
    rows = list(_answers_given(found, towns))
    places = _places(found, {place for (_cut, place, _cell), _count in rows})
    leaves = set(places.leaves)
    return cube_of(
        (_cuts({cut for (cut, _place, _cell), _count in rows}), places, answers_axis()),
        (((cut, _leaf(place, leaves), cell), count) for (cut, place, cell), count in rows),
    )


def _cuts(names: set[str]) -> Axis:
    """Channels, rooms and months: as many ways to cut the same whole."""
    kinds = sorted({name.partition(":")[0] for name in names})
    leaves = sorted(names)
    return named_axis(
        leaves, [("", [one for one in leaves if one.startswith(f"{kind}:")]) for kind in kinds] or [("", [])]
    )


def _towns(found: Gathered) -> dict[str, str]:
    """Under which name the people of each town are counted: its own, or the rest of what holds it."""
    people: Counter[str] = Counter()
    for (_room, _channel, place, _said), count in found.people.items():
        people[place] += count
    for (_room, _channel, place, asked, _code), count in found.tallies.items():
        people[place] += 0 if asked else count
    holding = {one for place in people for one in found.above.get(place, ())}
    rest = {place: (*([place] if place in holding else []), *found.above.get(place, ())) for place in people}
    return {
        place: place if count >= LEAST_OF_A_TOWN else f"autour:{'+'.join(rest[place])}"
        for place, count in people.items()
    }


def _places(found: Gathered, places: set[str]) -> Axis:
    """A town that holds districts (Lyon) may also be named itself: its own rows then are a leaf "commune:…*" under it."""
    above = {one: _held_by(found, one) for one in places}
    holding = {place for own in above.values() for place in own}
    leaves = {}
    for one, own in above.items():
        leaves[f"{one}*" if one in holding else one] = (*own, *([one] if one in holding else []))
    return tree_axis(leaves)


def _held_by(found: Gathered, place: str) -> tuple[str, ...]:
    if place.startswith("autour:"):
        return tuple(one for one in place.removeprefix("autour:").split("+") if one)
    return found.above.get(place, ())


def _leaf(place: str, leaves: set[str]) -> str:
    return place if place in leaves else f"{place}*"


def _answers_given(found: Gathered, towns: Mapping[str, str]) -> Iterator[tuple[tuple[str, str, str], int]]:
    """Each person once for each question (their answer, or that they gave none) and for each way to cut."""
    for (room, channel, place, said), count in found.people.items():
        for question, code in zip(QUESTIONS, said, strict=True):
            for cut in (channel_cut(channel), room_cut(room)):
                yield (cut, towns[place], answer_cell(question.code, (code or UNSAID,))), count
    for (room, channel, place, asked, code), count in found.tallies.items():
        for cut in (channel_cut(channel), room_cut(room)) if asked else ():
            yield (cut, towns[place], answer_cell(asked, (code or UNSAID,))), count


def answers_axis() -> Axis:
    """Every count of people that a page may show, and what sums to what: answers, groups of a margin, all who answered."""
    leaves: list[str] = []
    sums: list[tuple[str, list[str]]] = []
    for question in QUESTIONS:
        leaves += [answer_cell(question.code, (code,)) for code in (*question.codes, UNSAID)]
        sums += _sums_of(question)
    return named_axis(leaves, sums, (one for one in leaves if one.endswith(f"={UNSAID}")))


def _sums_of(question: Question) -> Iterator[tuple[str, list[str]]]:
    code = question.code
    said, unsaid = said_cell(code), answer_cell(code, (UNSAID,))
    wholes: dict[str, list[str]] = {}
    for recipe in recipes():
        if recipe.question != code:
            continue
        groups = tuple(one.answers for one in recipe.categories)
        yield from ((answer_cell(code, group), _cells(code, group)) for group in groups if len(group) > 1)
        whole = compared_cell(code, groups)
        parts = [answer_cell(code, group) for group in groups]
        if whole == said:
            yield said, parts
        elif whole not in wholes:
            wholes[whole] = parts
            yield whole, parts
            outside = [one for one in question.codes if all(one not in group for group in groups)]
            yield said, [whole, *_cells(code, outside)]
    yield said, _cells(code, question.codes)
    yield "", [said, unsaid]


def _cells(question: str, answers: Iterable[str]) -> list[str]:
    return [answer_cell(question, (one,)) for one in answers]


def in_scope(found: Gathered, scope: Scope) -> dict[tuple[str, tuple[str, ...]], int]:
    """People of a scope by channel and answers, whose answers are still together (not yet folded into tallies)."""
    kept: dict[tuple[str, tuple[str, ...]], int] = {}
    for (room, channel, place, said), count in found.people.items():
        inside = not scope.territory or scope.territory == place or scope.territory in found.above.get(place, ())
        if inside and scope.cut in ("", channel_cut(channel), room_cut(room)):
            kept[channel, said] = kept.get((channel, said), 0) + count
    return kept
