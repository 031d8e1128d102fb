"""Which of many points lie in which of many polygons: our grid beside shapely's tree, pairs compared.

One JSON line per figure. `python benchmarks/joins.py [--points N] [--polygons N]`

Peers: shapely `STRtree.query(..., predicate="intersects")`, and PostGIS `ST_Intersects` when MAILLAGE_POSTGIS_URL names
a database that this program may make temporary tables in (create the extension postgis there first).
"""

import argparse
import json
import os
import platform
import time
from importlib.metadata import version

import numpy as np
import psycopg
import shapely

from maillage.kernels.joins.grid import grid_of
from maillage.kernels.joins.points import points_in_polygons

BOX = (-5.0, 42.0, 9.0, 51.0)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--points", type=int, default=1_000_000)
    arguments.add_argument("--polygons", type=int, default=1_600)
    chosen = arguments.parse_args()
    rng = np.random.default_rng(3)
    polygons = mesh(rng, chosen.polygons)
    x, y = rng.uniform([BOX[0] - 0.5, BOX[1] - 0.5], [BOX[2] + 0.5, BOX[3] + 0.5], (chosen.points, 2)).T
    facts = {
        "points": chosen.points,
        "polygons": len(polygons),
        "vertices": int(shapely.get_num_coordinates(polygons).sum()),
    }
    points_in_polygons(grid_of(polygons[:2]), x[:10], y[:10])  # compiled before it is timed
    ours, seconds = our_pairs(polygons, x, y, facts)
    tree(polygons, x, y, ours, seconds, facts)
    postgis(polygons, x, y, len(ours), seconds, facts)


def mesh(rng: np.random.Generator, count: int) -> np.ndarray:  # type: ignore[type-arg]
    """Neighbours with crooked shared borders of some 100 vertices each, every third with a hole."""
    seeds = shapely.multipoints(rng.uniform(BOX[:2], BOX[2:], (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(*BOX)))
    crooked = shapely.transform(shapely.segmentize(shapely.intersection(cells, shapely.box(*BOX)), 0.01), bent)
    crooked[::3] = shapely.difference(crooked[::3], shapely.buffer(shapely.centroid(crooked[::3]), 0.02))
    return crooked[shapely.is_valid(crooked)]


def bent(xy: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """Move each vertex by a smooth wave of its own place: neighbours stay neighbours."""
    waves = np.column_stack([np.sin(xy[:, 1] * 40), np.cos(xy[:, 0] * 40)])
    return xy + 0.008 * waves


def our_pairs(polygons, x, y, facts) -> tuple[np.ndarray, float]:  # type: ignore[no-untyped-def, type-arg]
    begun = time.perf_counter()
    grid = grid_of(polygons)
    middle = time.perf_counter()
    pairs = np.column_stack(points_in_polygons(grid, x, y))
    done = time.perf_counter()
    say("join", pairs=len(pairs), seconds=done - begun, of_which_grid=middle - begun, cells=len(grid.cells), **facts)
    return pairs, done - begun


def tree(polygons, x, y, ours, seconds, facts) -> None:  # type: ignore[no-untyped-def]
    begun = time.perf_counter()
    points = shapely.points(x, y)
    middle = time.perf_counter()
    found = shapely.STRtree(polygons).query(points, predicate="intersects")
    done = time.perf_counter()
    same = np.array_equal(found.T[np.lexsort((found[1], found[0]))], ours)
    who = f"shapely {version('shapely')} STRtree, GEOS {'.'.join(map(str, shapely.geos_version))}"
    say(
        "join",
        who=who,
        pairs=found.shape[1],
        identical=same,
        seconds=done - middle,
        making_points=middle - begun,
        times=(done - middle) / seconds,
        **facts,
    )


def postgis(polygons, x, y, pairs, seconds, facts) -> None:  # type: ignore[no-untyped-def]
    """Time ST_Intersects with GiST on both sides, without the parallel plan that is slower here; or say it is skipped."""
    address = os.environ.get("MAILLAGE_POSTGIS_URL")
    if not address:
        say("join", who="PostGIS ST_Intersects", skipped="MAILLAGE_POSTGIS_URL is not set")
        return
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        connection.execute("CREATE TEMPORARY TABLE join_points (geom geometry)")
        connection.execute("CREATE TEMPORARY TABLE join_polygons (geom geometry)")
        for table, shapes in (("join_points", shapely.points(x, y)), ("join_polygons", polygons)):
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for shape in shapely.to_wkb(shapes, hex=True):
                    copy.write_row((shape,))
            connection.execute(f"CREATE INDEX ON {table} USING gist (geom)")
            connection.execute(f"ANALYZE {table}")
        begun = time.perf_counter()
        sql = "SELECT count(*) FROM join_points p JOIN join_polygons a ON ST_Intersects(a.geom, p.geom)"
        row = connection.execute(sql).fetchone()
        taken = time.perf_counter() - begun
        name = connection.execute("SELECT postgis_lib_version()").fetchone()
    counted = row[0] if row else None
    say(
        "join",
        who=f"PostGIS {name[0] if name else ''} ST_Intersects",
        pairs=counted,
        same_number=counted == pairs,
        seconds=taken,
        times=taken / seconds,
        **facts,
    )


def say(figure: str, *, who: str = "maillage", **facts: object) -> None:
    versions = {name: version(name) for name in ("numpy", "numba")} | {"python": platform.python_version()}
    short = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in facts.items()}
    print(json.dumps({"figure": figure, "who": who} | short | {"versions": versions}), flush=True)


if __name__ == "__main__":
    main()
