"""The study's conclusions put to the test: a small description of a computation, and a criterion that gives the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.core.web.wording import number
from maillage.kernels.crosstab import tally
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, STATED, known_values
from maillage.rooms.observatory.reliefs.snapshot import Condition, Groups, Snapshot

SOURCE = Path(__file__).parent / "conclusions.yaml"
MIN_BASE = 10

Verdict = Literal["agrees", "differs", "untestable"]
Conditions = tuple[Condition, ...]


@dataclass(frozen=True)
class Conclusion:
    """A conclusion of the study in our words, by language, and how it is tested."""

    code: str
    pages: tuple[int, ...]
    texts: Mapping[str, str]
    cautions: Mapping[str, str]
    is_circular: bool
    test: Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A number, the number it is a part of (None for none), the rank it has, and the conditions that open both."""

    count: int
    conditions: Conditions
    base: int | None = None
    base_conditions: Conditions = ()
    rank: int | None = None

    @property
    def share(self) -> float | None:
        """The part, from 0 to 1; None without a base."""
        return self.count / self.base if self.base else None


@dataclass(frozen=True)
class ConclusionResult:
    """What became of one conclusion. `criterion` and `reason` are sentences in the reader's language."""

    code: str
    pages: tuple[int, ...]
    statement: str
    statement_language: str
    caution: str
    is_circular: bool
    figures: tuple[Figure, ...]
    criterion: str
    verdict: Verdict
    reason: str = ""


@cache
def all_conclusions() -> tuple[Conclusion, ...]:
    """The conclusions of the file; raises KeyError or ValueError on a fault."""
    rows = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return tuple(conclusion_in(row) for row in rows)


def conclusion_in(row: Mapping[str, Any]) -> Conclusion:
    """One record of the file, checked."""
    if row["test"]["kind"] not in _TESTS:
        raise ValueError(f"{row['code']}: no test is called {row['test']['kind']}")
    cautions = {key.removeprefix("caution_"): text for key, text in row.items() if key.startswith("caution_")}
    texts = {language: row[language] for language in ("fr", "en")}
    return Conclusion(row["code"], tuple(row["pages"]), texts, cautions, bool(row.get("circular")), row["test"])


def judged(conclusion: Conclusion, snapshot: Snapshot, groups: Groups) -> ConclusionResult:
    """The figures and the verdict of one conclusion, over these things and rules."""
    language = get_language() or "fr"
    outcome = _TESTS[conclusion.test["kind"]](conclusion.test, _Counter(snapshot, groups))
    return ConclusionResult(
        code=conclusion.code,
        pages=conclusion.pages,
        statement=conclusion.texts.get(language, conclusion.texts["fr"]),
        statement_language=language if language in conclusion.texts else "fr",
        caution=conclusion.cautions.get(language, conclusion.cautions.get("fr", "")),
        is_circular=conclusion.is_circular,
        figures=outcome.figures,
        criterion=outcome.criterion,
        verdict=outcome.verdict,
        reason=outcome.reason,
    )


@dataclass(frozen=True)
class _Outcome:
    figures: tuple[Figure, ...]
    criterion: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class _Counter:
    snapshot: Snapshot
    groups: Groups

    def count(self, conditions: Conditions) -> int:
        """Things that meet the conditions."""
        return int(self.snapshot.mask(conditions, self.groups).sum())

    def part(self, test: Mapping[str, Any], among: Conditions) -> Figure:
        """Those with `with` among those of `among`, the dimension of `stated` being filled in."""
        if stated := test.get("stated"):
            among = (*among, Condition(stated, (STATED,)))
        conditions = (*among, *_conditions(test["with"]))
        return Figure(self.count(conditions), conditions, self.count(among), among)


def _conditions(given: Mapping[str, Sequence[str]]) -> Conditions:
    for code, values in given.items():
        unknown = [one for one in values if one not in known_values(code)]
        if unknown:
            raise ValueError(f"{code}: {unknown} are no values")
    return tuple(Condition(code, tuple(values)) for code, values in given.items())


def _verdict(is_so: bool, base: int) -> tuple[Verdict, str]:
    if base < MIN_BASE:
        return "untestable", _("Moins de %(least)s fiches : trop peu pour conclure.") % {"least": MIN_BASE}
    return ("agrees" if is_so else "differs"), ""


def _share(test: Mapping[str, Any], counter: _Counter) -> _Outcome:
    figure = counter.part(test, _conditions(test["among"]))
    share = figure.share or 0.0
    if "at_least" in test:
        limit, is_so = test["at_least"], share >= test["at_least"]
        criterion = _("D’accord si cette part atteint %(limit)s %%.") % {"limit": percent(limit)}
    else:
        limit, is_so = test["at_most"], share <= test["at_most"]
        criterion = _("D’accord si cette part ne dépasse pas %(limit)s %%.") % {"limit": percent(limit)}
    verdict, reason = _verdict(is_so, figure.base or 0)
    return _Outcome((figure,), criterion, verdict, reason)


def _ranks(test: Mapping[str, Any], counter: _Counter) -> _Outcome:
    among, code = _conditions(test["among"]), test["dimension"]
    column = counter.snapshot.column(code, counter.groups)
    counts = dict(zip(column.values, tally(column, counter.snapshot.mask(among, counter.groups)).tolist(), strict=True))
    from_top = "top" in test
    ranks = {
        value: 1 + sum(other > count if from_top else other < count for other in counts.values())
        for value, count in counts.items()
    }
    base = counter.count(among)
    figures = tuple(
        Figure(counts[value], (*among, Condition(code, (value,))), base, among, ranks[value])
        for value in test["values"]
    )
    limit = test["top"] if from_top else test["bottom"]
    names = {"limit": limit, "of": len(counts), "dimension": DIMENSIONS[code].label}
    sentence = (
        _("D’accord si le rang est au plus %(limit)s sur %(of)s, du plus fréquent au moins fréquent.")
        if from_top
        else _("D’accord si le rang est au plus %(limit)s sur %(of)s, du moins fréquent au plus fréquent.")
    )
    verdict, reason = _verdict(all(ranks[value] <= limit for value in test["values"]), base)
    return _Outcome(figures, sentence % names, verdict, reason)


def _more(test: Mapping[str, Any], counter: _Counter) -> _Outcome:
    sides = [_conditions(test[side]) for side in ("first", "second")]
    figures = tuple(Figure(counter.count(one), one) for one in sides)
    criterion = _("D’accord si le premier nombre est plus grand que le second.")
    verdict, reason = _verdict(figures[0].count > figures[1].count, figures[0].count + figures[1].count)
    return _Outcome(figures, criterion, verdict, reason)


def _contrast(test: Mapping[str, Any], counter: _Counter) -> _Outcome:
    figures = tuple(counter.part(test, _conditions(test[side])) for side in ("nowhere", "somewhere"))
    criterion = _("D’accord si le premier nombre est zéro et le second non.")
    verdict, reason = _verdict(
        figures[0].count == 0 and figures[1].count > 0, min(figure.base or 0 for figure in figures)
    )
    return _Outcome(figures, criterion, verdict, reason)


def _none(test: Mapping[str, Any], _counter: _Counter) -> _Outcome:
    language = get_language() or "fr"
    return _Outcome((), "", "untestable", test.get(f"why_{language}", test["why_fr"]))


_TESTS = {"share": _share, "ranks": _ranks, "more": _more, "contrast": _contrast, "none": _none}


def percent(share: float) -> str:
    """A part from 0 to 1 as people write it, without its sign: 12,5."""
    value = round(share * 100, 1)
    return number(int(value) if value == int(value) else value)
