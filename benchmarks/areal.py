"""How long it takes to bring the figures of 10,000 cells to 100 polygons, for 10 indicators: our kernel beside its peers.

One JSON line per figure. `python benchmarks/areal.py [--cells N] [--targets N] [--indicators N]`

Peers in the same run: `tobler.area_weighted.area_interpolate` when tobler is installed (it is no dependency of ours: install it
in an environment of its own that also sees this one), else geopandas' overlay; and the slow exact version, cell by cell.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import shapely

from maillage.kernels.areal.figures import counts, rates
from maillage.kernels.areal.overlay import overlay


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cells", type=int, default=10_000)
    arguments.add_argument("--targets", type=int, default=100)
    arguments.add_argument("--indicators", type=int, default=10)
    chosen = arguments.parse_args()
    rng = np.random.default_rng(5)
    side = round(chosen.cells**0.5)
    cells = squares(side, 200.0)
    targets = neighbourhoods(rng, chosen.targets, side * 200.0)
    people = rng.integers(0, 400, len(cells)).astype(float)
    values = rng.uniform(0, 100, (len(cells), chosen.indicators))
    facts = {
        "cells": len(cells), "targets": len(targets), "indicators": chosen.indicators,
        "vertices": int(shapely.get_num_coordinates(targets).sum()), "python": platform.python_version(),
        "shapely": shapely.__version__,
    }  # fmt: skip
    ours = our_counts(cells, targets, values, people, facts)
    slow(cells, targets, values, ours, facts)
    tobler(cells, targets, values, ours, facts)


def squares(side: int, size: float) -> np.ndarray:  # type: ignore[type-arg]
    x, y = (axis.ravel() * size for axis in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
    return shapely.box(x, y, x + size, y + size)


def neighbourhoods(rng: np.random.Generator, count: int, side: float) -> np.ndarray:  # type: ignore[type-arg]
    """Crooked polygons of some 200 vertices and 0.2 to 4 km², as QPV are."""
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    made = []
    for _ in range(count):
        x, y = rng.uniform(1500, side - 1500, 2)
        radius = rng.uniform(250, 1100) * (1 + 0.25 * np.sin(angles * rng.integers(2, 7)) + 0.05 * np.sin(angles * 31))
        made.append(shapely.Polygon(np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])))
    return shapely.make_valid(np.array(made))


def our_counts(cells, targets, values, people, facts) -> np.ndarray:  # type: ignore[no-untyped-def, type-arg]
    started = time.perf_counter()
    found = overlay(cells, targets)
    cut = time.perf_counter() - started
    made = np.array([counts(found, column).value for column in values.T])
    whole = time.perf_counter() - started
    tell("ours, counts with bounds and coverage", whole, facts, overlay_seconds=round(cut, 4), pairs=len(found.cell))
    started = time.perf_counter()
    found = overlay(cells, targets)
    for column in values.T:
        rates(found, column, people)
    tell("ours, rates with exact bounds", time.perf_counter() - started, facts)
    return made


def slow(cells, targets, values, ours, facts) -> None:  # type: ignore[no-untyped-def]
    """Every cell whose box touches the target, one by one; on a tenth of the targets, told as such."""
    some = targets[: max(1, len(targets) // 10)]
    started = time.perf_counter()
    made = np.zeros((values.shape[1], len(some)))
    for place, target in enumerate(some):
        west, south, east, north = target.bounds
        for number, cell in enumerate(cells):
            left, bottom, right, top = cell.bounds
            if right < west or left > east or top < south or bottom > north:
                continue
            made[:, place] += values[number] * (cell.intersection(target).area / cell.area)
    seconds = (time.perf_counter() - started) * len(targets) / len(some)
    tell("slow exact version", seconds, facts, measured_on_targets=len(some),
         largest_difference=float(np.abs(made - ours[:, : len(some)]).max()))  # fmt: skip


def tobler(cells, targets, values, ours, facts) -> None:  # type: ignore[no-untyped-def]
    try:
        import geopandas
    except ImportError:
        print(json.dumps({"peer": "tobler, geopandas", "told": "not installed here"}))
        return
    names = [f"i{number}" for number in range(values.shape[1])]
    source = geopandas.GeoDataFrame(dict(zip(names, values.T, strict=True)), geometry=cells, crs=2154)
    target = geopandas.GeoDataFrame({"t": np.arange(len(targets))}, geometry=targets, crs=2154)
    try:
        from tobler.area_weighted import area_interpolate

        started = time.perf_counter()
        made = area_interpolate(source, target, extensive_variables=names, allocate_total=False)
        seconds = time.perf_counter() - started
        found, peer = made[names].to_numpy().T, f"tobler {version('tobler')}"
    except (ImportError, PackageNotFoundError):
        started = time.perf_counter()
        source["whole"] = source.area
        pieces = geopandas.overlay(source, target, how="intersection")
        for name in names:
            pieces[name] *= pieces.area / pieces["whole"]
        sums = pieces.groupby("t")[names].sum().reindex(range(len(targets)), fill_value=0.0)
        seconds = time.perf_counter() - started
        found, peer = sums.to_numpy().T, f"geopandas {version('geopandas')} overlay"
    tell(peer, seconds, facts, largest_difference=float(np.nanmax(np.abs(found - ours))))


def tell(what: str, seconds: float, facts: dict[str, object], **more: object) -> None:
    print(json.dumps({"what": what, "seconds": round(seconds, 4), **more, **facts}))


if __name__ == "__main__":
    main()
