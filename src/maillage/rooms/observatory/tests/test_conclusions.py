"""The computation of conclusions, on made-up things with known answers; the verdicts on the study are not asserted."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from maillage.rooms.observatory.reliefs.address import query_of, question_from
from maillage.rooms.observatory.reliefs.conclusions import (
    MIN_BASE,
    ConclusionResult,
    all_conclusions,
    conclusion_in,
    judged,
    percent,
)
from maillage.rooms.observatory.reliefs.matrix import Question
from maillage.rooms.observatory.reliefs.rules import groups_of, rules_with
from maillage.rooms.observatory.reliefs.snapshot import Snapshot
from maillage.rooms.observatory.tests.things import GROUPS, many, taken

NATIONAL, LOCAL = {"scale": "national_benchmark"}, {"scale": "local_benchmark"}


def result(test: dict[str, Any], things: Snapshot, groups: Any = GROUPS) -> ConclusionResult:
    return judged(conclusion_in({"code": "c", "pages": [1], "fr": "F", "en": "E", "test": test}), things, groups)


def test_a_share_over_what_is_stated() -> None:
    things = taken(
        *many(6, service_nature="infrastructure", **NATIONAL), *many(6, 7, service_nature="service", **NATIONAL),
        *many(8, 13, **NATIONAL), *many(9, 21, service_nature="infrastructure", **LOCAL),
    )  # fmt: skip
    test = {"kind": "share", "among": {"reach": ["national"]}, "with": {"service_nature": ["infrastructure"]}}
    figure = result({**test, "stated": "service_nature", "at_least": 0.5}, things).figures[0]
    assert (figure.count, figure.base, figure.share) == (6, 12, 0.5)
    assert result({**test, "stated": "service_nature", "at_least": 0.5}, things).verdict == "agrees"
    assert result({**test, "at_least": 0.5}, things).verdict == "differs", "without `stated` the base is all 20"
    assert result({**test, "at_most": 0.3}, things).verdict == "agrees"
    assert result({**test, "at_most": 0.29}, things).verdict == "differs"


def test_too_few_things_are_no_verdict() -> None:
    test = {"kind": "share", "among": {"reach": ["local"]}, "with": {"theme": ["culture"]}, "at_least": 0.5}
    few = result(test, taken(*many(MIN_BASE - 1, theme="culture", **LOCAL)))
    enough = result(test, taken(*many(MIN_BASE, theme="culture", **LOCAL)))
    assert few.verdict == "untestable" and str(MIN_BASE) in few.reason and few.figures[0].count == MIN_BASE - 1
    assert enough.verdict == "agrees"
    assert result(test, taken()).verdict == "untestable"


def test_ranks_from_the_top_and_from_the_bottom_with_ties() -> None:
    things = taken(
        *many(5, theme="training", **LOCAL), *many(3, 6, theme="employment", **LOCAL), *many(3, 9, theme="culture", **LOCAL),
        *many(1, 12, theme="mobility", **LOCAL), *many(30, 13, theme="housing", **NATIONAL),
    )  # fmt: skip
    test = {"kind": "ranks", "dimension": "theme", "among": {"reach": ["local"]}}
    both = result({**test, "values": ["employment", "culture"], "top": 2}, things)
    assert [figure.rank for figure in both.figures] == [2, 2] and both.verdict == "agrees"
    assert result({**test, "values": ["training", "mobility"], "top": 3}, things).verdict == "differs"
    last = result({**test, "values": ["mobility"], "bottom": 5}, things)
    assert last.figures[0].rank == 5 and last.verdict == "agrees", "four themes have nothing at all: ranks 1 to 4"


def test_more_of_one_than_of_the_other() -> None:
    things = taken(*many(6, theme="culture", **LOCAL), *many(5, 7, theme="mobility", **LOCAL))
    test = {"kind": "more", "first": {"theme": ["culture"]}, "second": {"theme": ["mobility"]}}
    assert result(test, things).verdict == "agrees"
    assert result({**test, "first": test["second"], "second": test["first"]}, things).verdict == "differs"


def test_absent_here_and_present_there() -> None:
    test = {
        "kind": "contrast",
        "with": {"public": ["families"]},
        "nowhere": {"reach": ["national"]},
        "somewhere": {"reach": ["local"]},
    }
    there = [*many(20, theme="training", **NATIONAL), *many(20, 30, public="families", **LOCAL)]
    assert result(test, taken(*there)).verdict == "agrees"
    assert result(test, taken(*there, *many(1, 90, public="families", **NATIONAL))).verdict == "differs"
    assert result(test, taken(*many(20, 30, public="families", **LOCAL))).verdict == "untestable"


def test_what_cannot_be_tested_says_why_in_the_readers_language() -> None:
    test = {"kind": "none", "why_fr": "Il manque cela.", "why_en": "That is missing."}
    assert (result(test, taken()).reason, result(test, taken()).figures) == ("Il manque cela.", ())
    with translation.override("en"):
        english = result(test, taken())
    assert english.reason == "That is missing." and english.statement == "E"
    with translation.override("ar"):
        assert result(test, taken()).statement_language == "fr"


def test_a_rule_that_moves_changes_a_verdict() -> None:
    things = taken(*many(12, innovation_kind="frugal"), *many(10, 20, innovation_kind="technological"))
    test = {"kind": "more", "first": {"innovation_group": ["human"]}, "second": {"innovation_group": ["technological"]}}
    assert result(test, things).verdict == "agrees"
    moved = groups_of(rules_with([("innovation_group", "frugal", "")]))
    assert result(test, things, moved).verdict == "differs"


def test_the_file_holds_conclusions_that_can_be_read_and_opened() -> None:
    found = all_conclusions()
    assert len(found) >= 15 and len({one.code for one in found}) == len(found)
    tests = [one.test["kind"] for one in found]
    assert len([kind for kind in tests if kind != "none"]) >= 15
    things = taken(*many(3, theme="rights"))
    for one in found:
        done = judged(one, things, GROUPS)
        assert done.pages and done.statement and (done.figures or done.reason)
        for figure in done.figures:
            asked, strange = question_from(QueryDict(query_of(Question(conditions=figure.conditions), sides=False)))
            assert not strange and len(things.selected(asked.conditions, GROUPS)) == figure.count


@pytest.mark.parametrize("test", [{"kind": "guess"}, {"kind": "none"}])
def test_a_faulty_record_is_refused(test: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        result(test, taken())
    with pytest.raises(ValueError, match="no values"):
        result({"kind": "share", "among": {"theme": ["zzz"]}, "with": {"theme": ["rights"]}, "at_least": 1}, taken())


def test_percents() -> None:
    assert [percent(share) for share in (0.125, 0.5, 0, 0.3333)] == ["12,5", "50", "0", "33,3"]
