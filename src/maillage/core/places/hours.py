"""Opening hours in OpenStreetMap syntax: are they open now, and what is this week's table?

French public holidays are known to the library; times are those of Paris unless told otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # absent from its stubs

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class OpenNow:
    """Whether a place is open at an instant, and when that changes (local time) within the week."""

    is_open: bool
    changes_at: datetime | None


@dataclass(frozen=True)
class Day:
    """One day of the week with its spans ("09:00", "12:30"); empty when closed."""

    label: str
    spans: tuple[tuple[str, str], ...]
    is_today: bool


def _parsed(hours: str) -> OpeningHours | None:
    if not hours:
        return None
    try:
        return OpeningHours(hours, country="FR", max_interval_days=366)
    except ParserError:
        return None


def is_valid(hours: str) -> bool:
    """Whether a text is opening hours in OpenStreetMap syntax."""
    return _parsed(hours) is not None


@cache
def _holidays() -> OpeningHours:
    return OpeningHours("PH", country="FR")


def open_now(hours: str, at: datetime | None = None) -> OpenNow | None:
    """State at an instant (now by default); None when the hours are unknown or not understood.

    Also None on a public holiday that the hours say nothing of: most places are closed then, and nothing is promised.
    """
    parsed = _parsed(hours)
    if parsed is None:
        return None
    local = (at or timezone.now()).astimezone(PARIS).replace(tzinfo=None)
    if parsed.is_unknown(local) or ("PH" not in hours and _holidays().is_open(local)):
        return None
    change = parsed.next_change(local)
    soon = change if change is not None and change - local < timedelta(days=7) else None
    return OpenNow(parsed.is_open(local), soon)


def week(hours: str, at: datetime | None = None) -> list[Day]:
    """The seven days from Monday of the current week; empty when the hours are unknown or not understood."""
    parsed = _parsed(hours)
    if parsed is None:
        return []
    local = (at or timezone.now()).astimezone(PARIS).replace(tzinfo=None)
    monday = datetime.combine(local.date() - timedelta(days=local.weekday()), time())
    names = [_("lundi"), _("mardi"), _("mercredi"), _("jeudi"), _("vendredi"), _("samedi"), _("dimanche")]
    return [_day(parsed, monday + timedelta(days=number), name, local) for number, name in enumerate(names)]


def _day(parsed: OpeningHours, start: datetime, label: str, now: datetime) -> Day:
    end = start + timedelta(days=1)
    spans = []
    for opens, closes, state, _comment in parsed.intervals(start, end):
        if str(state).rpartition(".")[2].lower() == "open":
            until = "24:00" if closes is None or closes >= end else f"{closes:%H:%M}"
            spans.append((f"{opens:%H:%M}", until))
    return Day(label, tuple(spans), start.date() == now.date())
