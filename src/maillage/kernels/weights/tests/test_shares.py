"""Effective size, errors and intervals, against R and published figures."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest

from maillage.kernels.weights.margins import Margin
from maillage.kernels.weights.raking import rake
from maillage.kernels.weights.shares import design_effect, effective_size, replicated_share, share, wilson
from maillage.kernels.weights.tests.test_raking import CASES, margins_of


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_errors_are_those_of_r(case: dict[str, Any]) -> None:
    base, is_in = np.array(case["base"]), np.array(case["outcome"]) == 1
    plain = share(is_in, base)
    assert [plain.value, plain.error] == pytest.approx([*case["plain_mean"], *case["plain_error"]], rel=1e-10)
    margins = margins_of(case)
    raked = share(is_in, rake(margins, base).weights, margins=margins, base=base)
    assert [raked.value, raked.error] == pytest.approx([*case["mean"], *case["error"]], rel=1e-10)
    assert raked.low < raked.value < raked.high and raked.effective_size <= len(base)


@pytest.mark.parametrize(
    "count, size, low, high",
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_newcombe_published_it(count: int, size: int, low: float, high: float) -> None:
    assert wilson(count / size, size) == pytest.approx((low, high), abs=5e-5)


def test_equal_weights_cost_nothing_and_unequal_ones_do() -> None:
    assert effective_size(np.full(50, 3.0)) == pytest.approx(50) and design_effect(np.full(50, 3.0)) == pytest.approx(1)
    unequal = np.array([1.0, 1, 2, 4])
    assert effective_size(unequal) == pytest.approx(64 / 22) and design_effect(unequal) == pytest.approx(4 * 22 / 64)
    assert design_effect(np.array([0.0, 1, 1])) == pytest.approx(1)


def test_one_person_says_next_to_nothing() -> None:
    one = share(np.array([True]), np.array([5.0]))
    assert one.value == 1 and isnan(one.error) and one.low == pytest.approx(0.2065, abs=1e-4) and one.high == 1


def test_nobody_in_still_has_an_interval() -> None:
    none = share(np.zeros(20, bool), np.ones(20))
    assert (none.low, none.high) == pytest.approx((0, 0.1611), abs=5e-5)


def test_replication_agrees_with_the_linearised_interval_and_counts_what_it_leaves_out() -> None:
    case = CASES[1]
    base, is_in, margins = np.array(case["base"]), np.array(case["outcome"]) == 1, margins_of(case)
    linear = share(is_in, rake(margins, base).weights, margins=margins, base=base)
    found = replicated_share(is_in, margins, base, replicates=200, seed=1)
    assert found.high - found.low == pytest.approx(linear.high - linear.low, rel=0.25)
    rare = Margin("rare", np.array([0] * 9 + [1]), np.array([90.0, 10.0]))
    left = replicated_share(np.arange(10) < 3, [rare], np.ones(10), replicates=60, seed=1).left_out
    assert 10 < left < 35  # (9/10)^10 = 35 % of the samples lose the rare one
    assert replicated_share(is_in, margins, base, replicates=9, seed=4) == replicated_share(
        is_in, margins, base, replicates=9, seed=4
    )


@pytest.mark.parametrize("value, size", [(1.2, 5), (-0.1, 5), (0.5, 0)])
def test_a_share_of_nobody_is_refused(value: float, size: float) -> None:
    with pytest.raises(ValueError, match="a share lies"):
        wilson(value, size)
