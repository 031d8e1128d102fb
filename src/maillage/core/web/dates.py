"""Dates in full, also those known only to the month or the year."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def long_date(value: date | datetime | str | int | None) -> str:
    """What is known of a date: "3 mai 2015", "mai 2015" or "2015"; a text that is no date is returned as it is."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _in_full(timezone.localtime(value).date() if timezone.is_aware(value) else value.date())
    if isinstance(value, date):
        return _in_full(value)
    return _partial(str(value).strip())


def machine_date(value: date | datetime | str | int | None) -> str:
    """The value of a <time datetime> attribute for the same date, empty where it is no date."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")  # HTML knows no more than three figures after the second
    if isinstance(value, date):
        return value.isoformat()
    text = str(value or "").strip()
    return text if any(form.fullmatch(text) for form in (_YEAR, _MONTH, _DAY)) else ""


def _partial(text: str) -> str:
    try:
        if day := _DAY.fullmatch(text):
            return _in_full(date(*map(int, day.groups())))
        if month := _MONTH.fullmatch(text):
            return date_format(date(int(month[1]), int(month[2]), 1), "F Y")
    except ValueError:
        return text
    return text


def _in_full(day: date) -> str:
    if day.day == 1 and get_language() == "fr":
        # French says "1er mai", never "1 mai".
        return f"1er {date_format(day, 'F Y')}"
    return date_format(day, "j F Y")
