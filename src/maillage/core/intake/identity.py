"""Who is who in a file: a stable identifier for each row, and which rows are the same place said twice.

The identifier that the source declares is used when it is one: some files gather several sources whose numbers collide, and
some repeat a number for different places. Found out in one pass before anything is written; memory is 24 bytes a row.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from maillage.core.intake.mapping import Mapping
from maillage.core.intake.tables.model import Row
from maillage.core.search.words import folded

BY_ID, BY_SOURCE_AND_ID, BY_CONTENT = "id", "source_id", "content"
LONGEST = 100


@dataclass(frozen=True)
class Known:
    """What tells a row apart: its identifier, what it says of itself, and its company number with name and address."""

    external_id: str
    content: int
    company: int


@dataclass
class Identities:
    """How the rows of one file are told apart; `repeated_*` are those met more than once."""

    mapping: Mapping
    mode: str
    repeated_ids: frozenset[int] = frozenset()
    repeated_contents: frozenset[int] = frozenset()
    repeated_companies: frozenset[int] = frozenset()
    notes: list[str] = field(default_factory=list)

    def of(self, row: Row) -> Known:
        """What tells this row apart."""
        raw = _raw(row, self.mapping)
        declared = _declared(raw, self.mode)
        if not declared:
            return Known(f"c-{raw.content:016x}", raw.content, raw.company)
        if (
            _hash(declared) in self.repeated_ids
        ):  # the number is given to several places: what they say tells them apart
            declared = f"{declared}~{raw.content % 16**8:08x}"
        return Known(declared, raw.content, raw.company)

    def may_be_repeated(self, known: Known) -> bool:
        """Whether another row of the file may be the same place."""
        if known.company and known.company in self.repeated_companies:
            return True
        return (
            known.external_id.startswith("c-") or "~" in known.external_id
        ) and known.content in self.repeated_contents


@dataclass(frozen=True)
class _Raw:
    declared: str
    source: str
    content: int
    company: int


def identities_of(rows: Iterable[Row], mapping: Mapping, usual_mode: str = "") -> Identities:
    """Reads all rows once; `usual_mode` is how this source was read before: it is kept, so that identifiers stay."""
    ids, pairs, contents, companies = (array("Q") for _each in range(4))
    for row in rows:
        raw = _raw(row, mapping)
        ids.append(_hash(_declared(raw, BY_ID)) if raw.declared else 0)
        pairs.append(_hash(_declared(raw, BY_SOURCE_AND_ID)) if raw.declared else 0)
        contents.append(raw.content)
        companies.append(raw.company)
    repeated, repeated_pairs = _repeated(ids), _repeated(pairs)
    mode, notes = usual_mode, list[str]()
    if not mode:
        mode = BY_ID if any(ids) else BY_CONTENT
        if repeated and mapping.of("source_name") and len(repeated_pairs) < len(repeated):
            mode = BY_SOURCE_AND_ID
            notes.append(
                _("Des identifiants se répètent d’un fournisseur à l’autre : chacun est lu avec son fournisseur.")
            )
    final = repeated_pairs if mode == BY_SOURCE_AND_ID else repeated
    if final and mode != BY_CONTENT:
        notes.append(
            _("{count} identifiants servent plusieurs fois : le nom et l’adresse les distinguent.").format(
                count=len(final)
            )
        )
    return Identities(mapping, mode, final, _repeated(contents), _repeated(companies), notes)


def _repeated(hashes: array[int]) -> frozenset[int]:
    values: NDArray[np.uint64] = (
        np.frombuffer(hashes, dtype=np.uint64) if len(hashes) else np.array([], dtype=np.uint64)
    )
    found, counts = np.unique(values, return_counts=True)
    return frozenset(int(one) for one in found[counts > 1] if one)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") or 1


def _raw(row: Row, mapping: Mapping) -> _Raw:
    def said(*codes: str) -> str:
        return " ".join(text for code in codes for name in _columns(mapping, code) if (text := row.cells.get(name, "")))

    name = _plain(said("name"))
    address = _plain(said("address", "postcode", "city", "commune_code"))
    where = address or re.sub(r"[^\d.;-]", "", said("lon", "lat", "position").replace(",", "."))
    digits = re.sub(r"\D", "", said("siret"))
    company = _hash(f"{digits}|{name}|{address}") if len(digits) >= 9 and digits.strip("0") and name and address else 0
    declared = " ".join(said("external_id").replace("\u202f", " ").split())
    return _Raw(declared, said("source_name").strip(), _hash(f"{name}|{where}"), company)


def _columns(mapping: Mapping, code: str) -> list[str]:
    cache: dict[str, list[str]] = mapping.__dict__.setdefault("_columns_by_code", {})
    if code not in cache:
        cache[code] = mapping.of(code)
    return cache[code]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", folded(text)))


def _declared(raw: _Raw, mode: str) -> str:
    if mode == BY_CONTENT or not raw.declared:
        return ""
    text = f"{raw.source}:{raw.declared}" if mode == BY_SOURCE_AND_ID and raw.source else raw.declared
    return text if len(text) <= LONGEST else f"h-{_hash(text):016x}"
