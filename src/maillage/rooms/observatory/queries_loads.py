"""Reads that a load of indicators needs: which territories exist, what became of those that no longer do; past loads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from maillage.core.errors import Missing
from maillage.core.places.models import Territory
from maillage.rooms.observatory.indicators_check import Known
from maillage.rooms.observatory.models_indicators import IndicatorLoad, IndicatorUpload


def known_territories(kind: str, generation: str, codes: Collection[str]) -> dict[str, Known]:
    """The territories among these codes that are loaded, with how many communes hold each."""
    rows = Territory.objects.filter(kind=kind, code__in=codes)
    rows = rows.filter(generation=generation) if kind == "qpv" else rows
    found = rows.order_by("generation").values_list("code", "name", "parent_codes", "valid_until")
    return {
        code: Known(name, sum(one.startswith("commune:") for one in parents), until.isoformat() if until else "")
        for code, name, parents, until in found
    }


def merged_territories(kind: str, codes: Collection[str]) -> dict[str, str]:
    """Codes that a merger made void → name of the territory of today."""
    if not codes:
        return {}
    rows = Territory.objects.filter(kind=kind, former_codes__overlap=list(codes)).order_by("pk")
    return {old: name for former, name in rows.values_list("former_codes", "name") for old in former if old in codes}


@dataclass(frozen=True)
class LoadLine:
    """A load in a list."""

    pk: int
    at: object
    file_name: str
    kind: str
    generation: str
    rows_in: int
    rows_kept: int
    rejects: int


def recent_loads(count: int = 30) -> list[LoadLine]:
    """The last loads, newest first."""
    rows = IndicatorLoad.objects.order_by("-pk").defer("rejects")[:count]
    return [
        LoadLine(one.pk, one.at, one.file_name, one.kind, one.generation, one.rows_in, one.rows_kept,
                 int(one.report.get("rejects", 0)))
        for one in rows
    ]  # fmt: skip


def load_of(pk: int) -> IndicatorLoad:
    """One load; raises Missing."""
    found = IndicatorLoad.objects.filter(pk=pk).first()
    if found is None:
        raise Missing(f"load {pk}")
    return found


def upload_of(uid: UUID) -> IndicatorUpload:
    """A file that waits for its load; raises Missing when it was loaded or forgotten."""
    found = IndicatorUpload.objects.filter(uid=uid).first()
    if found is None:
        raise Missing(str(uid))
    return found
