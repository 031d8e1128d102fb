"""Reading an address and writing it back."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from maillage.rooms.atlas.filters import FACETS, Filters, filters_from


def test_all_parts_are_read_and_written_back() -> None:
    address = "q=wifi&theme=training&theme=rights&etat=active&territoire=commune%3A69259&lon=4.88000&lat=45.70000&tri=distance"
    filters = filters_from(QueryDict(address))
    assert filters.text == "wifi"
    assert filters.chosen == {"theme": ("training", "rights"), "etat": ("active",)}
    assert filters.query_string() == address
    assert filters.not_understood == ()


@pytest.mark.parametrize(
    ("address", "strange"),
    [
        ("theme=nowhere", "theme"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=4,46,5,45", "bbox"),
        ("bbox=a,b,c,d", "bbox"),
        ("lon=4.8", "lon, lat"),
        ("lon=999&lat=45", "lon, lat"),
        ("lon=nan&lat=45", "lon, lat"),
        ("tri=hasard", "tri"),
        ("territoire=partout", "territoire"),
    ],
)
def test_what_is_not_understood_is_named_and_left_out(address: str, strange: str) -> None:
    filters = filters_from(QueryDict(address))
    assert filters.not_understood == (strange,)
    assert filters.is_empty and not filters.has_point


def test_a_decimal_comma_is_a_point() -> None:
    filters = filters_from(QueryDict("lon=4,85&lat=45,75"))
    assert (filters.lon, filters.lat) == (4.85, 45.75)


def test_removing_one_value_keeps_the_others() -> None:
    filters = filters_from(QueryDict("q=bus&theme=mobility&theme=rights"))
    assert filters.without("theme", "mobility").query_string() == "q=bus&theme=rights"
    assert filters.without("q").query_string() == "theme=mobility&theme=rights"


NAMES = [*FACETS, "q", "bbox", "lon", "lat", "lieu", "territoire", "tri", "x"]


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=60)))
def test_no_address_is_an_error_and_reading_twice_changes_nothing(parameters: dict[str, str]) -> None:
    query = QueryDict(mutable=True)
    query.update(parameters)
    once = filters_from(query)
    twice = filters_from(QueryDict(once.query_string()))
    assert twice.query_string() == once.query_string()
    assert twice.not_understood == ()


def test_order_in_force() -> None:
    assert Filters().order() == "nom"
    assert Filters(text="bus").order() == "pertinence"
    assert Filters(text="bus", lon=4.8, lat=45.7).order() == "distance"
    assert Filters(text="bus", lon=4.8, lat=45.7, sort="pertinence").order() == "pertinence"
    assert Filters(sort="distance").order() == "nom"
