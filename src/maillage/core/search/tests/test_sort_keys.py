"""Names in the order a reader expects, in Python and in the database alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.core.places.models import Territory
from maillage.core.search.sort_keys import LONGEST, sort_key

EXPECTED = ["Eau", "écluse", "Écully", "l'Atelier", "l’atelier 2", "Oasis", "œuvre", "Ordi", "Zoé", "مركز"]


def test_accents_ligatures_apostrophes_and_arabic() -> None:
    backwards = EXPECTED[::-1]
    assert sorted(backwards, key=sort_key) == EXPECTED


@pytest.mark.django_db
def test_the_database_orders_by_the_key_as_python_does() -> None:
    for number, name in enumerate(reversed(EXPECTED)):
        Territory.objects.create(kind="custom", code=str(number), name=name, sort_key=sort_key(name))
    assert list(Territory.objects.order_by("sort_key").values_list("name", flat=True)) == EXPECTED


@given(st.text(max_size=200))
def test_any_text_has_a_key(text: str) -> None:
    assert isinstance(sort_key(text), bytes)
    assert sort_key(text) == sort_key(f"  {text} ")


def test_only_the_beginning_counts() -> None:
    assert sort_key("a" * LONGEST + "b") == sort_key("a" * LONGEST + "c")
