"""The words of the field: the everyday word first, the administrative one after, with definitions and sources.

Read once from glossary.yaml; rooms take the labels of their facets from here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

SOURCE = Path(__file__).parent / "glossary.yaml"


@dataclass(frozen=True)
class WordSource:
    """Where a definition comes from."""

    text: str
    page: str
    url: str


@dataclass(frozen=True)
class Word:
    """One entry of the glossary."""

    code: str
    labels: Mapping[str, str]
    administrative: str
    definitions: Mapping[str, str]
    source: WordSource | None
    facet: tuple[str, str] | None
    see_also: tuple[str, ...]

    def label(self, language: str) -> str:
        """The everyday word, in French where this language has none."""
        return self.labels.get(language) or self.labels["fr"]

    def definition(self, language: str) -> str:
        """The definition, in French where this language has none, empty where there is none."""
        return self.definitions.get(language) or self.definitions.get("fr", "")


def _by_language(row: Mapping[str, Any], field: str) -> dict[str, str]:
    start = f"{field}_"
    return {key.removeprefix(start): str(text).strip() for key, text in row.items() if key.startswith(start) and text}


def _source(row: Mapping[str, Any]) -> WordSource | None:
    given = row.get("source")
    if not given:
        return None
    return WordSource(str(given.get("text") or ""), str(given.get("page") or ""), str(given.get("url") or ""))


def _word(row: Mapping[str, Any]) -> Word:
    facet = row.get("facet")
    return Word(
        code=row["code"],
        labels=_by_language(row, "label"),
        administrative=str(row.get("administrative_fr") or ""),
        definitions=_by_language(row, "definition"),
        source=_source(row),
        facet=(facet["name"], str(facet["value"])) if facet else None,
        see_also=tuple(row.get("see_also") or ()),
    )


@cache
def entries() -> Sequence[Word]:
    """All words, in the order of the file; raises KeyError where an entry lacks its code."""
    rows = yaml.safe_load(SOURCE.read_text(encoding="utf-8")) or []
    if isinstance(rows, dict):
        rows = rows.get("words") or rows.get("entries") or []
    return tuple(_word(row) for row in rows)


@cache
def _by_facet() -> Mapping[tuple[str, str], Word]:
    return {word.facet: word for word in entries() if word.facet}


def word_of(facet: str, value: str) -> Word | None:
    """The entry for one value of a facet, None where the glossary has none."""
    return _by_facet().get((facet, value))


def label(facet: str, value: str, language: str | None = None) -> str:
    """The everyday word for a value of a facet; a value unknown to the glossary is shown as it is."""
    word = word_of(facet, value)
    return word.label(language or get_language() or "fr") if word else value


def definition(facet: str, value: str, language: str | None = None) -> str:
    """The definition of a value of a facet, empty where the glossary has none."""
    word = word_of(facet, value)
    return word.definition(language or get_language() or "fr") if word else ""


def definition_language(facet: str, value: str, language: str) -> str:
    """The language in which `definition` answers: French where the glossary has no other."""
    word = word_of(facet, value)
    return _told_in(word.definitions, language) if word else "fr"


def labels(facet: str, language: str | None = None) -> dict[str, str]:
    """Every value of a facet with its word, in the order of the file."""
    tongue = language or get_language() or "fr"
    return {word.facet[1]: word.label(tongue) for word in entries() if word.facet and word.facet[0] == facet}


def fold(text: str) -> str:
    """Lower case without accents or ligatures: what names are sorted and grouped by."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@dataclass(frozen=True)
class LetterGroup:
    """The words that begin with one letter."""

    letter: str
    words: Sequence[WordInPage]


@dataclass(frozen=True)
class WordInPage:
    """One word as the glossary page shows it; `see_also` holds the codes, labels and languages of words that exist."""

    code: str
    label: str
    label_language: str
    administrative: str
    definition: str
    definition_language: str
    source: WordSource | None
    see_also: Sequence[tuple[str, str, str]]


def _told_in(texts: Mapping[str, str], language: str) -> str:
    return language if texts.get(language) else "fr"


def _in_page(word: Word, language: str, known: Mapping[str, Word]) -> WordInPage:
    return WordInPage(
        code=word.code,
        label=word.label(language),
        label_language=_told_in(word.labels, language),
        administrative=word.administrative,
        definition=word.definition(language),
        definition_language=_told_in(word.definitions, language),
        source=word.source,
        see_also=[
            (code, known[code].label(language), _told_in(known[code].labels, language))
            for code in word.see_also
            if code in known
        ],
    )


def by_letter(language: str) -> Sequence[LetterGroup]:
    """All words that have a definition, by first letter."""
    known = {word.code: word for word in entries()}
    shown = sorted(
        (_in_page(word, language, known) for word in entries() if word.definitions), key=lambda one: fold(one.label)
    )
    groups: dict[str, list[WordInPage]] = {}
    for word in shown:
        first = fold(word.label)[:1].upper()
        groups.setdefault(first if first.isalpha() else "0–9", []).append(word)
    return [LetterGroup(letter, words) for letter, words in groups.items()]


def knows(facet: str, value: str) -> bool:
    """Whether a value belongs to a facet."""
    return (facet, value) in _by_facet()
