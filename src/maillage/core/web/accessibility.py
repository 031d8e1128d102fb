"""The grid of the 106 criteria of RGAA 4.1, and what it allows us to declare.

A criterion that nobody tested counts as not shown: the rate divides what is conforming by all that applies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml
from django.utils.translation import gettext as _

GRID: Final = Path(__file__).parent / "accessibility_grid.yaml"
CRITERIA_PER_TOPIC: Final = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
CriterionStatus = Literal["conforming", "not", "not_applicable", "not_tested"]


@dataclass(frozen=True)
class Criterion:
    """One criterion: our wording, what is known of it, since when and by what means."""

    number: str
    wording: str
    status: CriterionStatus
    date: date | None
    means: str
    note: str


@dataclass(frozen=True)
class Topic:
    """One of the thirteen topics."""

    number: int
    label: str
    criteria: Sequence[Criterion]


@dataclass(frozen=True)
class Tally:
    """How many criteria stand in each state."""

    conforming: int
    failing: int
    not_applicable: int
    not_tested: int

    @property
    def applicable(self) -> int:
        """Criteria that concern this site, tested or not."""
        return self.conforming + self.failing + self.not_tested

    @property
    def rate(self) -> int:
        """Per cent of applicable criteria shown to conform, rounded down."""
        return 100 * self.conforming // self.applicable if self.applicable else 0


@cache
def topics() -> Sequence[Topic]:
    """The grid as it is kept in the repository."""
    return tuple(
        Topic(row["number"], row["label"], tuple(_criterion(row["number"], one) for one in row["criteria"]))
        for row in yaml.safe_load(GRID.read_text(encoding="utf-8"))["topics"]
    )


def _criterion(topic: int, row: dict[str, object]) -> Criterion:
    tested_on = row.get("date")
    return Criterion(
        number=f"{topic}.{row['number']}",
        wording=str(row["wording"]),
        status=row["status"],  # type: ignore[arg-type]  # the grid's test holds the four words
        date=tested_on if isinstance(tested_on, date) else None,
        means=str(row.get("means") or ""),
        note=str(row.get("note") or ""),
    )


@cache
def tally() -> Tally:
    """The count of each state over the whole grid."""
    counts = Counter(one.status for topic in topics() for one in topic.criteria)
    return Tally(counts["conforming"], counts["not"], counts["not_applicable"], counts["not_tested"])


def last_tested() -> date | None:
    """The day of the latest test in the grid."""
    return max((one.date for topic in topics() for one in topic.criteria if one.date), default=None)


def level() -> Literal["none", "partial", "full"]:
    """What the law allows to declare: full at 100 %, partial from 50 %, none below."""
    rate = tally().rate
    return "full" if rate == 100 else "partial" if rate >= 50 else "none"


def status_sentence() -> str:
    """The mention that the home page must carry."""
    return {
        "none": _("Accessibilité : non conforme"),
        "partial": _("Accessibilité : partiellement conforme"),
        "full": _("Accessibilité : totalement conforme"),
    }[level()]
