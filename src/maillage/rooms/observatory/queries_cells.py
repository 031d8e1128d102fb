"""Reads of the sets of cells, and of the territories that they may be brought to."""

from __future__ import annotations

import numpy as np
import shapely

from maillage.core.errors import Missing
from maillage.core.places.models import ContourQuality, Territory
from maillage.kernels.areal.overlay import Shapes
from maillage.rooms.observatory.indicators_cells import Cells, unpacked, unpacked_shapes
from maillage.rooms.observatory.models_indicators import CellSet


def cell_sets() -> list[CellSet]:
    """Every set, without its shapes and figures."""
    return list(CellSet.objects.defer("shapes", "figures").order_by("name", "pk"))


def cell_set(code: str) -> CellSet:
    """One set; raises Missing."""
    found = CellSet.objects.filter(code=code).first()
    if found is None:
        raise Missing(code)
    return found


def cells_of(row: CellSet) -> Cells:
    """The shapes and figures of a set."""
    inhabited = bool(row.columns and row.columns[0].get("inhabited_only"))
    return Cells(unpacked_shapes(bytes(row.shapes)), unpacked(bytes(row.figures)), row.columns, inhabited)


def targets_in(row: CellSet, kind: str, generation: str) -> tuple[list[Territory], Shapes]:
    """Territories of a kind and generation, with a contour, that touch the box of a set; and their shapes."""
    rows = Territory.objects.touching(row.west, row.south, row.east, row.north)
    rows = rows.filter(kind=kind, generation=generation, contour__isnull=False, valid_until__isnull=True)
    found = list(rows.exclude(contour_quality=ContourQuality.NONE).order_by("code", "pk"))
    return found, np.array([shapely.from_wkb(bytes(one.contour or b"")) for one in found], dtype=object)


def target_choices() -> list[tuple[str, str]]:
    """Kinds and generations that have contours: what a set may be brought to."""
    rows = Territory.objects.filter(contour__isnull=False, valid_until__isnull=True)
    return sorted(set(rows.order_by().values_list("kind", "generation").distinct()))
