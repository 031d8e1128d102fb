"""Two entries made one, field by field: whose value stays by rule, what a person may choose otherwise, who said what.

Pure values in and out. Rules: what is empty gives way; lists are joined; phones, hours and state go to who spoke last; the rest
to the source that the operator trusts more, then to who spoke last; what cannot be told stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maillage.core.places.queries import distance_m
from maillage.kernels.matching.records import page_of, phone_of, plain_words

Value = Any  # what JSON holds
Snapshot = Mapping[str, Value]

JOINED = (
    "other_names", "themes", "actor_kinds", "publics", "digital_means", "innovation_kinds", "city_figures", "study_pages",
    "related", "dates", "figures", "funding", "links", "corrections", "actors",
)  # fmt: skip
# Fields that are one thing: they are taken together. The first one names the group.
ENTRY_GROUPS: tuple[tuple[str, ...], ...] = (
    ("name",), ("summary",), ("description",), ("operator",), ("status", "status_as_of", "status_reason", "ended_on"),
    ("scale",), ("service_nature",), ("mediation",), ("area_text",), ("name_in_study",), ("part_of",),
)  # fmt: skip
PLACE_GROUPS: tuple[tuple[str, ...], ...] = (
    ("label",), ("address", "postcode", "quarter"), ("commune", "commune_code", "departement"),
    ("lon", "lat", "precision", "obtained"), ("phone",), ("email",), ("website",),
    ("opening_hours", "opening_hours_text"), ("in_qpv_as_stated",),
)  # fmt: skip
LAST_WORD = frozenset({"status", "phone", "email", "website", "opening_hours"})
RULED = frozenset({"status", "lon"})  # said alike, the date or the precision may still be better on one side
UNSAID: tuple[Value, ...] = ("", None, [], "unknown", "undetermined")
PRECISIONS = ("address", "street", "neighbourhood", "commune")
NEAR_M = 300.0
SAME_POINT_M = 100.0  # two geocoders seldom agree better
KEPT, ABSORBED = "kept", "absorbed"


@dataclass(frozen=True)
class Side:
    """An entry with its source: how far it is trusted (0 is most), and when it last spoke ("2022", "2022-09"…)."""

    entry_id: int
    source: str
    trust: int
    date: str
    snapshot: Snapshot


@dataclass(frozen=True)
class Choice:
    """One group of fields that both entries fill differently. `key` is "name" or "place.0.phone"; `taken` a side's name."""

    key: str
    kept: Value
    absorbed: Value
    taken: str


@dataclass(frozen=True)
class Combined:
    """The entry that two make: its snapshot, where they differed, and what came from the absorbed one."""

    snapshot: dict[str, Value]
    choices: tuple[Choice, ...]
    origins: dict[str, dict[str, Value]]


def combined(kept: Side, absorbed: Side, chosen: Mapping[str, str] | None = None) -> Combined:
    """What the kept entry becomes. `chosen` gives a side's name for the keys where a person decided against the rules."""
    work = _Combining(kept, absorbed, chosen or {})
    result = dict(kept.snapshot)
    work.take("", result, kept.snapshot, absorbed.snapshot, ENTRY_GROUPS)
    for name in JOINED:
        work.join(name, result, absorbed.snapshot)
    _remember_name(result, kept.snapshot, absorbed.snapshot)
    result["places"] = work.places(kept.snapshot["places"], absorbed.snapshot["places"])
    return Combined(result, tuple(work.choices), work.origins)


def partner_of(place: Mapping[str, Value], places: Sequence[Mapping[str, Value]]) -> int | None:
    """Which of the places is this one: at most 300 m away, or in the same commune where a position is not known."""
    for position, other in enumerate(places):
        metres = _metres(place, other)
        if metres is not None and metres <= NEAR_M:
            return position
    alone = len(places) == 1 and _metres(place, places[0]) is None
    return 0 if alone and _may_be_same_town(place, places[0]) else None


