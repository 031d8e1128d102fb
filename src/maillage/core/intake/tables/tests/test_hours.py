"""French opening hours in free text."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours  # type: ignore[attr-defined]

from maillage.core.intake.tables.clean_hours import clean_hours, clean_week
from maillage.core.places.hours import is_valid

LONG = "du lundi au vendredi 9h-12h et 14h-17h30, samedi matin sur rendez-vous"
UNDERSTOOD = {
    LONG: 'Mo-Fr 09:00-12:00,14:00-17:30; Sa unknown "matin, sur rendez-vous"',
    "Lundi : 9h-12h / 14h-17h\nMardi : fermé\nMercredi : 9h00 à 12h00": "Mo 09:00-12:00,14:00-17:00; Tu off; We 09:00-12:00",
    "9h-12h du lundi au vendredi": "Mo-Fr 09:00-12:00",
    "9h-12h lundi, 14h-17h mardi": "Mo 09:00-12:00; Tu 14:00-17:00",
    "tous les jours sauf le dimanche de 10h à 19h": "Mo-Sa 10:00-19:00",
    "fermé le lundi, ouvert du mardi au samedi 10h-18h": "Mo off; Tu-Sa 10:00-18:00",
    "fermé lundi et mardi": "Mo,Tu off",
    "1er et 3ème samedi du mois de 9h à 12h": "Sa[1,3] 09:00-12:00",
    "24h/24 7j/7": "24/7",
    "Ouvert en semaine de 9h à midi": "Mo-Fr 09:00-12:00",
    "Mardi et jeudi : 14 h 00 - 17 h 00, mercredi : 9h-12h et 14h-18h": "Tu,Th 14:00-17:00; We 09:00-12:00,14:00-18:00",
    "Lundi 9h à12h et 14ha17h": "Mo 09:00-12:00,14:00-17:00",
    "vendredi 8h-12h 13h30-16h": "Fr 08:00-12:00,13:30-16:00",
    "Lundi 9h-12h. Fermé les jours fériés": "Mo 09:00-12:00; PH off",
    "Mo-Fr 08:30-12:00": "Mo-Fr 08:30-12:00",
    "mercredi 9h-12h sur rdv": 'We 09:00-12:00 "sur rendez-vous"',
    "du vendredi au lundi 10h-18h": "Mo,Fr-Su 10:00-18:00",
}
LEFT = [
    "lundi 9h-12h sauf vacances scolaires",
    "9h-12h",
    "lundi 17h-9h",
    "sur rendez-vous",
    "horaires variables",
    "voir le site",
    "mardi 9h-12h semaines paires",
    "lundi 9h-12h-14h",
    "lundi à partir de 14h",
    "lundi 9h-12h et lundi fermé",
    "tous les jours sauf mercredi matin 9h-12h",
    "mardi après-midi 9h-11h",
    "Mo 09:00",
    "lundi 9h-12h, 11h-15h",
]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_understood(text: str) -> None:
    done = clean_hours(text)
    assert done.value == UNDERSTOOD[text] and is_valid(done.value)
    assert done.rest == ("" if done.value == text else text)


@pytest.mark.parametrize("text", LEFT)
def test_what_is_not_surely_understood_stays_a_text(text: str) -> None:
    done = clean_hours(text)
    assert not done.value and done.rest == text and done.fault


def test_a_week_in_seven_cells() -> None:
    done = clean_week(
        {0: "09:00 - 12:00 / 13:30 - 17:00", 1: "9h-12h", 2: "Fermé", 3: "-", 4: "9-12", 5: "9h à 12h sur RDV"}
    )
    assert done.value == 'Mo 09:00-12:00,13:30-17:00; Tu,Fr 09:00-12:00; We off; Sa 09:00-12:00 "sur rendez-vous"'
    assert "lundi : 09:00 - 12:00" in done.rest


def test_one_day_not_understood_is_quoted_the_others_are_translated() -> None:
    done = clean_week({0: "9h-12h", 5: 'le 2e samedi, "si possible"'})
    assert done.value == "Mo 09:00-12:00; Sa unknown \"le 2e samedi, 'si possible'\"" and is_valid(done.value)
    assert clean_week({0: "Itinérance", 1: "Itinérance"}).value == ""
    assert clean_week({0: "", 1: "-"}).value == ""


TIMES = st.integers(0, 47).map(lambda half: half * 30)


@given(
    st.lists(st.sampled_from(range(7)), min_size=1, max_size=4, unique=True),
    st.tuples(TIMES, TIMES).filter(lambda p: p[0] < p[1]),
)
def test_what_is_written_is_what_is_open(days: list[int], span: tuple[int, int]) -> None:
    names = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
    opens, closes = (f"{at // 60}h{at % 60:02}" for at in span)
    text = f"{', '.join(names[day] for day in days)} : de {opens} à {closes}"
    hours = OpeningHours(clean_hours(text).value)
    for day in range(7):
        for minute in range(0, 1440, 15):
            at = datetime(2026, 3, 2 + day, minute // 60, minute % 60)  # noqa: DTZ001 -- local time, as hours are
            assert hours.is_open(at) == (day in days and span[0] <= minute < span[1])


@given(st.text(alphabet="lundimarecjvsaot 0123456789hH:-,;/.éà()'\n", max_size=80))
def test_whatever_comes_out_is_valid_or_kept(text: str) -> None:
    done = clean_hours(text)
    assert (not done.value or is_valid(done.value)) and (
        done.value == text.strip()
        or done.rest == text.strip()
        or not text.strip()
        or (not done.value and not done.fault)
    )
