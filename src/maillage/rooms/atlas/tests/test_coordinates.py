"""Coordinates as typed: understood, or the likely mistake is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.rooms.atlas.coordinates import Typed, coordinates_as_typed


@pytest.mark.parametrize(
    ("lon", "lat", "understood"),
    [
        ("4.8860", "45.7036", Typed(4.886, 45.7036)),
        ("4,8860", "45,7036", Typed(4.886, 45.7036)),
        (" 4.886° ", "45.7036 °", Typed(4.886, 45.7036)),
        ("", "45.7036, 4.8860", Typed(4.886, 45.7036)),
        ("", "45,7036 ; 4,8860", Typed(4.886, 45.7036)),
        ("", "45.7036,4.8860", Typed(4.886, 45.7036)),
        ("45.7036 4.8860", "", Typed(4.886, 45.7036)),
        ("55,45", "\u221220,88", Typed(55.45, -20.88)),
        ("", "", Typed()),
        ("4.886", "", Typed(fault="one_missing")),
        ("quatre", "45", Typed(fault="unreadable")),
        ("4.8.8", "45", Typed(fault="unreadable")),
        ("nan", "inf", Typed(fault="unreadable")),
        ("1e5", "45", Typed(fault="unreadable")),
        ("45.7036", "4.8860", Typed(45.7036, 4.886, "swapped")),
        ("842666", "6517222", Typed(fault="projected")),
        ("6517222", "842666", Typed(fault="projected")),
        ("181", "45", Typed(fault="impossible")),
        ("4", "91", Typed(fault="impossible")),
        ("0", "0", Typed(0.0, 0.0, "elsewhere")),
        ("13.40", "52.52", Typed(13.4, 52.52, "elsewhere")),
        ("-21.1", "165.4", Typed(fault="swapped")),
    ],
)
def test_what_is_understood(lon: str, lat: str, understood: Typed) -> None:
    assert coordinates_as_typed(lon, lat) == understood


def test_a_point_elsewhere_may_be_confirmed_but_not_an_impossible_one() -> None:
    assert coordinates_as_typed("13.40", "52.52").may_be_confirmed
    assert coordinates_as_typed("45.7036", "4.8860").may_be_confirmed
    assert not coordinates_as_typed("-21.1", "165.4").may_be_confirmed
    assert not coordinates_as_typed("181", "45").may_be_confirmed


@given(st.text(max_size=40), st.text(max_size=40))
def test_anything_typed_has_an_answer(lon: str, lat: str) -> None:
    typed = coordinates_as_typed(lon, lat)
    if typed.lon is not None and typed.lat is not None:
        assert -180 <= typed.lon <= 180 and -90 <= typed.lat <= 90
    elif not typed.fault:
        assert not lon.strip() and not lat.strip()