class _Combining:
    """The choices made on the way."""

    def __init__(self, kept: Side, absorbed: Side, chosen: Mapping[str, str]) -> None:
        self.kept, self.absorbed, self.chosen = kept, absorbed, chosen
        self.choices: list[Choice] = []
        self.origins: dict[str, dict[str, Value]] = {}

    def take(
        self, prefix: str, result: dict[str, Value], mine: Snapshot, other: Snapshot, groups: Iterable[tuple[str, ...]]
    ) -> None:
        for group in groups:
            key = f"{prefix}{group[0]}"
            ours, theirs = ([side.get(name) for name in group] for side in (mine, other))
            if _is_unsaid(theirs) or list(ours) == list(theirs):
                continue
            alike = not _is_unsaid(ours) and _is_said_alike(group[0], mine, other)
            if alike and group[0] not in RULED:
                result.update(
                    {name: value for name, value in zip(group, theirs, strict=True) if mine.get(name) in UNSAID}
                )
                continue
            taken = ABSORBED if _is_unsaid(ours) else self._taken(key, group[0], mine, other)
            if not alike and not _is_unsaid(ours):
                self.choices.append(Choice(key, mine.get(group[0]), other.get(group[0]), taken))
            if taken == ABSORBED:
                result.update(zip(group, theirs, strict=True))
                self._told(key, theirs[0])

    def _taken(self, key: str, first: str, mine: Snapshot, other: Snapshot) -> str:
        if self.chosen.get(key) in (KEPT, ABSORBED):
            return self.chosen[key]
        if first == "lon" and (better := _more_precise(mine, other)):
            return better
        newer = _compared(self.absorbed.date, self.kept.date)
        trusted = self.kept.trust - self.absorbed.trust
        order = (newer, trusted) if first in LAST_WORD else (trusted, newer)
        return ABSORBED if next((sign for sign in order if sign), 0) > 0 else KEPT

    def join(self, name: str, result: dict[str, Value], other: Snapshot) -> None:
        """What both say, without repeating; "everyone" and a list of publics stand side by side."""
        added = [value for value in other.get(name) or [] if value not in (result.get(name) or [])]
        if added:
            result[name] = [*(result.get(name) or []), *added]
            self._told(name, added)

    def places(
        self, mine: Sequence[Mapping[str, Value]], others: Sequence[Mapping[str, Value]]
    ) -> list[Mapping[str, Value]]:
        result = [dict(place) for place in mine]
        for place in others:
            position = partner_of(place, mine)
            if position is None:
                self._told(f"place.{len(result)}", place.get("label"))
                result.append(dict(place))
                continue
            self.take(f"place.{position}.", result[position], mine[position], place, PLACE_GROUPS)
        return list(result)

    def _told(self, key: str, value: Value) -> None:
        self.origins[key] = {"entry": self.absorbed.entry_id, "source": self.absorbed.source, "date": self.absorbed.date,
                             "value": value}  # fmt: skip


def _is_unsaid(values: Sequence[Value]) -> bool:
    """A group is not said when its first field is not; hours may be said in words only."""
    return all(value in UNSAID for value in (values if len(values) == 2 else values[:1]))


def _is_said_alike(name: str, mine: Snapshot, other: Snapshot) -> bool:
    """So nearly the same that nobody is asked to choose: capitals, spaces, the way of writing a number, some metres."""
    if name == "lon":
        metres = _metres(mine, other)
        return metres is not None and metres <= SAME_POINT_M
    ours, theirs = str(mine.get(name)), str(other.get(name))
    if name == "phone":
        return bool(phone_of(ours)) and phone_of(ours) == phone_of(theirs)
    if name == "website":
        return page_of(ours) == page_of(theirs)
    return plain_words(ours) == plain_words(theirs)


def _remember_name(result: dict[str, Value], mine: Snapshot, other: Snapshot) -> None:
    """The name that is not taken is still how some know the place."""
    known = {plain_words(name) for name in (result["name"], *(result.get("other_names") or []))}
    for name in (mine["name"], other["name"]):
        if plain_words(name) not in known:
            result["other_names"] = [*(result.get("other_names") or []), name]
            known.add(plain_words(name))


def _compared(one: str, other: str) -> int:
    """1 when the first date is later, -1 when earlier, 0 when that cannot be told ("2022" and "2022-09")."""
    if not one or not other:
        return bool(one) - bool(other)
    length = min(len(one), len(other))
    return (one[:length] > other[:length]) - (one[:length] < other[:length])


def _more_precise(mine: Snapshot, other: Snapshot) -> str:
    """The side whose point is known better, "" when they are alike."""
    ranks = [
        PRECISIONS.index(side["precision"]) if side.get("precision") in PRECISIONS else 9 for side in (mine, other)
    ]
    return "" if ranks[0] == ranks[1] else KEPT if ranks[0] < ranks[1] else ABSORBED


def _metres(one: Mapping[str, Value], other: Mapping[str, Value]) -> float | None:
    lon, lat, other_lon, other_lat = one.get("lon"), one.get("lat"), other.get("lon"), other.get("lat")
    if lon is None or lat is None or other_lon is None or other_lat is None:
        return None
    return distance_m(lon=lon, lat=lat, other_lon=other_lon, other_lat=other_lat)


def _may_be_same_town(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    pairs = [(one.get(name), other.get(name)) for name in ("commune_code", "postcode", "commune")]
    said = [(a, b) for a, b in pairs if a and b]
    return not said or any(str(a).casefold() == str(b).casefold() for a, b in said)
