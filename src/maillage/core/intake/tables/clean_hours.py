"""French opening hours in free text turned into OpenStreetMap syntax, or kept as text when anything is not understood.

"du lundi au vendredi 9h-12h et 14h-17h30, samedi matin sur rendez-vous" →
`Mo-Fr 09:00-12:00,14:00-17:30; Sa unknown "matin, sur rendez-vous"`. The text itself is always kept beside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _

from maillage.core.intake.tables.clean_text import is_nothing, one_line
from maillage.core.intake.tables.cleaned import Cleaned
from maillage.core.intake.tables.hours_words import Word, words_of
from maillage.core.places.hours import is_valid

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
LONGEST = 400
BOOKED = "sur rendez-vous"  # as kept in the data, in French like the sources' own words
_DAY_KINDS = frozenset({"day", "everyday", "week", "weekend", "rank", "ofmonth"})
_TIME_KINDS = frozenset({"time", "number"})
_WHOLE = {"everyday": range(7), "week": range(5), "weekend": range(5, 7)}
_CLOSED = re.compile(r"(?i)\W*(ferm[ée]e?s?|pas d.ouverture|closed|off)\W*")


class _NotUnderstood(Exception):
    pass


@dataclass
class _Group:
    """What is said of some days; a day is (number, rank in the month or 0)."""

    days: list[tuple[int, int]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    booked: str = ""
    closed: bool = False

    @property
    def has_content(self) -> bool:
        return bool(self.spans or self.parts or self.booked or self.closed)


def clean_hours(raw: str) -> Cleaned:
    """Opening hours of one cell in OpenStreetMap syntax; a fault, and the text in `rest`, when they stay a text."""
    text = raw.strip()
    if is_nothing(text):
        return Cleaned()
    found = _translated(text[:2000])
    if found == text:
        return Cleaned(found)
    if found:
        return Cleaned(found, _("horaires traduits"), rest=text)
    return Cleaned(fault=_("horaires gardés en texte"), rest=text)


@lru_cache(maxsize=20_000)
def _translated(text: str) -> str:
    """OpenStreetMap syntax, or "". The same hours come back in many rows."""
    if re.search(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)\b|\d:\d\d-\d|24/7", text) and is_valid(text):
        return text if len(text) <= LONGEST else ""
    words = words_of(text)
    if words is None:
        return ""
    try:
        return _checked(_rules(words))
    except _NotUnderstood:
        return ""


def _checked(rules: str) -> str:
    if not rules or len(rules) > LONGEST or not is_valid(rules):
        raise _NotUnderstood
    return rules


def _rules(words: Sequence[Word]) -> str:
    if any(word.kind == "always" for word in words):
        if len(words) > 1:
            raise _NotUnderstood
        return "24/7"
    groups, after = _groups(_days_first(words))
    return "; ".join([*_written(groups), *after])


def _days_first(words: Sequence[Word]) -> list[Word]:
    """The words with the days before their times: "9h-12h du lundi au vendredi" is read like the usual order."""
    places = [place for place, word in enumerate(words) if word.kind in _DAY_KINDS | _TIME_KINDS]
    if not places or words[places[0]].kind in _DAY_KINDS:
        return list(words)
    found: list[Word] = []
    times: list[Word] = []
    days: list[Word] = []
    for word in words:
        if word.kind in _TIME_KINDS and days and any(one.kind in _DAY_KINDS for one in days):
            found, times, days = [*found, *days, *times], [], []
        (days if days or word.kind in _DAY_KINDS else times).append(word)
    return [*found, *days, *times]


def _groups(words: Sequence[Word]) -> tuple[list[_Group], list[str]]:
    """Days with what is said of them, in order, and rules that concern no day of the week (public holidays)."""
    groups, after, at = [_Group()], list[str](), 0
    while at < len(words):
        word, now = words[at], groups[-1]
        if word.kind == "except":
            at = _excepted(words, at + 1, now, after)
            continue
        if word.kind == "closed":
            if at + 1 < len(words) and words[at + 1].kind == "holidays":
                after.append("PH off")
                at += 2
                continue
            if not now.days or now.has_content:
                groups.append(_Group(closed=True))
            now.closed = now.closed or groups[-1] is now
        elif word.kind in _DAY_KINDS:
            if now.has_content and (now.days or not now.closed):  # "fermé" may come before its days
                groups.append(_Group())
            at = _days(words, at, groups[-1])
            continue
        elif word.kind in _TIME_KINDS:
            at = _span(words, at, now)
            continue
        elif word.kind == "part":
            now.parts += [word.text] if word.text else []
        elif word.kind == "booked":
            _booked(groups, words, at)
        elif word.kind not in {"and", "stop", "span"}:
            raise _NotUnderstood
        at += 1
    return [one for one in groups if one.days or one.has_content], after


def _days(words: Sequence[Word], at: int, group: _Group) -> int:
    """Takes the days that follow one another: ranges, lists, ranks in the month."""
    ranks: list[int] = []
    while at < len(words):
        word = words[at]
        if word.kind == "rank":
            ranks.append(word.number)
        elif word.kind in _WHOLE:
            group.days += [(day, 0) for day in _WHOLE[word.kind]]
        elif word.kind == "day":
            at = _day_or_range(words, at, group, ranks)
            if not (at + 1 < len(words) and words[at].kind == "and" and words[at + 1].kind in {"day", "rank"}):
                ranks = ranks if at < len(words) and words[at].kind == "ofmonth" else []
            continue
        elif word.kind == "ofmonth":
            if not any(rank for _day, rank in group.days):
                raise _NotUnderstood
        elif not _leads_to_day(words, at) or (group.closed and word.text == ","):
            break  # "fermé le lundi, du mardi au samedi…": a closing ends at its comma
        at += 1
    return at


def _leads_to_day(words: Sequence[Word], at: int) -> bool:
    return words[at].kind in {"and", "span"} and at + 1 < len(words) and words[at + 1].kind in _DAY_KINDS


def _day_or_range(words: Sequence[Word], at: int, group: _Group, ranks: Sequence[int]) -> int:
    first = words[at].number
    if (
        at + 2 < len(words)
        and words[at + 1].kind == "span"
        and words[at + 1].text != "/"
        and words[at + 2].kind == "day"
    ):
        if ranks:
            raise _NotUnderstood
        last = words[at + 2].number
        group.days += [((first + step) % 7, 0) for step in range((last - first) % 7 + 1)]
        return at + 3
    group.days += [(first, rank) for rank in ranks or [0]]
    return at + 1


def _span(words: Sequence[Word], at: int, group: _Group) -> int:
    """Two times with a link between them; one of the two may lack its "h"."""
    if at + 2 >= len(words) or words[at + 1].kind != "span" or words[at + 2].kind not in _TIME_KINDS:
        raise _NotUnderstood
    first, second = words[at], words[at + 2]
    if first.kind == second.kind == "number":
        raise _NotUnderstood
    opens, closes = (60 * one.number if one.kind == "number" else one.number for one in (first, second))
    if not 0 <= opens < closes <= 1440:
        raise _NotUnderstood
    group.spans.append((opens, closes))
    return at + 3


def _excepted(words: Sequence[Word], at: int, group: _Group, after: list[str]) -> int:
    """ "sauf le mercredi" takes days away; "sauf jours fériés" closes those; anything finer stays a text."""
    if at < len(words) and words[at].kind == "holidays":
        after.append("PH off")
        return at + 1
    gone = _Group()
    end = _days(words, at, gone) if at < len(words) else at
    is_finer = end < len(words) and words[end].kind in {"part", "booked"}
    if not gone.days or not group.days or is_finer or not set(gone.days) <= set(group.days):
        raise _NotUnderstood
    group.days = [day for day in group.days if day not in gone.days]
    return end


def _booked(groups: Sequence[_Group], words: Sequence[Word], at: int) -> None:
    """By appointment: of the half-day just named, of the days just named, or, alone at the end, of all."""
    now = groups[-1]
    before = words[at - 1] if at else Word("stop")
    if before.kind == "part" and before.text and now.spans:
        now.booked = f"{before.text} {BOOKED}"
        now.parts.pop()
    elif before.kind == "stop" and at == len(words) - 1:
        for one in groups:
            one.booked = one.booked or BOOKED
    else:
        now.booked = BOOKED


def _written(groups: Iterable[_Group]) -> list[str]:
    """The rules, days with the same hours together, in the order of the week."""
    said: dict[tuple[int, int], str] = {}
    spans: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for group in groups:
        if not group.days or not group.has_content:
            raise _NotUnderstood
        for day in group.days:
            if day in said and (group.closed or not group.spans or not spans[day] or group.booked):
                raise _NotUnderstood
            spans[day] = [*spans.get(day, []), *group.spans]
            said[day] = _hours(group, spans[day])
    days_of: dict[str, list[tuple[int, int]]] = {}
    for day in sorted(said, key=lambda one: (one[1] != 0, one)):
        days_of.setdefault(said[day], []).append(day)
    return [f"{_day_list(days)} {hours}" for hours, days in days_of.items()]


def _hours(group: _Group, spans: Sequence[tuple[int, int]]) -> str:
    if group.closed:
        if group.spans or group.booked:
            raise _NotUnderstood
        return "off"
    if not spans:
        return 'unknown "{}"'.format(", ".join(one for one in [*dict.fromkeys(group.parts), group.booked] if one))
    if group.parts and not all(any(_suits(part, span) for part in group.parts) for span in group.spans):
        raise _NotUnderstood
    times = ",".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in _joined(spans))
    return f'{times} "{group.booked}"' if group.booked else times


def _suits(part: str, span: tuple[int, int]) -> bool:
    if part == "matin":
        return span[0] < 750 and span[1] <= 870
    return span[0] >= (720 if part == "après-midi" else 960)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that touch made one; those that overlap are a mistake."""
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(set(spans)):
        if joined and opens < joined[-1][1]:
            raise _NotUnderstood
        if joined and opens == joined[-1][1]:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return joined


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day_list(days: Sequence[tuple[int, int]]) -> str:
    """ "Mo-We,Fr", and "Sa[1,3]" for ranks in the month."""
    plain = sorted(day for day, rank in days if not rank)
    parts = []
    while plain:
        end = plain[0]
        while end + 1 in plain:
            end += 1
        parts.append(DAYS[plain[0]] if end == plain[0] else f"{DAYS[plain[0]]}-{DAYS[end]}" if end > plain[0] + 1
                     else f"{DAYS[plain[0]]},{DAYS[end]}")  # fmt: skip
        plain = [day for day in plain if day > end]
    for day in sorted({day for day, rank in days if rank}):
        ranks = ",".join(str(rank) for one, rank in days if one == day and rank)
        parts.append(f"{DAYS[day]}[{ranks}]")
    return ",".join(parts)


