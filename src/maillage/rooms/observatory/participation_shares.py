"""Shares of those who took part beside shares of the people: who is missing, how surely; weights, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.weights.margins import Fault, FaultKind, Margin, MarginsRefusedError, collapse_of, collapsed
from maillage.kernels.weights.raking import Outcome, rake
from maillage.kernels.weights.shares import design_effect, effective_size, wilson
from maillage.rooms.observatory.participation_margins import KnownMargin
from maillage.rooms.observatory.participation_questions import QUESTIONS

LIMITS = (0.2, 5.0)  # nobody counts for more than five times, or less than a fifth of, the mean
LEAST_WEIGHED = 30  # people below which no weight is computed
Verdict = Literal["missing", "many", "alike", "hidden"]
Profiles = Mapping[tuple[str, tuple[str, ...]], int]  # (channel, answers) → people


@dataclass(frozen=True)
class Compared:
    """One group: people, their share among those who answered, the share in the population, the difference in points.

    All None where a count is hidden. `low` and `high` bound the share (Wilson, 95 %), and the difference when the population's
    share is taken from both; where the source bounds that too, the widest is kept.
    """

    question: str
    answers: tuple[str, ...]
    people: int | None
    share: float | None
    low: float | None
    high: float | None
    population: float
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    verdict: Verdict


def compared(margin: KnownMargin, counts: Sequence[int | None], whole: int | None) -> list[Compared]:
    """The groups of a margin beside those who took part; a hidden count gives a line without figures."""
    lines = []
    for at, group in enumerate(margin.groups):
        count = counts[at]
        if count is None or not whole:
            none = (None,) * 4
            lines.append(Compared(margin.question, group, *none, margin.shares[at], None, None, None, "hidden"))
            continue
        low, high = wilson(count / whole, whole)
        known = margin.shares[at]
        least = low - (margin.highs[at] if margin.highs[at] is not None else known)  # type: ignore[operator]
        most = high - (margin.lows[at] if margin.lows[at] is not None else known)  # type: ignore[operator]
        verdict: Verdict = "missing" if most < 0 else "many" if least > 0 else "alike"
        share = count / whole
        lines.append(
            Compared(margin.question, group, count, share, low, high, known, share - known, least, most, verdict)
        )
    return lines


@dataclass(frozen=True)
class Merged:
    """Two groups counted as one for the weights, because nobody (or nobody in the population) was in the first."""

    question: str
    group: tuple[str, ...]
    into: tuple[str, ...]


@dataclass(frozen=True)
class Weighing:
    """Weights of mean 1 and what they cost; `why_not` says why there are none ("" when there are)."""

    people: int
    why_not: str = ""
    faults: tuple[Fault, ...] = ()
    margins: tuple[str, ...] = ()
    merged: tuple[Merged, ...] = ()
    smallest: float = 0.0
    largest: float = 0.0
    at_low: int = 0
    at_high: int = 0
    effective_size: float = 0.0
    design_effect: float = 0.0
    passes: int = 0


@dataclass(frozen=True)
class Weighed:
    """The weights themselves, one for each (channel, answers) of the profiles in their order."""

    weighing: Weighing
    weights: NDArray[np.float64]


def weigh(profiles: Profiles, margins: Sequence[KnownMargin]) -> Weighed:
    """Rake the people to the margins, within LIMITS; what stands against it is told, never raised.

    Who did not answer a question, or whose answer the margin does not know, keeps their part of the sample in that margin: its
    target is their own share, and the others share the rest as the population does.
    """
    people = np.array(list(profiles.values()), np.float64)
    total = int(people.sum())
    nothing = Weighed(Weighing(total), np.ones(len(people)))
    if not margins:
        return _without(nothing, "no_margin")
    if total < LEAST_WEIGHED:
        return _without(nothing, "too_few")
    made, merged = [], []
    for one in margins:
        margin, notes = _filled(_margin(profiles, one, people), one, people)
        merged += notes
        if margin is not None:
            made.append(margin)
    if not made:
        return _without(nothing, "no_margin", merged=merged)
    try:
        raked = rake(made, people, limits=LIMITS)
    except MarginsRefusedError as refused:
        return _without(nothing, "refused", refused.faults, merged)
    if raked.outcome is not Outcome.CONVERGED:
        fault = Fault(FaultKind.CONTRADICTION, raked.worst[0], raked.worst[1], raked.gap, 0.0)
        return _without(nothing, raked.outcome.value, (fault,), merged)
    weights = raked.weights / people
    each = np.repeat(weights, people.astype(int))
    low, high = LIMITS
    return Weighed(
        Weighing(
            people=total,
            margins=tuple(one.name for one in made),
            merged=tuple(merged),
            smallest=float(weights.min()),
            largest=float(weights.max()),
            at_low=int((each <= low * (1 + 1e-9)).sum()),
            at_high=int((each >= high * (1 - 1e-9)).sum()),
            effective_size=effective_size(each),
            design_effect=design_effect(each),
            passes=raked.passes,
        ),
        weights,
    )


def _without(nothing: Weighed, why: str, faults: Sequence[Fault] = (), merged: Sequence[Merged] = ()) -> Weighed:
    return replace(nothing, weighing=replace(nothing.weighing, why_not=why, faults=tuple(faults), merged=tuple(merged)))


def _margin(profiles: Profiles, known: KnownMargin, people: NDArray[np.float64]) -> Margin:
    """Codes of the profiles in a margin; the last category holds those whom it does not know, if any."""
    place = next(at for at, one in enumerate(QUESTIONS) if one.code == known.question)
    table = {code: at for at, group in enumerate(known.groups) for code in group}
    beyond = len(known.groups)
    codes = np.array([table.get(said[place], beyond) for _channel, said in profiles], np.int64)
    total = float(people.sum())
    unknown = float(people[codes == beyond].sum())
    targets = np.array(known.shares) * (total - unknown)
    return Margin(known.question, codes, np.append(targets, unknown) if unknown else targets, is_ordered=False)


def _filled(margin: Margin, known: KnownMargin, people: NDArray[np.float64]) -> tuple[Margin | None, list[Merged]]:
    """The margin without empty groups: each is merged with another one, said in the notes; None when one group is left."""
    groups = list(known.groups)
    notes: list[Merged] = []
    is_ordered = next(one.is_ordered for one in QUESTIONS if one.code == known.question)
    while len(groups) > 1:
        sums = np.bincount(margin.codes, people, margin.size)
        bad = [at for at in range(len(groups)) if (sums[at] == 0) != (margin.targets[at] == 0)]
        if not bad:
            return margin, notes
        known_only = np.where(margin.codes < len(groups), people, 0.0)  # those who did not answer are no neighbour
        into = collapse_of(replace(margin, is_ordered=is_ordered), bad[0], known_only)
        if into is None:
            return None, notes
        notes.append(Merged(known.question, groups[bad[0]], groups[into]))
        margin = collapsed(margin, bad[0], into)
        low, high = sorted((bad[0], into))
        groups[low] = (*groups[low], *groups.pop(high))
    return None, notes


def weighted_share(
    profiles: Profiles, weights: NDArray[np.float64], question: str, answers: tuple[str, ...]
) -> float | None:
    """The share of some answers among those who answered, each counted by their weight; None when nobody did."""
    place = next(at for at, one in enumerate(QUESTIONS) if one.code == question)
    people = np.array(list(profiles.values()), np.float64) * weights
    said = np.array([bool(one[place]) for _channel, one in profiles], bool)
    given = np.array([one[place] in answers for _channel, one in profiles], bool)
    whole = float(people[said].sum())
    return float(people[given].sum()) / whole if whole else None
