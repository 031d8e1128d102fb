"""The glossary as the rooms and the page of words read it."""

from __future__ import annotations

from maillage.core.web import glossary


def test_codes_are_unique_and_references_exist() -> None:
    codes = [word.code for word in glossary.entries()]
    assert len(codes) == len(set(codes))
    assert {other for word in glossary.entries() for other in word.see_also} - set(codes) == set()


def test_a_value_of_a_facet_has_its_word_in_each_language() -> None:
    faceted = [word for word in glossary.entries() if word.facet]
    assert faceted
    for word in faceted:
        assert word.facet
        assert glossary.label(*word.facet, "fr") == word.labels["fr"]
        assert {"fr", "en", "ar"} <= set(word.labels), word.code


def test_an_unknown_value_is_shown_as_it_is() -> None:
    assert glossary.label("theme", "astronomie") == "astronomie"
    assert glossary.definition("theme", "astronomie") == ""


def test_letters_ignore_accents_and_ligatures() -> None:
    assert glossary.fold("Œuvre d’ÉTÉ") == "oeuvre d’ete"
    letters = [group.letter for group in glossary.by_letter("fr")]
    assert letters == sorted(letters) and all(len(letter) == 1 or letter == "0–9" for letter in letters)
    shown = sum(len(group.words) for group in glossary.by_letter("fr"))
    assert shown == sum(bool(word.definitions) for word in glossary.entries())
