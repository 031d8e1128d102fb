"""Sort keys: names in the order a reader expects, whatever the database's own collation.

The private PostgreSQL has no ICU, so every name carries the key of the Unicode Collation Algorithm (default table, UTS 10)
as bytes, and every ORDER BY and key pagination uses it: É with E, œ with oe, Arabic after Latin.
"""

from __future__ import annotations

import struct
from functools import cache

from pyuca import Collator

LONGEST = 120


@cache
def _collator() -> Collator:
    """Reading the table takes about half a second: once per process, when first needed."""
    return Collator()


def sort_key(name: str) -> bytes:
    """Bytes whose plain order is the order of names; only the first 120 characters count."""
    words = " ".join(name.replace("’", "'").split())[:LONGEST]
    return b"".join(struct.pack(">H", min(weight, 0xFFFF)) for weight in _collator().sort_key(words))
