"""Reading the journal: the digest of a run of lines, and the check of the whole chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from maillage.core.journal.models import JournalLine, Seal


@dataclass(frozen=True)
class Run:
    """What was computed from consecutive lines."""

    first_line: int
    last_line: int
    lines: int
    digest: str


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: `faults` tells in words where the journal does not match its seals."""

    sealed_lines: int
    unsealed_lines: int
    last_digest: str
    faults: tuple[str, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing was edited, deleted or inserted under a seal."""
        return not self.faults


def lines_between(after: int, until: int | None) -> Iterator[JournalLine]:
    """Lines numbered from `after` (excluded) to `until` (included), in order, read by portions."""
    rows = JournalLine.objects.filter(pk__gt=after)
    if until is not None:
        rows = rows.filter(pk__lte=until)
    return rows.order_by("pk").iterator(chunk_size=2000)


def digest_of(lines: Iterable[JournalLine], chained_to: str) -> Run:
    """SHA-256 over the previous digest and the canonical form of each line."""
    sha = hashlib.sha256(chained_to.encode())
    first = last = count = 0
    for line in lines:
        sha.update(b"\n" + _canonical(line))
        first, last, count = first or line.pk, line.pk, count + 1
    return Run(first, last, count, sha.hexdigest())


def _canonical(line: JournalLine) -> bytes:
    actor = str(line.actor) if line.actor else ""
    parts = [line.pk, line.at.timestamp(), actor, line.action, line.subject, line.channel, line.details]
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def verify(expected_last_digest: str = "") -> Verdict:
    """Recomputes every seal. Give the digest noted elsewhere to find also a journal cut at its end with its seals."""
    with transaction.atomic():
        return _verify(expected_last_digest)


def _verify(expected: str) -> Verdict:
    faults: list[str] = []
    after, chained_to, sealed, known = 0, "", 0, not expected
    for seal in Seal.objects.order_by("last_line").iterator():
        found = digest_of(lines_between(after, seal.last_line), chained_to)
        faults += _faults_of(seal, found, chained_to)
        after, chained_to, sealed = seal.last_line, seal.digest, sealed + found.lines
        known = known or seal.digest == expected
    if not known:
        faults.append("the digest noted elsewhere is not in the chain: seals were removed or rewritten")
    return Verdict(sealed, JournalLine.objects.filter(pk__gt=after).count(), chained_to, tuple(faults))


def _faults_of(seal: Seal, found: Run, chained_to: str) -> list[str]:
    where = f"lines {seal.first_line} to {seal.last_line}"
    faults = []
    if seal.previous_digest != chained_to:
        faults.append(f"{where}: the seal does not follow the one before")
    if found.lines != seal.lines:
        faults.append(f"{where}: {seal.lines} lines were sealed, {found.lines} are there")
    elif found.digest != seal.digest:
        faults.append(f"{where}: a line was edited")
    return faults
