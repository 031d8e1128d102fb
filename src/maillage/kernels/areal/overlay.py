"""Which part of each cell lies in each target polygon, on a plane in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Overlay:
    """Pairs of a cell and a target that share some area, by target then cell.

    `cell`, `target` are positions, `area` what they share and `share` the part of the cell's weight that it stands for
    (its area, or its people where finer cells were given); `cell_area`, `target_area` in the unit of the plane, squared.
    """

    cell: Integers
    target: Integers
    area: Floats
    share: Floats
    cell_area: Floats
    target_area: Floats

    @property
    def targets(self) -> int:
        """How many targets there are, those without any cell included."""
        return len(self.target_area)

    def per_target(self, amounts: Floats) -> Floats:
        """Sums of one amount per pair, by target."""
        return np.bincount(self.target, weights=amounts, minlength=self.targets).astype(np.float64)


def overlay(cells: Shapes, targets: Shapes) -> Overlay:
    """Overlays valid polygons on valid polygons; shares are area shares.

    A cell wholly inside a target costs no intersection: only those that its limit crosses are cut. About n·log n for the
    tree, then one cut per crossing pair. Raises ValueError for a missing, empty or invalid shape.
    """
    for name, shapes in (("cell", cells), ("target", targets)):
        bad = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~shapely.is_valid(shapes)
        if bad.any():
            raise ValueError(f"{name} {int(np.flatnonzero(bad)[0])} is missing, empty or invalid")
    cell_area, target_area = shapely.area(cells), shapely.area(targets)
    target, cell = shapely.STRtree(cells).query(targets, predicate="intersects")
    area = _shared(cells, targets, cell, target, cell_area)
    keep = area > 0
    cell, target, area = cell[keep], target[keep], area[keep]
    order = np.lexsort((cell, target))
    cell, target, area = cell[order].astype(np.int64), target[order].astype(np.int64), area[order]
    return Overlay(cell, target, area, area / cell_area[cell], cell_area, target_area)


def _shared(cells: Shapes, targets: Shapes, cell: Integers, target: Integers, cell_area: Floats) -> Floats:
    shapely.prepare(targets)
    inside = shapely.covers(targets[target], cells[cell])
    area = np.where(inside, cell_area[cell], 0.0)
    crossed = np.flatnonzero(~inside)
    area[crossed] = shapely.area(shapely.intersection(cells[cell[crossed]], targets[target[crossed]]))
    return area


def by_people(found: Overlay, cells: Shapes, targets: Shapes, finer: tuple[Shapes, Floats]) -> Overlay:
    """The same pairs, the share of each cell told by the people of finer cells (`finer` = shapes, people) within it.

    A cell in which no finer cell has people keeps its area share. Missing people (NaN) count as none known: the finer
    cell is left out. Two overlays more: finer cells on cells, then their pieces on targets.
    """
    shapes, people = finer
    known = np.isfinite(people) & (people > 0)
    shapes, people = shapes[known], people[known]
    if not len(shapes) or not len(found.cell):
        return found
    on_cells = overlay(shapes, cells)
    pieces = shapely.intersection(shapes[on_cells.cell], cells[on_cells.target])
    held = people[on_cells.cell] * on_cells.share
    polygons = shapely.area(pieces) > 0
    pieces, held, owner = _polygons_of(pieces[polygons]), held[polygons], on_cells.target[polygons]
    on_targets = overlay(pieces, targets)
    of_cell = np.bincount(owner, weights=held, minlength=len(cells))
    key = found.target * len(cells) + found.cell
    piece_key = on_targets.target * len(cells) + owner[on_targets.cell]
    within = _summed(piece_key, held[on_targets.cell] * on_targets.share, key)
    total = of_cell[found.cell]
    share = np.where(total > 0, within / np.where(total > 0, total, 1.0), found.share)
    return Overlay(found.cell, found.target, found.area, np.clip(share, 0.0, 1.0), found.cell_area, found.target_area)


def _polygons_of(shapes: Shapes) -> Shapes:
    """Cuts may leave lines and points beside polygons: only the area counts."""
    mixed = shapely.get_type_id(shapes) == 7
    if mixed.any():
        shapes = shapes.copy()
        for place in np.flatnonzero(mixed):
            parts = shapely.get_parts(shapes[place])
            shapes[place] = shapely.union_all(parts[shapely.area(parts) > 0])
    return shapes


def _summed(keys: Integers, amounts: Floats, wanted: Integers) -> Floats:
    """Sums of amounts by key, for the keys wanted."""
    distinct, places = np.unique(keys, return_inverse=True)
    sums = np.bincount(places, weights=amounts, minlength=len(distinct)) if len(distinct) else np.zeros(0)
    at = np.searchsorted(distinct, wanted)
    at_safe = np.minimum(at, max(0, len(distinct) - 1))
    found = (at < len(distinct)) & (distinct[at_safe] == wanted) if len(distinct) else np.zeros(len(wanted), bool)
    return np.where(found, sums[at_safe] if len(distinct) else 0.0, 0.0)
