"""Scoring: for each pair a sum of points, one number per criterion, so that every score can be told in words.

Nothing is learnt by a machine: the points below were set by reading pairs, and the tests measure what they are worth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from maillage.kernels.matching.blocking import Floats, Ints, metres_between, positions
from maillage.kernels.matching.records import Record, features_of, natures_in, towns_of
from maillage.kernels.matching.words import LODGERS, NATURES

CRITERIA = ("name", "distance", "commune", "phone", "siret", "email", "page", "address", "natures", "numbers")
PROPOSED = 50.0  # from this score a pair is put before a person
SURE = 75.0  # from this score no pair labelled by hand was wrong: fit for decisions in bulk
# Least likeness of the names (0 to 1) → points; the last line is "not alike at all".
NAME_STEPS = (
    (0.97, 40.0),
    (0.90, 34.0),
    (0.80, 26.0),
    (0.70, 18.0),
    (0.60, 10.0),
    (0.45, 0.0),
    (0.30, -8.0),
    (-1.0, -15.0),
)
# Most metres → points.
DISTANCE_STEPS = (
    (30.0, 26.0),
    (80.0, 22.0),
    (160.0, 14.0),
    (300.0, 8.0),
    (1000.0, -4.0),
    (5000.0, -20.0),
    (np.inf, -45.0),
)
SAME_COMMUNE, OTHER_COMMUNE = 10.0, -30.0
OTHER_TOWN = -10.0  # two towns are named, under one postcode or within 300 m: neighbours, or an old and a new commune
SAME_PHONE, OTHER_PHONE = 30.0, -5.0
SAME_SIRET, SAME_CARRIER, OTHER_SIREN = 26.0, 4.0, -8.0
SAME_EMAIL, SAME_DOMAIN = 22.0, 5.0
SAME_PAGE = 10.0
SAME_ADDRESS, SAME_STREET, OTHER_ADDRESS = 20.0, 6.0, -6.0
WITHOUT_POSITION = 12.0  # added to the same address where a position is unknown, since the distance cannot speak
OTHER_NATURE, LODGER_NATURE = -22.0, -10.0
OTHER_NUMBERS = -20.0
CARRIED = 3  # a SIRET or telephone that so many records of one source share is a carrier's, not a place's
_LODGER_BITS = sum(1 << rank for rank, word in enumerate(NATURES) if word in LODGERS)

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Evidence:
    """What one criterion says of a pair: its points, and the value behind them (metres, likeness in percent, else 0)."""

    criterion: str
    points: float
    value: float = 0.0
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scores:
    """Points of n pairs, float64[n, criteria]; `likeness` 0 to 1 and `metres` (NaN unknown) are the values behind."""

    points: Floats
    likeness: Floats
    metres: Floats

    @cached_property
    def totals(self) -> Floats:
        """The score of each pair, 0 to 100."""
        return np.asarray(np.clip(self.points.sum(axis=1), 0.0, 100.0), np.float64)


class Comparison:
    """Records made ready to be compared, any pair of them, as often as one likes."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        towns = towns_of(records)
        self.features = [features_of(one, towns) for one in records]
        self.lon, self.lat = positions(records)
        self._names = np.array([one.name for one in self.features], object)
        self._towns = np.array([one.commune for one in self.features], object)
        self._streets = np.array([one.street for one in self.features], object)
        self._coded: dict[str, Ints] = {}
        self._natures = np.array([one.natures for one in self.features], np.int64)

    def scores(self, left: Ints, right: Ints) -> Scores:
        """Scores of n pairs. O(n), about 5 µs a pair."""
        likeness = _likeness(self._names[left], self._names[right])
        metres = metres_between(self.lon[left], self.lat[left], self.lon[right], self.lat[right])
        columns = (
            _stepped(likeness, NAME_STEPS, at_least=True),
            np.where(np.isnan(metres), 0.0, _stepped(metres, DISTANCE_STEPS, at_least=False)),
            self._commune(left, right, metres),
            self._phone(left, right),
            self._siret(left, right),
            self._email(left, right),
            np.where(self._same("page", left, right), SAME_PAGE, 0.0),
            self._address(left, right, metres),
            self._nature(left, right),
            self._numbers(left, right),
        )
        return Scores(np.column_stack(columns) if len(left) else np.zeros((0, len(CRITERIA))), likeness, metres)

    def evidence(self, left: int, right: int, scores: Scores, position: int) -> list[Evidence]:
        """What speaks for and against one pair, strongest first."""
        values = {"name": 100 * scores.likeness[position], "distance": scores.metres[position]}
        found = []
        for criterion, points in zip(CRITERIA, scores.points[position], strict=True):
            shown = criterion == "distance" and not np.isnan(scores.metres[position])
            if points or shown:
                sides = self._sides(criterion, left), self._sides(criterion, right)
                found.append(Evidence(criterion, float(points), float(values.get(criterion, 0.0)), *sides))
        return sorted(found, key=lambda one: -abs(one.points))

    def _sides(self, criterion: str, rank: int) -> tuple[str, ...]:
        return tuple(natures_in(self.features[rank].natures)) if criterion == "natures" else ()

    def _codes(self, field: str) -> Ints:
        """A number per distinct value of a feature, -1 where it is not known."""
        if field not in self._coded:
            known: dict[str, int] = {"": -1}
            values = (getattr(one, field) for one in self.features)
            self._coded[field] = np.array([known.setdefault(value, len(known) - 1) for value in values], np.int64)
        return self._coded[field]

    def _same(self, field: str, left: Ints, right: Ints) -> Flags:
        codes = self._codes(field)
        return np.asarray((codes[left] >= 0) & (codes[left] == codes[right]), np.bool_)

    def _both(self, field: str, left: Ints, right: Ints) -> Flags:
        codes = self._codes(field)
        return np.asarray((codes[left] >= 0) & (codes[right] >= 0), np.bool_)

    def _carried(self, field: str) -> Flags:
        """Whether a record's value is borne by several records of its own source."""
        bearers = list(zip((one.source for one in self.records), self._codes(field).tolist(), strict=True))
        count = Counter(bearers)
        return np.array([count[one] >= CARRIED for one in bearers], np.bool_)

    def _commune(self, left: Ints, right: Ints, metres: Floats) -> Floats:
        named = (
            process.cpdist(self._towns[left], self._towns[right], scorer=fuzz.token_set_ratio, dtype=np.float64) >= 95
        )
        both = self._both("commune", left, right)
        postcode = self._same("postcode", left, right)
        same = np.where(both, named & (self._same("departement", left, right) | postcode), postcode)
        close = postcode | (np.nan_to_num(metres, nan=np.inf) <= 300.0)
        return np.where(same, SAME_COMMUNE, np.where(both, np.where(close, OTHER_TOWN, OTHER_COMMUNE), 0.0))

    def _phone(self, left: Ints, right: Ints) -> Floats:
        same = self._same("phone", left, right)
        carried = self._carried("phone")
        points = np.where(carried[left] | carried[right], SAME_PHONE / 3, SAME_PHONE)
        return np.where(same, points, np.where(self._both("phone", left, right), OTHER_PHONE, 0.0))

    def _siret(self, left: Ints, right: Ints) -> Floats:
        same, kin = self._same("siret", left, right), self._same("siren", left, right)
        carried = self._carried("siret")
        points = np.where(carried[left] | carried[right], SAME_CARRIER, SAME_SIRET)
        other = self._both("siret", left, right) & ~kin
        return np.where(same, points, np.where(kin, SAME_CARRIER, np.where(other, OTHER_SIREN, 0.0)))

    def _email(self, left: Ints, right: Ints) -> Floats:
        box, domain = self._same("email", left, right), self._same("domain", left, right)
        carried = self._carried("email")
        points = np.where(carried[left] | carried[right], SAME_DOMAIN, SAME_EMAIL)
        return np.where(box, points, np.where(domain, SAME_DOMAIN, 0.0))

    def _address(self, left: Ints, right: Ints, metres: Floats) -> Floats:
        alike = process.cpdist(self._streets[left], self._streets[right], scorer=fuzz.token_set_ratio, dtype=np.float64)
        both = self._both("street", left, right)
        street = both & (alike >= 85.0)
        number = self._same("number", left, right)
        unsure = ~self._both("number", left, right)
        same = np.where(np.isnan(metres), SAME_ADDRESS + WITHOUT_POSITION, SAME_ADDRESS)
        points = np.where(street & number, same, np.where(street & ~unsure, SAME_STREET / 3, SAME_STREET))
        return np.where(street, points, np.where(both, OTHER_ADDRESS, 0.0))

    def _nature(self, left: Ints, right: Ints) -> Floats:
        a, b = self._natures[left], self._natures[right]
        other = (a != 0) & (b != 0) & ((a & b) == 0)
        lodger = ((a & _LODGER_BITS) == a) | ((b & _LODGER_BITS) == b)
        carrier = self._same("siret", left, right)  # the carrier and its service are one establishment: nothing against
        return np.where(other & ~carrier, np.where(lodger, LODGER_NATURE, OTHER_NATURE), 0.0)

    def _numbers(self, left: Ints, right: Ints) -> Floats:
        """“Collège 3” and “Collège 5”: numbers in both names and none in common."""
        texts = [" ".join(sorted(one.numbers)) for one in self.features]
        some = np.array([bool(text) for text in texts])
        asked = np.flatnonzero(some[left] & some[right])
        points = np.zeros(len(left))
        for rank in asked:
            if not self.features[left[rank]].numbers & self.features[right[rank]].numbers:
                points[rank] = OTHER_NUMBERS
        return points


def _likeness(left: NDArray[np.object_], right: NDArray[np.object_]) -> Floats:
    """0 to 1: the same words in any order; all the words of the shorter name in the longer is nearly as good."""
    if len(left) == 0:
        return np.zeros(0)
    ordered = process.cpdist(left, right, scorer=fuzz.token_sort_ratio, dtype=np.float64)
    contained = process.cpdist(left, right, scorer=fuzz.token_set_ratio, dtype=np.float64)
    return np.asarray(np.maximum(ordered, 0.88 * contained) / 100.0)


def _stepped(values: Floats, steps: Sequence[tuple[float, float]], *, at_least: bool) -> Floats:
    conditions = [values >= limit if at_least else values <= limit for limit, _points in steps]
    return np.asarray(np.select(conditions, [points for _limit, points in steps], default=0.0), np.float64)
