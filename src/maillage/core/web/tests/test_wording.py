"""Dates, distances, numbers and telephone numbers as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from maillage.core.web import dates, wording

NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("given", "french", "english"),
    [
        ("2015", "2015", "2015"),
        (2015, "2015", "2015"),
        ("2015-05", "mai 2015", "May 2015"),
        ("2015-05-03", "3 mai 2015", "3 May 2015"),
        (date(2015, 5, 1), "1er mai 2015", "1 May 2015"),
        (datetime(2015, 5, 2, 23, 30, tzinfo=UTC), "3 mai 2015", "3 May 2015"),
        ("2015-13", "2015-13", "2015-13"),
        ("2015-02-30", "2015-02-30", "2015-02-30"),
        ("vers 2015", "vers 2015", "vers 2015"),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_a_date_is_told_as_far_as_it_is_known(given: object, french: str, english: str) -> None:
    assert dates.long_date(given) == french  # type: ignore[arg-type]
    with translation.override("en"):
        assert dates.long_date(given) == english  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("metres", "told"),
    [
        (3, "à 10 m"),
        (347, "à 350 m"),
        (994, "à 990 m"),
        (996, "à 1,0 km"),
        (2412, "à 2,4 km"),
        (31_200, "à 31 km"),
        (None, ""),
    ],
)
def test_a_distance_is_as_precise_as_a_person_needs(metres: float | None, told: str) -> None:
    assert wording.distance(metres).replace(NARROW, " ") == told


def test_thousands_stand_apart() -> None:
    assert wording.number(1234567) == f"1{NARROW}234{NARROW}567"
    assert wording.number(0) == "0"
    assert wording.number(None) == ""
    with translation.override("en"):
        assert wording.number(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("raw", "dialled", "read"),
    [
        ("04 72 00 00 00", "+33472000000", "04 72 00 00 00"),
        ("+33 (0)4.72.00.00.00", "+33472000000", "04 72 00 00 00"),
        ("0033472000000", "+33472000000", "04 72 00 00 00"),
        ("3949", "3949", "39 49"),
        ("+41 22 123 45 67", "+41221234567", "+41 22 123 45 67"),
    ],
)
def test_a_number_is_dialled_in_full_and_read_by_pairs(raw: str, dialled: str, read: str) -> None:
    assert wording.telephone_digits(raw) == dialled
    assert wording.telephone_text(raw).replace("\N{NO-BREAK SPACE}", " ") == read


def test_an_address_is_named_by_its_site() -> None:
    assert wording.domain("https://www.exemple.fr/a?b") == "exemple.fr"
    assert wording.domain("pas une adresse") == "pas une adresse"
