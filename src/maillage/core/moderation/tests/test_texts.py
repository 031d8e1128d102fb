"""Typed texts made harmless, and differences that lose no word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.core.moderation.texts import cleaned, cleaned_line, word_differences


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Café\x00 de la\x07 gare ", "Café de la gare"),
        ("Cafe\u0301", "Café"),
        ("abc\u202egpj.exe", "abcgpj.exe"),
        ("\u2066caché\u2069", "caché"),
        ("ligne 1\r\nligne 2\rligne 3", "ligne 1\nligne 2\nligne 3"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("مرحبا\u200f بكم", "مرحبا\u200f بكم"),
        ("famille 👩\u200d👩\u200d👧", "famille 👩\u200d👩\u200d👧"),
        ("seul \ud800 demi", "seul  demi"),
        ("\ufeffdébut", "début"),
    ],
)
def test_what_is_kept(typed: str, kept: str) -> None:
    assert cleaned(typed) == kept


def test_one_line() -> None:
    assert cleaned_line("un\n deux\t\u202etrois ") == "un deux trois"


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_what_is_cleaned_can_always_be_stored(text: str) -> None:
    once = cleaned(text)
    assert "\x00" not in once
    once.encode("utf-8")
    assert cleaned(once) == once


@given(st.text(alphabet="ab é,.\n", max_size=60), st.text(alphabet="ab é,.\n", max_size=60))
def test_a_difference_gives_back_both_texts(before: str, after: str) -> None:
    pieces = word_differences(before, after)
    assert "".join(piece.text for piece in pieces if piece.sign in "=-") == before
    assert "".join(piece.text for piece in pieces if piece.sign in "=+") == after


def test_a_difference_goes_by_words() -> None:
    pieces = word_differences("ouvert le lundi matin", "ouvert le mardi matin")
    assert [(piece.sign, piece.text) for piece in pieces] == [
        ("=", "ouvert le "), ("-", "lundi"), ("+", "mardi"), ("=", " matin"),
    ]  # fmt: skip


def test_two_words_changed_side_by_side_read_as_one_change() -> None:
    pieces = word_differences("le lundi matin ici", "le mardi soir ici")
    assert [(piece.sign, piece.text) for piece in pieces] == [
        ("=", "le "), ("-", "lundi matin"), ("+", "mardi soir"), ("=", " ici"),
    ]  # fmt: skip


def test_long_texts_are_compared_quickly() -> None:
    before = "mot " * 2000
    pieces = word_differences(before, before + "fin")
    assert pieces[-1].sign == "+" and pieces[-1].text.endswith("fin")
