"""Margins: what the indicators say of a territory's people, by the categories of the questions. No table is read here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from maillage.rooms.observatory.participation_questions import questions
from maillage.rooms.observatory.queries_indicators import Figure

SOURCE = Path(__file__).parent / "participation_margins.yaml"
TOTALS_APART = 0.05  # two margins that count people apart by more do not count the same people


@dataclass(frozen=True)
class Category:
    """Answers counted together, and where their people are counted."""

    answers: tuple[str, ...]
    counts: tuple[str, ...] = ()
    rate: str = ""
    is_rest: bool = False


@dataclass(frozen=True)
class Recipe:
    """How the margin of a question is had from indicators."""

    question: str
    categories: tuple[Category, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Indicators it needs."""
        return tuple(code for one in self.categories for code in (*one.counts, *([one.rate] if one.rate else [])))


@dataclass(frozen=True)
class KnownMargin:
    """Shares (0 to 1, adding up to 1) of a territory's people; `low` and `high` where the source gives them."""

    question: str
    groups: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    lows: tuple[float | None, ...]
    highs: tuple[float | None, ...]
    people: float | None
    vintage: int
    generation: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class MarginFault:
    """Why a margin that is loaded is not used, in words."""

    question: str
    why: str


@cache
def recipes() -> tuple[Recipe, ...]:
    """The file, checked: every question and answer must exist, and at most one category of a recipe be the rest."""
    read = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["recipes"]
    made = tuple(_recipe(one) for one in read)
    for one in made:
        answers = [code for category in one.categories for code in category.answers]
        if not set(answers) <= set(questions()[one.question].codes) or len(answers) != len(set(answers)):
            raise ValueError(f"{SOURCE.name}: answers of {one.question}")
        if sum(category.is_rest for category in one.categories) > 1 or _is_mixed(one):
            raise ValueError(f"{SOURCE.name}: categories of {one.question}")
    return made


def _recipe(row: dict[str, Any]) -> Recipe:
    return Recipe(
        row["question"],
        tuple(
            Category(tuple(one["answers"]), tuple(one.get("counts", ())), one.get("rate", ""), bool(one.get("rest")))
            for one in row["categories"]
        ),
    )


def _is_mixed(recipe: Recipe) -> bool:
    has_counts = {bool(one.counts) for one in recipe.categories}
    return len(has_counts) > 1


def codes_needed() -> list[str]:
    """Every indicator that a recipe may use."""
    return sorted({code for one in recipes() for code in one.codes})


def margins_from(
    figures: Iterable[Figure], *, generation: str = "", vintage: int | None = None
) -> tuple[list[KnownMargin], list[MarginFault]]:
    """The margins of one territory from its figures: one vintage and one generation each, the newest complete one.

    With a generation, figures of another one are refused by name. A margin that cannot be used is told as a fault.
    """
    rows = [one for one in figures if vintage is None or one.vintage == vintage]
    found: dict[str, KnownMargin] = {}
    faults: dict[str, MarginFault] = {}
    for recipe in recipes():
        if recipe.question in found:
            continue
        margin = _margin_of(recipe, rows, generation)
        if isinstance(margin, KnownMargin):
            found[recipe.question] = margin
        elif margin is not None:
            faults.setdefault(recipe.question, margin)
    kept, apart = _same_people(list(found.values()))
    return kept, [*(one for question, one in faults.items() if question not in found), *apart]


def _margin_of(recipe: Recipe, rows: Sequence[Figure], generation: str) -> KnownMargin | MarginFault | None:
    needed = set(recipe.codes)
    sets: dict[tuple[int, str], dict[str, Figure]] = {}
    for row in rows:
        if row.indicator in needed:
            sets.setdefault((row.vintage, row.generation), {}).setdefault(row.indicator, row)
    complete = {key: known for key, known in sets.items() if set(known) == needed}
    right = {key: known for key, known in complete.items() if key[1] in ("", generation)}
    if complete and not right:
        said = ", ".join(sorted({key[1] for key in complete}))
        return MarginFault(
            recipe.question,
            _("les chiffres sont ceux des quartiers de %(year)s, pas de ce territoire") % {"year": said},
        )
    if not right:
        return None
    key = max(right)
    return _shares(recipe, right[key], key)


def _shares(recipe: Recipe, known: dict[str, Figure], key: tuple[int, str]) -> KnownMargin | MarginFault:
    if recipe.categories[0].counts:
        values: list[float | None] = [sum(known[code].value for code in one.counts) for one in recipe.categories]
        whole = sum(value for value in values if value is not None)
    else:
        values = [None if one.is_rest else known[one.rate].value for one in recipe.categories]
        stated = sum(value for value in values if value is not None)
        whole = 100.0
        if None not in values and abs(stated - 100) > 1:
            why = _("les parts font %(sum)s %% au lieu de 100 %%") % {"sum": f"{stated:.1f}".replace(".", ",")}
            return MarginFault(recipe.question, why)
        whole = 100.0 if None in values else stated
        values = [100 - stated if value is None else value for value in values]
    numbers = [float(value or 0) for value in values]
    if whole <= 0:
        return MarginFault(recipe.question, _("la population chargée est nulle"))
    if min(numbers) < 0:
        return MarginFault(recipe.question, _("une part est négative, ou les parts dépassent 100 %"))
    bounds = [_bounds(one, known) for one in recipe.categories]
    return KnownMargin(
        question=recipe.question,
        groups=tuple(one.answers for one in recipe.categories),
        shares=tuple(number / whole for number in numbers),
        lows=tuple(low for low, _high in bounds),
        highs=tuple(high for _low, high in bounds),
        people=whole if recipe.categories[0].counts else None,
        vintage=key[0],
        generation=key[1],
        codes=recipe.codes,
    )


def _bounds(category: Category, known: dict[str, Figure]) -> tuple[float | None, float | None]:
    if not category.rate:
        return None, None
    figure = known[category.rate]
    low = None if figure.low is None else figure.low / 100
    return low, None if figure.high is None else figure.high / 100


def _same_people(margins: list[KnownMargin]) -> tuple[list[KnownMargin], list[MarginFault]]:
    """Margins that count the same number of people as the first that counts; shares without a number go with any."""
    first = next((one.people for one in margins if one.people), None)
    kept, faults = [], []
    for one in margins:
        if first and one.people and abs(one.people - first) > TOTALS_APART * first:
            numbers = {"found": round(one.people), "wanted": round(first)}
            why = _("cette marge compte %(found)s personnes, la première %(wanted)s") % numbers
            faults.append(MarginFault(one.question, why))
        else:
            kept.append(one)
    return kept, faults
