"""Weights against R's survey, against a published table, against a slow twin, and against bad margins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.weights import raking
from maillage.kernels.weights.margins import FaultKind, Margin, MarginsRefusedError, collapse_of, collapsed
from maillage.kernels.weights.raking import Outcome, Stop, rake
from maillage.kernels.weights.tests.twin import slow_rake

CASES = json.loads((Path(__file__).parent / "reference" / "cases.json").read_text(encoding="utf-8"))["cases"]
# D. Friedlander, "A technique for estimating a contingency table, given the marginal totals and some supplementary data",
# JRSS A 124 (1961), as Bishop, Fienberg and Holland (1975) and the manual of SAS/IML give it: women by age and status.
WOMEN = [[1306, 83, 0], [619, 765, 3], [263, 1194, 9], [173, 1372, 28], [171, 1393, 51], [159, 1372, 81], [208, 1350, 108],
         [1116, 4100, 2329]]  # fmt: skip
WOMEN_BY_AGE = [1412, 1402, 1450, 1541, 1681, 1532, 1662, 7644]
WOMEN_BY_STATUS = [3988, 11702, 2634]
WOMEN_FITTED = [[1325.27, 86.73, 0], [615.56, 783.39, 3.05], [253.94, 1187.18, 8.88], [165.13, 1348.55, 27.32],
                [173.41, 1454.71, 52.87], [147.21, 1308.12, 76.67], [202.33, 1352.28, 107.40],
                [1105.16, 4181.04, 2357.81]]  # fmt: skip


def margins_of(case: dict[str, Any]) -> list[Margin]:
    pairs = zip(case["codes"], case["targets"], strict=True)
    return [
        Margin(f"m{at}", np.array(codes, int), np.array(targets, float)) for at, (codes, targets) in enumerate(pairs)
    ]


def margin(name: str, codes: list[int], targets: list[float], **rest: Any) -> Margin:
    return Margin(name, np.array(codes), np.array(targets, float), **rest)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_weights_are_those_of_r(case: dict[str, Any]) -> None:
    raked = rake(margins_of(case), np.array(case["base"]))
    assert raked.outcome is Outcome.CONVERGED
    np.testing.assert_allclose(raked.weights, case["weights"], rtol=1e-10)


@pytest.mark.parametrize("case", [one for one in CASES if "bounds" in one], ids=lambda case: case["name"])
def test_weights_within_limits_are_those_of_r(case: dict[str, Any]) -> None:
    raked = rake(margins_of(case), np.array(case["base"]), limits=tuple(case["bounds"]))
    assert raked.outcome is Outcome.CONVERGED and raked.at_low and raked.at_high
    np.testing.assert_allclose(raked.weights, case["bounded"], rtol=1e-10)


def test_persons_one_by_one_are_raked_as_their_profiles_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raking, "MOST_CELLS", 0)
    for case in CASES:
        raked = rake(margins_of(case), np.array(case["base"]))
        np.testing.assert_allclose(raked.weights, case["weights"], rtol=1e-10)


def test_a_published_table() -> None:
    rows, columns = np.indices((8, 3))
    margins = [Margin("age", rows.ravel(), np.array(WOMEN_BY_AGE, float)),
               Margin("status", columns.ravel(), np.array(WOMEN_BY_STATUS, float))]  # fmt: skip
    raked = rake(margins, np.ravel(WOMEN).astype(float))
    np.testing.assert_allclose(raked.weights.reshape(8, 3), WOMEN_FITTED, atol=0.005)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(2, 4), min_size=1, max_size=4), st.booleans())
def test_the_twin_finds_the_same(seed: int, sizes: list[int], with_limits: bool) -> None:
    rng = np.random.default_rng(seed)
    n = 40
    codes = [np.concatenate([np.arange(size), rng.integers(0, size, n - size)]) for size in sizes]
    base = rng.uniform(0.5, 2, n)
    truth = base * rng.uniform(0.8, 1.25, n)  # somebody's weights meet these margins, so they can be met
    targets = [np.bincount(code, truth, size) for code, size in zip(codes, sizes, strict=True)]
    margins = [Margin(str(at), code, target) for at, (code, target) in enumerate(zip(codes, targets, strict=True))]
    raked = rake(margins, base, limits=(0.01, 100.0) if with_limits else None)
    assert raked.outcome is Outcome.CONVERGED
    slow = slow_rake([one.tolist() for one in codes], [one.tolist() for one in targets], base.tolist(), passes=200)
    np.testing.assert_allclose(raked.weights, slow, rtol=1e-8)


def test_limits_hold_and_margins_too() -> None:
    case = CASES[1]
    base = np.array(case["base"])
    margins = margins_of(case)
    raked = rake(margins, base, limits=(0.6, 1.9))
    ratios = raked.weights / base / (margins[0].targets.sum() / base.sum())
    assert ratios.min() >= 0.6 - 1e-12 and ratios.max() <= 1.9 + 1e-12
    assert raked.at_low == (ratios < 0.6 + 1e-9).sum() and raked.at_high == (ratios > 1.9 - 1e-9).sum()
    for one in margins:
        np.testing.assert_allclose(np.bincount(one.codes, raked.weights), one.targets, rtol=1e-10)


def test_somebody_without_weight_keeps_none() -> None:
    raked = rake([margin("a", [0, 0, 1, 1], [30, 70])], np.array([1.0, 0, 1, 1]))
    assert raked.weights.tolist() == [30, 0, 35, 35]


def refused(*margins: Margin, **rest: Any) -> list[tuple[FaultKind, str, int]]:
    with pytest.raises(MarginsRefusedError) as caught:
        rake(margins, **rest)
    return [(one.kind, one.margin, one.category) for one in caught.value.faults]


def test_what_no_weights_can_meet_is_refused_with_its_reason() -> None:
    two = margin("a", [0, 0, 1, 1], [50, 50])
    assert refused(margin("a", [0, 0, 2, 2], [40, 10, 50])) == [(FaultKind.EMPTY, "a", 1)]
    assert refused(margin("a", [0, 1, 1, 1], [100, 0])) == [(FaultKind.NO_POPULATION, "a", 1)]
    assert refused(two, margin("b", [0, 1, 0, 1], [50, 60])) == [(FaultKind.TOTALS, "b", -1)]
    assert refused(margin("a", [0, 1, 1, 1], [90, 10]), limits=(0.5, 2)) == [
        (FaultKind.LIMITS, "a", 0),
        (FaultKind.LIMITS, "a", 1),
    ]
    all_in = refused(two, margin("b", [0, 0, 1, 2], [30, 30, 40]))
    assert (FaultKind.CONTRADICTION, "a", 0) in all_in and (FaultKind.CONTRADICTION, "b", 1) not in all_in


def test_everybody_in_one_category_is_an_empty_category_elsewhere() -> None:
    assert refused(margin("a", [1, 1, 1], [40, 60])) == [(FaultKind.EMPTY, "a", 0)]


def test_margins_that_contradict_three_by_three_do_not_converge_and_say_where() -> None:
    # Each pair agrees; together they ask the two persons who are in no last category to be fewer than none.
    codes = [[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]]
    margins = [margin(str(at), code, [40.0, 60.0]) for at, code in enumerate(codes)]
    margins.append(margin("all", [0, 0, 0, 1], [99.0, 1.0]))
    raked = rake(margins)
    assert raked.outcome is Outcome.STALLED and raked.gap > 0.1 and raked.worst[0] in {"0", "1", "2", "all"}


def test_too_few_passes_are_said() -> None:
    raked = rake(margins_of(CASES[1]), stop=Stop(passes=2))
    assert raked.outcome is Outcome.UNFINISHED and raked.passes == 2 and raked.gap > 1e-12


def test_one_person_carries_everybody() -> None:
    raked = rake([margin("a", [0], [1234.0])])
    assert raked.weights.tolist() == [1234.0] and raked.outcome is Outcome.CONVERGED


@pytest.mark.parametrize(
    "bad",
    [
        [],
        [margin("a", [], [1])],
        [margin("a", [0, 2], [1, 1])],
        [margin("a", [0, -1], [1, 1])],
        [margin("a", [0, 1], [1, -1])],
        [margin("a", [0, 1], [1, float("nan")])],
        [margin("a", [0, 1], [0, 0])],
        [margin("a", [0, 1], [1, 1]), margin("b", [0], [2])],
        [Margin("a", np.array([0.0, 1.0]), np.array([1.0, 1.0]))],  # type: ignore[arg-type]
    ],
)
def test_arrays_that_mean_nothing_are_refused(bad: list[Margin]) -> None:
    with pytest.raises(ValueError, match="."):
        rake(bad)


@pytest.mark.parametrize("base", [[1.0], [1.0, -1.0], [0.0, 0.0], [1.0, float("inf")]])
def test_base_weights_that_mean_nothing_are_refused(base: list[float]) -> None:
    with pytest.raises(ValueError, match="base weights?"):
        rake([margin("a", [0, 1], [1, 1])], np.array(base))


def test_an_empty_category_is_merged_with_the_neighbour_that_holds_fewest() -> None:
    ages = margin("age", [0, 0, 2, 3], [40, 10, 30, 20], is_ordered=True)
    assert collapse_of(ages, 1, np.ones(4)) == 2
    assert collapse_of(margin("home", [0, 0, 2, 3], [40, 10, 30, 20]), 1, np.ones(4)) == 3
    mended = collapsed(ages, 1, 2)
    assert mended.targets.tolist() == [40, 40, 20] and mended.codes.tolist() == [0, 0, 1, 2]
    assert rake([mended]).outcome is Outcome.CONVERGED
    assert collapse_of(margin("a", [0], [1, 1]), 0, np.ones(1)) is None
