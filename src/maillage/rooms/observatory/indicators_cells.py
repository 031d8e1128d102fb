"""Sets of cells: packed into a row and out of it, and brought to other polygons by the kernel `areal`. No database."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from maillage.core.places.shapes import metres_per_degree
from maillage.kernels.areal.figures import Interpolated, counts, means_over_ground, medians, rates
from maillage.kernels.areal.overlay import Floats, Overlay, Shapes, by_people, overlay

# Measures of the ground: they weigh the area they cover, not the people.
GROUND = frozenset({"air", "noise", "green", "heat"})


@dataclass(frozen=True)
class Cells:
    """Polygons in degrees with a table of cells × columns, NaN where missing; `columns` say what each is."""

    shapes: Shapes
    figures: Floats
    columns: Sequence[Mapping[str, Any]]
    inhabited_only: bool = False

    def column(self, code: str) -> Floats | None:
        """The figures of one code, None where the set has none."""
        place = next((place for place, one in enumerate(self.columns) if one["code"] == code), None)
        return None if place is None else self.figures[:, place]


@dataclass(frozen=True)
class Made:
    """One indicator brought to the targets, or why it is not."""

    code: str
    method: str
    note: str
    result: Interpolated | None
    refused: str = ""


def packed(array: np.ndarray[Any, Any]) -> bytes:
    """An array as bytes, compressed, without pickles."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=array)
    return buffer.getvalue()


def unpacked(content: bytes) -> np.ndarray[Any, Any]:
    """The array that was packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return np.asarray(file["a"])


def packed_shapes(shapes: Shapes) -> bytes:
    """Polygons as WKB end to end, with their lengths before."""
    parts = [shapely.to_wkb(one) for one in shapes]
    lengths = np.array([len(parts), *(len(one) for one in parts)], dtype=np.int64)
    joined = np.concatenate([lengths.view(np.uint8), np.frombuffer(b"".join(parts), dtype=np.uint8)])
    return packed(joined)


def unpacked_shapes(content: bytes) -> Shapes:
    """The polygons that were packed."""
    joined = unpacked(content)
    count = int(joined[:8].copy().view(np.int64)[0])
    lengths = joined[8 : 8 * (count + 1)].copy().view(np.int64)
    ends = np.cumsum(lengths)
    raw = joined[8 * (count + 1) :].tobytes()
    return np.asarray(shapely.from_wkb([raw[end - length : end] for end, length in zip(ends, lengths, strict=True)]))


def on_plane(shapes: Shapes, lon: float, lat: float) -> Shapes:
    """The shapes in metres about one point, mended where the move broke them."""
    east, north = metres_per_degree(lat)
    moved = shapely.transform(shapes, lambda xy: (xy - [lon, lat]) * [east, north])
    broken = ~shapely.is_valid(moved)
    moved[broken] = shapely.make_valid(moved[broken])
    return np.asarray(moved)


def brought(
    cells: Cells, targets: Shapes, *, approximate_medians: bool = False, finer: Cells | None = None
) -> list[Made]:
    """Each figure of the cells brought to the targets (polygons in degrees), as its nature allows.

    Counts are shared by area, or by the people of `finer` cells (their column of population); rates and means of people
    weigh their denominator; measures of the ground weigh their area; medians are refused unless approximated.
    """
    west, south, east, north = shapely.total_bounds(cells.shapes)
    lon, lat = (west + east) / 2, (south + north) / 2
    plane, wanted = on_plane(cells.shapes, lon, lat), on_plane(targets, lon, lat)
    found = overlay(plane, wanted)
    is_finer = False
    if finer is not None and (people := _people_of(finer)) is not None:
        found = by_people(found, plane, wanted, (on_plane(finer.shapes, lon, lat), people))
        is_finer = True
    extent = shapely.area(shapely.intersection(wanted, shapely.convex_hull(shapely.multipolygons(_parts(plane)))))
    inside = np.asarray(extent, dtype=np.float64) if cells.inhabited_only else None
    return [_one(cells, found, column, inside, (approximate_medians, is_finer)) for column in cells.columns]


def _parts(shapes: Shapes) -> Shapes:
    parts = shapely.get_parts(shapes)
    return np.asarray(parts[shapely.get_type_id(parts) == 3])


def _people_of(cells: Cells) -> Floats | None:
    code = next((one["code"] for one in cells.columns if one["nature"] == "count" and one["topic"] == "population"), "")
    return cells.column(code)


def _one(
    cells: Cells, found: Overlay, column: Mapping[str, Any], inside: Floats | None, wishes: tuple[bool, bool]
) -> Made:
    code, nature, values = column["code"], column["nature"], cells.column(column["code"])
    assert values is not None
    approximate, is_finer = wishes
    weights = cells.column(column.get("weight") or "")
    how = "population" if is_finer else "area"
    if nature == "count":
        told = _("selon les habitants de mailles plus fines") if is_finer else _("selon la surface")
        return Made(code, how, told, counts(found, values, inside_extent=inside))
    if nature == "median":
        if not approximate or weights is None:
            why = _("une médiane ne se répartit pas : celle d’un quartier n’est pas celle de ses mailles")
            return Made(code, "", "", None, why)
        told = _("approchée : médiane des médianes des mailles, pondérée par les habitants")
        return Made(code, "population", told, medians(found, values, weights, approximate=True))
    if weights is not None:
        told = _("moyenne des mailles pondérée par {name}").format(name=column["weight"])
        return Made(code, "population", told, rates(found, values, weights, inside_extent=inside))
    if column.get("topic") in GROUND:
        return Made(code, "area", _("moyenne des mailles selon la surface"), means_over_ground(found, values))
    return Made(code, "", "", None, _("les mailles ne donnent pas le dénominateur de ce taux : il n’est pas réparti"))
