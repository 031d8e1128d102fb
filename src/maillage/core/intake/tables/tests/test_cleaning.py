"""Each kind of cell: what is understood, what is said, what is kept when it is not understood."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.core.intake.tables.clean_codes import (
    clean_commune_code,
    clean_date,
    clean_postcode,
    clean_siret,
    is_siret_sound,
)
from maillage.core.intake.tables.clean_contacts import clean_email, clean_phone, clean_url
from maillage.core.intake.tables.clean_coordinates import clean_pair, clean_position
from maillage.core.intake.tables.clean_text import clean_text, listed
from maillage.core.intake.tables.conic import LAMBERT_93, ZONES, zone_at
from maillage.core.places.projections import lambert93_inverse


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("04 72 00 01 02", "+33472000102"),
        ("04.72.00.01.02", "+33472000102"),
        ("0472000102", "+33472000102"),
        ("472000102", "+33472000102"),
        ("+33 (0)4 72 00 01 02", "+33472000102"),
        ("0033472000102", "+33472000102"),
        ("33472000102", "+33472000102"),
        ("0262 33 45 65", "+262262334565"),
        ("0692 33 45 65", "+262692334565"),
        ("3646", "3646"),
        ("39 49", "3949"),
        ("115", "115"),
        ("Tél : 04 72 00 01 02", "+33472000102"),
        ("04 72 00 01 02 / 06 11 22 33 44", "+33472000102"),
        ("04720001020611223344", "+33472000102"),
        ("+41 22 345 67 89", "+41223456789"),
        ("", ""),
        ("-", ""),
        ("non renseigné", ""),
    ],
)
def test_phones(raw: str, value: str) -> None:
    assert clean_phone(raw).value == value


def test_a_second_number_and_words_are_kept_beside() -> None:
    assert "+33611223344" in clean_phone("04 72 00 01 02 / 06 11 22 33 44").rest
    assert "lundi" in clean_phone("04 72 00 01 02 (sauf le lundi)").rest
    wrong = clean_phone("voir le site")
    assert not wrong.value and wrong.fault and wrong.rest == "voir le site"
    assert clean_phone("01 00 00 00 00").fault and not clean_phone("01 00 00 00 00").value


@given(st.text(max_size=60))
def test_no_text_breaks_the_cleaning_and_none_is_lost(text: str) -> None:
    for clean in (clean_phone, clean_email, clean_url):
        done = clean(text)
        assert done.value or done.fault or not done.rest
    clean_postcode(text)
    clean_siret(text)
    clean_date(text)
    clean_pair(text)
    clean_position(text, text)
    clean_text(text)
    listed(text)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Accueil@Exemple.FR", "accueil@exemple.fr"),
        ("mailto:a@b.fr", "a@b.fr"),
        ("a [at] b.fr", "a@b.fr"),
        ("a@b.fr ; c@d.fr", "a@b.fr"),
        ("Mail : a@b.fr", "a@b.fr"),
        ("a@b.fr.", "a@b.fr"),
        ("chambéry@exemple.fr", ""),
        ("maison des services@exemple.fr", ""),
        ("[courriel retiré]", ""),
        ("a@b", ""),
        ("", ""),
    ],
)
def test_emails_are_taken_whole_or_not_at_all(raw: str, value: str) -> None:
    assert clean_email(raw).value == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("www.exemple.fr", "https://www.exemple.fr"),
        ("https://exemple.fr/a,b?c=1#d", "https://exemple.fr/a,b?c=1#d"),
        ("http:/exemple.fr", "http://exemple.fr"),
        ("http://http://exemple.fr", "http://exemple.fr"),
        ("http://", ""),
        ("https://a.fr|https://b.fr", "https://a.fr"),
        ("a@b.fr", ""),
        ("04.76.98.49.27", ""),
        ("bonjour", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_web_addresses(raw: str, value: str) -> None:
    assert clean_url(raw).value == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("69001", "69001"),
        ("1000", "01000"),
        ("69001.0", "69001"),
        ("69 001", "69001"),
        ("F-69001", "69001"),
        ("69003 CEDEX 3", "69003"),
        ("20000", "20000"),
        ("97400", "97400"),
        ("99999", ""),
        ("690010", ""),
        ("Lyon", ""),
    ],
)
def test_postcodes(raw: str, value: str) -> None:
    assert clean_postcode(raw).value == value


def test_commune_codes() -> None:
    assert [clean_commune_code(raw).value for raw in ("1004", "2a004", "69123", "97411", "0null", "00000")] == [
        "01004",
        "2A004",
        "69123",
        "97411",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("828 213 371", "828213371"),
        ("73282932000074", "73282932000074"),
        ("7.3282932000074E13", ""),
        ("356 000 000 49837", "35600000049837"),
        ("1234567890003", "01234567890003"),
        ("00000000000000", ""),
        ("1", ""),
        ("73282932000075", ""),
        ("W691234567", "W691234567"),
    ],
)
def test_siret(raw: str, value: str) -> None:
    assert clean_siret(raw).value == value


def test_luhn_against_the_definition() -> None:
    for number in ("732829320", "404833048", "123456789"):
        doubled = [int(d) * 2 if place % 2 else int(d) for place, d in enumerate(reversed(number))]
        assert is_siret_sound(number) == (sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0)


def test_dates() -> None:
    raws = (
        "15/03/2021",
        "2021-03-15T10:00:00",
        "15 mars 2021",
        "2021",
        "2021-03",
        "31/02/2021",
        "hier",
        "05/05/2021 14:29:42",
    )
    assert [clean_date(raw).value for raw in raws] == [
        "2021-03-15",
        "2021-03-15",
        "2021-03-15",
        "2021",
        "2021-03",
        "",
        "",
        "2021-05-05",
    ]


@pytest.mark.parametrize(
    ("lon", "lat", "word"),
    [
        ("4.835659", "45.764043", ""),
        ("4,835659", "45,764043", "virgule"),
        ("45.764043", "4.835659", "inversées"),
        ("4°50'08.4\"E", "45°45'50.6\"N", "degrés et minutes"),
        ("45°45'50.6\"N", "4°50'08.4\"E", "degrés et minutes"),
        ("842666.66", "6519924.37", "Lambert-93"),
        ("6519924,37", "842666,66", "Lambert-93"),
        ("842 666", "6 519 924", "Lambert-93"),
    ],
)
def test_positions_are_recognised_and_said(lon: str, lat: str, word: str) -> None:
    found = clean_position(lon, lat)
    assert found.lon == pytest.approx(4.8356, abs=0.01) and found.lat == pytest.approx(45.764, abs=0.01)
    assert word in found.word if word else not found.word


@pytest.mark.parametrize(
    "text",
    [
        "45.764043, 4.835659",
        "45,764043 4,835659",
        "45,764043,4,835659",
        "POINT(4.835659 45.764043)",
        "[4.835659, 45.764043]",
        "45.764043;4.835659",
        "45.764043 | 4.835659",
        '{"type": "Point", "coordinates": [4.835659, 45.764043]}',
        '{"lon": 4.835659, "lat": 45.764043}',
        "45° 45' 50.6\" N, 4° 50' 8.4\" E",
    ],
)
def test_both_coordinates_in_one_cell(text: str) -> None:
    found = clean_pair(text)
    assert (found.lon, found.lat) == (pytest.approx(4.8357, abs=0.001), pytest.approx(45.764, abs=0.001))


@pytest.mark.parametrize(
    ("lon", "lat", "fault"),
    [
        ("0", "0", "0, 0"),
        ("-71.27", "46.8", "hors de France"),
        ("4.83", "", "une seule"),
        ("abc", "45.7", "illisible"),
        ("400", "95", "impossibles"),
        ("99999999", "1", "impossibles"),
        ("45°75'00\"N", "4.8", "illisible"),
    ],
)
def test_positions_of_no_use_say_why(lon: str, lat: str, fault: str) -> None:
    found = clean_position(lon, lat)
    assert found.lon is None and fault in found.fault


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("55.4504", "-20.8823"),
        ("-61.5338", "16.2412"),
        ("-52.326", "4.9372"),
        ("45.2279", "-12.7806"),
        ("166.4580", "-22.2758"),
    ],
)
def test_overseas_positions_are_in_france_either_way_round(lon: str, lat: str) -> None:
    assert clean_position(lon, lat).lon == clean_position(lat, lon).lon == float(lon)


def _to_plane(zone: int, lon: float, lat: float) -> tuple[float, float]:
    """The projection the other way round, by bisection on its inverse: slow, and independent of any forward formula."""
    conic = ZONES[zone]
    x, y = conic.false_east, conic.false_north
    for _turn in range(60):
        at = conic.inverse(x, y)
        x += (lon - at[0]) * 75_000
        y += (lat - at[1]) * 110_000
    return x, y


def test_conic_zones() -> None:
    # The origin of each zone is where its definition puts it, and Lambert-93 agrees with the other implementation.
    for zone, conic in ZONES.items():
        assert conic.inverse(1_700_000, conic.false_north) == (pytest.approx(3.0), pytest.approx(zone, abs=1e-9))
    points = np.array([[842666.66, 6519924.37], [652469.0, 6862035.0]])
    for x, y in points:
        assert LAMBERT_93.inverse(x, y) == pytest.approx(tuple(lambert93_inverse(np.array([[x, y]]))[0]), abs=1e-9)
    x, y = _to_plane(46, 4.8357, 45.764)
    assert zone_at(x, y) == 46
    found = clean_position(f"{x:.2f}", f"{y:.2f}")
    assert (found.lon, found.lat) == (
        pytest.approx(4.8357, abs=1e-6),
        pytest.approx(45.764, abs=1e-6),
    ) and "CC46" in found.word


def test_texts() -> None:
    assert clean_text("<p>Ouvert</p><script>alert(1)</script><br>à tous").value == "Ouvert\n\nà tous"
    assert clean_text("caf&eacute; &amp; th&eacute;").value == "café & thé"
    assert clean_text("CafÃ© des aÃ®nÃ©s").value == "Café des aînés"
    assert clean_text("&lt;b&gt;gras&lt;/b&gt;").value == "gras"
    assert clean_text("3 < 5 et 7 > 2").value == "3 < 5 et 7 > 2"
    assert clean_text("a\u202eb\u0000c").value == "abc"


def test_lists() -> None:
    assert listed("Jeunes|Femmes") == ["Jeunes", "Femmes"]
    assert listed("a;b ; c") == ["a", "b", "c"]
    assert listed('{"Numérique / Electronique","Arts"}') == ["Numérique / Electronique", "Arts"]
    assert listed("['accueil', 'formation']") == ["accueil", "formation"]
    assert listed('Adultes,Seniors,"Petite enfance / Parentalité (0-3 ans)","Jeunesse (11-26 ans)') == [
        "Adultes",
        "Seniors",
        "Petite enfance / Parentalité (0-3 ans)",
        "Jeunesse (11-26 ans)",
    ]
    sentence = "Une phrase, qui a des virgules, et qui est assez longue pour que ses morceaux dépassent la longueur d’un mot-clé."
    assert listed(sentence) == [sentence]
