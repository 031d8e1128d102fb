"""Looking for duplicates: every published entry against the others, by the matching kernel; nothing is merged here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from maillage.core.intake.models import SourceRecord
from maillage.core.journal.actions import record
from maillage.kernels.matching.blocking import Ints, candidate_pairs
from maillage.kernels.matching.records import Record
from maillage.kernels.matching.scoring import Comparison, Evidence, Scores
from maillage.rooms.atlas.duplicates_models import CandidatePair, PairState
from maillage.rooms.atlas.models import Entry, Place

FLOOR = 40  # pairs below are not kept: four in ten of the labelled ones between 40 and 50 are one place, fewer below
BATCH = 1_000
_LOCK = 4_207_003  # advisory lock: one search at a time


@dataclass(frozen=True)
class Search:
    """What a search found. `proposed` counts all that wait now, `new` those never seen before."""

    entries: int
    compared: int
    new: int
    proposed: int


@dataclass(frozen=True)
class _Found:
    left: int
    right: int
    score: int
    reasons: list[dict[str, object]]


def find_duplicates() -> Search:
    """Compares all published entries and keeps the pairs that may be one; decisions taken are left as they are.

    Linear in the number of entries: about 2 s for 16,000 rows, memory about 2 kB a row.
    """
    owners, records = _records()
    comparison = Comparison(records)
    pairs = candidate_pairs(records, comparison.features)
    scores = comparison.scores(pairs.left, pairs.right)
    found = _best(owners, comparison, (pairs.left, pairs.right), scores)
    with transaction.atomic():
        _wait_for_turn()
        new, proposed = _keep(found)
        record(action="atlas.duplicates_searched", subject="atlas:duplicates",
               details={"entries": len(set(owners)), "compared": len(pairs.left), "new": new, "proposed": proposed})  # fmt: skip
    return Search(len(set(owners)), len(pairs.left), new, proposed)


def _wait_for_turn() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _records() -> tuple[list[int], list[Record]]:
    """One record for each place of each entry (one without a place has one too), and whose it is."""
    said = SourceRecord.objects.exclude(siret="").values_list("source_id", "external_id", "siret")
    sirets = {(source, external): siret for source, external, siret in said.iterator()}
    places = _places_by_entry()
    at_hand = next(places, None)
    owners, records = list[int](), list[Record]()
    rows = Entry.objects.filter(is_published=True).order_by("pk")
    names = ("pk", "name", "source__code", "source_id", "external_id")
    for pk, name, source, source_id, external in rows.values_list(*names).iterator():
        while at_hand is not None and at_hand[0] < pk:
            at_hand = next(places, None)
        mine = at_hand[1] if at_hand is not None and at_hand[0] == pk else [{}]
        for place in mine:
            owners.append(pk)
            records.append(
                Record(key=str(pk), source=source, name=name, siret=sirets.get((source_id, external), ""), **place)
            )
    return owners, records


def _places_by_entry() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    names = ("address", "postcode", "commune", "commune_code", "lon", "lat", "phone", "email", "website")
    rows = Place.objects.filter(entry__is_published=True).order_by("entry_id", "position").values("entry_id", *names)
    for entry_id, group in groupby(rows.iterator(), key=lambda row: row["entry_id"]):
        yield entry_id, [{name: row[name] for name in names} for row in group]


def _best(owners: list[int], comparison: Comparison, pairs: tuple[Ints, Ints], scores: Scores) -> list[_Found]:
    """The best pair of places of each pair of entries, from FLOOR on."""
    best: dict[tuple[int, int], int] = {}
    for position in np.flatnonzero(scores.totals >= FLOOR).tolist():
        one, other = owners[int(pairs[0][position])], owners[int(pairs[1][position])]
        key = (min(one, other), max(one, other))
        if one != other and scores.totals[position] > scores.totals[best.get(key, position)] - (key not in best):
            best[key] = position
    return [
        _Found(
            left, right, round(float(scores.totals[position])), _reasons(owners, comparison, pairs, scores, position)
        )
        for (left, right), position in best.items()
    ]


def _reasons(
    owners: list[int], comparison: Comparison, pairs: tuple[Ints, Ints], scores: Scores, position: int
) -> list[dict[str, object]]:
    """Evidence as kept; sides in the order of the entries."""
    left, right = int(pairs[0][position]), int(pairs[1][position])
    turned = owners[left] > owners[right]
    return [_as_kept(one, turned) for one in comparison.evidence(left, right, scores, position)]


def _as_kept(one: Evidence, turned: bool) -> dict[str, object]:
    left, right = (one.right, one.left) if turned else (one.left, one.right)
    return {"criterion": one.criterion, "points": round(one.points, 1), "value": round(one.value, 1),
            "left": list(left), "right": list(right)}  # fmt: skip


def _keep(found: list[_Found]) -> tuple[int, int]:
    """Writes pairs; forgets proposals that no longer hold. Returns how many are new, and how many wait."""
    now, refused = timezone.now(), _refused_roots()
    known = set(CandidatePair.objects.values_list("left_id", "right_id"))
    fresh = [one for one in found if (one.left, one.right) not in refused]
    rows = [
        CandidatePair(left_id=one.left, right_id=one.right, score=one.score, reasons=one.reasons, found_at=now)
        for one in fresh
    ]
    CandidatePair.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["left", "right"],
        update_fields=["score", "reasons", "found_at"],
    )  # fmt: skip
    CandidatePair.objects.filter(state=PairState.PROPOSED).exclude(found_at=now).delete()
    new = sum((one.left, one.right) not in known for one in fresh)
    return new, CandidatePair.objects.filter(state=PairState.PROPOSED).count()


def _refused_roots() -> set[tuple[int, int]]:
    """Pairs said to be different, also of the entries that they were merged into since."""
    rows = CandidatePair.objects.filter(state=PairState.DIFFERENT)
    refused = set()
    for left, left_root, right, right_root in rows.values_list(
        "left_id", "left__merged_into", "right_id", "right__merged_into"
    ):
        one, other = left_root or left, right_root or right
        refused.add((min(one, other), max(one, other)))
    # A pair told to be different keeps its own row, with its state: only the pairs of roots are left out.
    return refused - set(rows.values_list("left_id", "right_id"))
