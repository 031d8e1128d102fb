"""Names in the order a reader expects, in Python and in the database alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.core.places.models import Territory
from maillage.core.search.sort_keys import LONGEST, _collator, sort_key

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


words = st.lists(st.sampled_from(["Écully", "œuvre", "l'", "e\u0301", "\u0301a", "مركز", "12", "…", "Ǆ"]), max_size=8)


@given(st.text(max_size=100) | words.map(" ".join) | words.map("".join))
def test_a_key_made_of_words_is_that_of_the_whole_text(text: str) -> None:
    plain = " ".join(text.replace("’", "'").split())[:LONGEST]
    assert sort_key(text) == b"".join(min(one, 0xFFFF).to_bytes(2, "big") for one in _collator().sort_key(plain))


def test_only_the_beginning_counts() -> None:
    assert sort_key("a" * LONGEST + "b") == sort_key("a" * LONGEST + "c")
