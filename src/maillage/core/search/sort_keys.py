"""Sort keys: names in the order a reader expects, whatever the database's own collation.

The private PostgreSQL has no ICU, so every name carries the key of the Unicode Collation Algorithm (default table, UTS 10)
as bytes, and every ORDER BY and key pagination uses it: É with E, œ with oe, Arabic after Latin.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import cache, lru_cache

from pyuca import Collator

LONGEST = 120


@cache
def _collator() -> Collator:
    """Reading the table takes about half a second: once per process, when first needed."""
    return Collator()


def sort_key(name: str) -> bytes:
    """Bytes whose plain order is the order of names; only the first 120 characters count."""
    text = " ".join(name.replace("’", "'").split())[:LONGEST]
    elements = [element for at, word in enumerate(text.split(" ")) for element in _elements(f" {word}" if at else word)]
    weights = [min(weight, 0xFFFF) for weight in _collator().sort_key_from_collation_elements(elements)]
    return struct.pack(f">{len(weights)}H", *weights)


@lru_cache(maxsize=50_000)
def _elements(word: str) -> tuple[tuple[int, ...], ...]:
    """What the table says of a word, with the blank before it: names are made of the same words, and none reaches over one."""
    return tuple(tuple(element) for element in _collator().collation_elements(unicodedata.normalize("NFD", word)))
