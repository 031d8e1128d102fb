"""Margins from figures, and weights from margins: bad figures are told, never used; nothing merged in silence."""

from __future__ import annotations

import numpy as np
import pytest

from maillage.rooms.observatory.participation_margins import KnownMargin, margins_from, recipes
from maillage.rooms.observatory.participation_questions import QUESTIONS
from maillage.rooms.observatory.participation_shares import Profiles, compared, weigh, weighted_share
from maillage.rooms.observatory.queries_indicators import Figure

YOUNG, OLD = "part-0-14-ans", "part-65-ans-et-plus"


def figure(code: str, value: float, *, vintage: int = 2021, generation: str = "", low: float | None = None,
           high: float | None = None) -> Figure:  # fmt: skip
    return Figure(code, "commune:69259", generation, vintage, value, low, high, "published")


def age(young: float, old: float, **rest: int) -> list[Figure]:
    return [figure(YOUNG, young, **rest), figure(OLD, old, **rest)]


def margin(question: str, *shares: float) -> KnownMargin:
    recipe = next(one for one in recipes() if one.question == question and len(one.categories) == len(shares))
    groups = tuple(one.answers for one in recipe.categories)
    none = (None,) * len(shares)
    return KnownMargin(question, groups, shares, none, none, None, 2021, "", ())


def people(*rows: tuple[int, dict[str, str]], channel: str = "web") -> Profiles:
    return {(channel, tuple(said.get(one.code, "") for one in QUESTIONS)): count for count, said in rows}


def test_rates_with_a_rest_make_a_whole() -> None:
    (known,), faults = margins_from(age(24.5, 14.6))
    assert not faults and known.shares == pytest.approx((0.245, 0.609, 0.146)) and sum(known.shares) == pytest.approx(1)
    assert known.groups == (("0_14",), ("15_24", "25_39", "40_64"), ("65_79", "80_up")) and known.vintage == 2021


def test_counts_come_before_rates_and_the_newest_complete_year_is_used() -> None:
    names = ("0-14-ans", "15-24-ans", "25-39-ans", "40-64-ans", "65-79-ans", "80-ans-et-plus")
    counts = [figure(f"population-{name}", 100.0 + at, vintage=2019) for at, name in enumerate(names)]
    (known,), _faults = margins_from([*age(20, 20), *counts, figure(f"population-{names[0]}", 1, vintage=2022)])
    assert len(known.groups) == 6 and known.vintage == 2019 and known.people == 615
    (known,), _faults = margins_from([*age(20, 20), *age(21, 21, vintage=2018)], vintage=2018)
    assert known.vintage == 2018 and known.shares[0] == pytest.approx(0.21)


def test_years_are_never_mixed() -> None:
    assert margins_from([figure(YOUNG, 20, vintage=2020), figure(OLD, 20, vintage=2021)]) == ([], [])


def test_figures_of_another_generation_are_refused_by_name() -> None:
    rows = [figure(YOUNG, 20, generation="2015"), figure(OLD, 20, generation="2015")]
    known, faults = margins_from(rows, generation="2024")
    assert not known and "quartiers de 2015" in faults[0].why
    assert margins_from(rows, generation="2015")[0]


@pytest.mark.parametrize(
    "rows, why",
    [
        (age(70, 60), "dépassent 100 %"),
        (age(-3, 20), "négative"),
        ([figure("population-femmes", 0), figure("population-hommes", 0)], "population chargée est nulle"),
    ],
)
def test_figures_that_mean_nothing_are_told(rows: list[Figure], why: str) -> None:
    known, faults = margins_from(rows)
    assert not known and why in faults[0].why


def test_margins_that_count_two_populations_are_told() -> None:
    names = ("0-14-ans", "15-24-ans", "25-39-ans", "40-64-ans", "65-79-ans", "80-ans-et-plus")
    ages = [figure(f"population-{name}", 1000.0) for name in names]
    known, faults = margins_from([*ages, figure("population-femmes", 5000), figure("population-hommes", 5000)])
    assert [one.question for one in known] == ["age"]
    assert faults[0].question == "gender" and "10000 personnes, la première 6000" in faults[0].why


def test_the_bounds_of_a_source_widen_the_difference() -> None:
    rows = [figure(YOUNG, 20, low=15, high=25), figure(OLD, 20)]
    (known,), _faults = margins_from(rows)
    line = compared(known, [10, 80, 10], 100)[0]
    assert (
        line.difference == pytest.approx(-0.1) and line.verdict == "alike"
    )  # 17.4 % at most, 15 % at least in the source
    assert compared(margin("age", 0.2, 0.6, 0.2), [10, 80, 10], 100)[0].verdict == "missing"


def test_a_hidden_count_gives_no_figure() -> None:
    line = compared(margin("gender", 0.5, 0.5), [None, 40], 50)[0]
    assert (line.people, line.share, line.difference, line.verdict) == (None, None, None, "hidden")
    assert compared(margin("gender", 0.5, 0.5), [20, 40], None)[0].verdict == "hidden"


def test_weights_meet_the_margins_among_those_who_answered() -> None:
    found = people((60, {"gender": "woman", "housing": "other"}), (20, {"gender": "man", "housing": "hlm"}),
                   (10, {"housing": "hlm"}), (10, {"gender": "other", "housing": "other"}))  # fmt: skip
    weighed = weigh(found, [margin("gender", 0.5, 0.5)])
    assert weighed.weighing.why_not == "" and weighed.weights @ list(found.values()) == pytest.approx(100)
    assert weighed.weights == pytest.approx([40 / 60, 2, 1, 1])  # who did not answer, or differently, keeps their part
    assert weighted_share(found, weighed.weights, "housing", ("hlm",)) == pytest.approx(0.5)


def test_all_from_one_group_cannot_be_weighed() -> None:
    found = weigh(people((50, {"gender": "woman"})), [margin("gender", 0.5, 0.5)]).weighing
    assert found.why_not == "no_margin"  # the two groups were merged: one is left, which says nothing
    assert [(one.group, one.into) for one in found.merged] == [(("man",), ("woman",))]


@pytest.mark.parametrize("count", [1, 29])
def test_too_few_people_are_not_weighed(count: int) -> None:
    assert weigh(people((count, {"gender": "woman"})), [margin("gender", 0.5, 0.5)]).weighing.why_not == "too_few"


def test_a_group_that_would_count_too_much_is_told() -> None:
    found = weigh(people((97, {"gender": "woman"}), (3, {"gender": "man"})), [margin("gender", 0.5, 0.5)]).weighing
    assert found.why_not == "refused" and {one.kind.value for one in found.faults} == {"limits"}


def test_margins_that_contradict_one_another_are_told() -> None:
    found = people((50, {"gender": "woman", "housing": "hlm"}), (50, {"gender": "man", "housing": "other"}))
    weighed = weigh(found, [margin("gender", 0.5, 0.5), margin("housing", 0.3, 0.7)])
    assert weighed.weighing.why_not == "refused" and weighed.weighing.faults[0].kind.value == "contradiction"
    assert np.array_equal(weighed.weights, np.ones(2))


def test_the_recipes_name_answers_that_exist_and_one_rest_at_most() -> None:
    assert {one.question for one in recipes()} == {"age", "gender", "housing", "qpv"}
    assert recipes()[0].categories[0].answers == ("0_14",)  # quoted in the file: YAML would read a number