def clean_week(cells: Mapping[int, str]) -> Cleaned:
    """Opening hours of seven cells, one a day (0 is Monday). A cell not understood is quoted as it is: nothing is dropped.

    A place that gives hours for some days and nothing for others is closed on those.
    """
    filled = {day: one_line(text) for day, text in cells.items() if not is_nothing(text)}
    if not filled:
        return Cleaned()
    said = {day: _day_hours(text) for day, text in filled.items()}
    unclear = [day for day, hours in said.items() if hours.startswith("unknown") and BOOKED not in hours]
    days_of: dict[str, list[tuple[int, int]]] = {}
    for day in sorted(said):
        days_of.setdefault(said[day], []).append((day, 0))
    rules = "; ".join(f"{_day_list(days)} {hours}" for hours, days in days_of.items())
    text = " ; ".join(f"{FRENCH_DAYS[day]} : {filled[day]}" for day in sorted(filled))
    if len(unclear) == len(said) or len(rules) > LONGEST or not is_valid(rules):
        return Cleaned(fault=_("horaires gardés en texte"), rest=text)
    word = _("horaires traduits, un jour reste en texte") if unclear else _("horaires traduits")
    return Cleaned(rules, word, rest=text)


@lru_cache(maxsize=20_000)
def _day_hours(text: str) -> str:
    """What one day's cell says, in OpenStreetMap syntax."""
    if _CLOSED.fullmatch(text):
        return "off"
    words = words_of(re.sub(r"^\W*:\s*", "", text))
    if words is not None and not any(word.kind in _DAY_KINDS | {"except", "always", "holidays"} for word in words):
        try:
            groups, _after = _groups([Word("day", 0), *_hours_of_numbers(words)])
            if len(groups) == 1 and groups[0].has_content:
                return _hours(groups[0], groups[0].spans)
        except _NotUnderstood:
            pass
    quoted = re.sub(r'["\\]', "'", text)[:80]
    return f'unknown "{quoted}"'


def _hours_of_numbers(words: Sequence[Word]) -> list[Word]:
    """In a cell for one day, "9-12" can only be hours."""
    return [Word("time", 60 * word.number) if word.kind == "number" and word.number <= 24 else word for word in words]
