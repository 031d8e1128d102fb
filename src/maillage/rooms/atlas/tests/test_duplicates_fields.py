"""The rules by which two entries are made one, on plain values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.rooms.atlas.duplicates_fields import JOINED, Side, combined


def side(entry_id: int, date: str = "", trust: int = 0, **values: Any) -> Side:
    place = values.pop("place", {})
    empty: dict[str, Any] = {name: [] for name in JOINED}
    texts = ("summary", "description", "operator", "status", "status_as_of", "status_reason", "ended_on", "scale")
    snapshot = (
        empty
        | dict.fromkeys(texts, "")
        | {"name": "Lieu", "kind": "place", "places": [{"label": "Lieu", **place}]}
        | values
    )
    return Side(entry_id, f"source {entry_id}", trust, date, snapshot)


@pytest.mark.parametrize(
    "dates, taken",
    [
        (("2021", "2022"), "b"),
        (("2022", "2021"), "a"),
        (("2022", "2022-09"), "a"),
        (("", "2020"), "b"),
        (("2020", ""), "a"),
    ],
)
def test_a_telephone_is_that_of_who_spoke_last(dates: tuple[str, str], taken: str) -> None:
    made = combined(side(1, dates[0], place={"phone": "0472000001"}), side(2, dates[1], place={"phone": "0472000002"}))
    assert made.snapshot["places"][0]["phone"] == {"a": "0472000001", "b": "0472000002"}[taken]
    assert [choice.key for choice in made.choices] == ["place.0.phone"]


def test_a_name_is_that_of_the_source_trusted_more() -> None:
    made = combined(side(1, "2023", trust=1, name="Ancien nom"), side(2, "2020", trust=0, name="Nom sûr"))
    assert made.snapshot["name"] == "Nom sûr"
    assert made.snapshot["other_names"] == ["Ancien nom"]
    assert made.origins["name"]["entry"] == 2


def test_capitals_are_no_choice() -> None:
    made = combined(side(1, "2020", name="Mairie d’Écully"), side(2, "2023", name="MAIRIE D'ECULLY"))
    assert made.snapshot["name"] == "Mairie d’Écully"
    assert made.choices == () and made.snapshot["other_names"] == []


def test_an_address_without_postcode_is_completed() -> None:
    made = combined(side(1, place={"address": "5 rue X", "postcode": "", "quarter": ""}),
                    side(2, place={"address": "5, RUE X", "postcode": "69001", "quarter": ""}))  # fmt: skip
    assert made.snapshot["places"][0]["address"] == "5 rue X"
    assert made.snapshot["places"][0]["postcode"] == "69001"


def test_what_is_unknown_never_wins() -> None:
    made = combined(side(1, "2018", status="active"), side(2, "2023", status="unknown"))
    assert made.snapshot["status"] == "active"


def test_the_better_known_point_wins() -> None:
    good = {"lon": 4.85, "lat": 45.75, "precision": "address", "obtained": "a"}
    poor = {"lon": 4.8500001, "lat": 45.75, "precision": "commune", "obtained": "b"}
    assert (
        combined(side(1, "2020", place=poor), side(2, "2019", place=good)).snapshot["places"][0]["precision"]
        == "address"
    )
    assert (
        combined(side(1, "2019", place=good), side(2, "2023", place=poor)).snapshot["places"][0]["precision"]
        == "address"
    )


def test_a_place_elsewhere_is_added_not_mixed() -> None:
    here, there = {"lon": 4.85, "lat": 45.75, "phone": "1"}, {"lon": 4.95, "lat": 45.75, "phone": "2"}
    made = combined(side(1, place=here), side(2, place=there))
    assert [place["phone"] for place in made.snapshot["places"]] == ["1", "2"]


texts = st.sampled_from(["", "a", "b", "A", "unknown"])


@given(
    st.tuples(texts, texts, texts, st.lists(texts, max_size=2)),
    st.tuples(texts, texts, texts, st.lists(texts, max_size=2)),
)
def test_nothing_that_only_one_says_is_lost(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    names = ("summary", "operator", "description", "themes")
    made = combined(
        side(1, "2020", **dict(zip(names, one, strict=True))), side(2, "2021", **dict(zip(names, other, strict=True)))
    )
    for name, mine, theirs in zip(names, one, other, strict=True):
        result = made.snapshot[name]
        if isinstance(mine, list):
            assert set(result) == {*mine, *theirs}
        else:
            assert result in (mine, theirs)
            assert result not in ("", "unknown") or {mine, theirs} <= {"", "unknown"}
