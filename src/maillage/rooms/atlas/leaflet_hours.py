"""Opening hours as a leaflet says them: an ordinary week, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from maillage.core.places.hours import week
from maillage.rooms.atlas.cards import language

WEEKS_LOOKED_AT = 5
Spans = tuple[tuple[str, str], ...]


def hours_in_words(osm: str, text: str = "") -> list[str]:
    """An ordinary week in words, days of the same hours together; the text of the source where the hours are not understood."""
    days = _ordinary_week(osm)
    groups: list[tuple[list[str], tuple[tuple[str, str], ...]]] = []
    for label, spans in days:
        known = next((names for names, same in groups if same == spans), None)
        if not spans:
            continue
        if known is None:
            groups.append(([label], spans))
        else:
            known.append(label)
    if not groups:
        return [text] if text else []
    return [
        _capital(_("%(days)s : %(hours)s") % {"days": _days(names, days), "hours": _spans(spans)})
        for names, spans in groups
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _days(names: Sequence[str], days: Sequence[tuple[str, object]]) -> str:
    order = [label for label, _spans in days]
    places = [order.index(name) for name in names]
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return _("du %(first)s au %(last)s") % {"first": names[0], "last": names[-1]}
    if len(names) == 1:
        return names[0]
    return _("%(days)s et %(last)s") % {"days": ", ".join(names[:-1]), "last": names[-1]}


def _spans(spans: Sequence[tuple[str, str]]) -> str:
    return _(" et ").join(f"{_hour(start)}–{_hour(end)}" for start, end in spans)


def _hour(clock: str) -> str:
    hour, _colon, minute = clock.partition(":")
    if language() != "fr":
        return clock
    return f"{int(hour)}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{minute}" if minute != "00" else "")


def _ordinary_week(osm: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """For each day, the hours it has most often in the coming weeks: a public holiday does not change the paper."""
    if not osm:
        return []
    now = datetime.now().astimezone()
    weeks = [week(osm, now + timedelta(weeks=number)) for number in range(WEEKS_LOOKED_AT)]
    if not weeks[0]:
        return []
    return [
        (day.label, Counter(one[place].spans for one in weeks).most_common(1)[0][0])
        for place, day in enumerate(weeks[0])
    ]
