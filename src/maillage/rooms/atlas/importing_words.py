"""The words of directories read into our own facets, by the table importing_words.yaml and the glossary's own labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import yaml

from maillage.core.search.words import tokens
from maillage.core.web import glossary

SOURCE = Path(__file__).with_name("importing_words.yaml")


def codes_of(facet: str, items: Iterable[str]) -> list[str]:
    """The values of a facet that these items mean, each once, in the order met."""
    return list(dict.fromkeys(code for item in items for code in _codes(facet, item)))


def not_understood(facet: str, items: Iterable[str]) -> list[str]:
    """The items that mean no value of a facet."""
    return [item for item in items if not _codes(facet, item)]


@lru_cache(maxsize=50_000)
def _codes(facet: str, item: str) -> tuple[str, ...]:
    if glossary.knows(facet, item):
        return (item,)
    words = " ".join(tokens(item))
    if exact := _labels(facet).get(words):
        return (exact,)
    pattern = _patterns(facet)
    return tuple(code for code, one in pattern if one.search(words))


@cache
def _labels(facet: str) -> dict[str, str]:
    """Our own words for the values, as our exports write them, in every language."""
    return {
        " ".join(tokens(label)): code
        for tongue in ("fr", "en", "ar")
        for code, label in glossary.labels(facet, tongue).items()
    }


@cache
def _patterns(facet: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    table: dict[str, list[str]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8")).get(facet, {})
    return tuple(
        (code, re.compile("|".join(_pattern(str(phrase)) for phrase in phrases))) for code, phrases in table.items()
    )


def _pattern(phrase: str) -> str:
    ending = r"\w*" if phrase.endswith("*") else ""
    return rf"\b{' '.join(re.escape(word) for word in tokens(phrase))}{ending}\b"
