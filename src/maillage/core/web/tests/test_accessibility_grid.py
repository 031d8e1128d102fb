"""The grid claims nothing that was not tested: each claim names a test that exists, or a check by hand."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from maillage.core.web import accessibility
from maillage.core.web.accessibility import CRITERIA_PER_TOPIC, Criterion, Topic
from maillage.core.web.tests.sources import REPOSITORY

ALL = [criterion for topic in accessibility.topics() for criterion in topic.criteria]


def test_the_grid_has_the_106_criteria_in_order() -> None:
    expected = [f"{topic}.{place}" for topic, size in enumerate(CRITERIA_PER_TOPIC, 1) for place in range(1, size + 1)]
    assert [criterion.number for criterion in ALL] == expected
    assert len(ALL) == 106
    assert len({criterion.wording for criterion in ALL}) == 106


def test_each_state_is_one_of_four() -> None:
    assert {criterion.status for criterion in ALL} <= {"conforming", "not", "not_applicable", "not_tested"}


@pytest.mark.parametrize("criterion", [one for one in ALL if one.status != "not_tested"], ids=lambda one: one.number)
def test_a_claim_has_a_date_and_means_that_exist(criterion: Criterion) -> None:
    assert criterion.date is not None
    if criterion.means.startswith("essai :"):
        return
    for means in criterion.means.split(", "):
        path, _, test = means.partition("::")
        source = (REPOSITORY / path).read_text(encoding="utf-8")
        assert re.search(rf"^def {re.escape(test)}\(", source, flags=re.M), means


def test_what_nobody_tested_has_no_date() -> None:
    assert [one.number for one in ALL if one.status == "not_tested" and (one.date or one.means)] == []


def _declared(monkeypatch: pytest.MonkeyPatch, *states: str) -> str:
    topic = Topic(1, "x", tuple(replace(ALL[0], status=state) for state in states))  # type: ignore[arg-type]
    monkeypatch.setattr(accessibility, "topics", lambda: (topic,))
    accessibility.tally.cache_clear()
    return accessibility.level()


def test_an_untested_criterion_counts_as_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _declared(monkeypatch, "conforming", "not_tested", "not_tested") == "none"
    assert _declared(monkeypatch, "conforming", "not_tested", "not_applicable") == "partial"
    assert _declared(monkeypatch, "conforming", "not") == "partial"
    assert _declared(monkeypatch, "conforming", "not_applicable") == "full"
    monkeypatch.undo()
    accessibility.tally.cache_clear()
