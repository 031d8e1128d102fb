"""Tiles over many points: how long from the mapped index to bytes, beside the peers that can run here.

One JSON line per figure. `python benchmarks/tiles.py [--rows N] [--repeat N]`

Peers: `mapbox-vector-tile` (the encoder), and PostGIS `ST_AsMVT` when MAILLAGE_POSTGIS_URL names a database that this
program may make a temporary table in (create the extension postgis there first). Same filtered points, same tiles.
"""

import argparse
import json
import math
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import psycopg

from maillage.kernels.tiles import quadkey as qk
from maillage.kernels.tiles.clusters import Tile, clusters_of
from maillage.kernels.tiles.facets import Choice, facet_counts, mask_of
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.layers import cluster_layer, raw_layer
from maillage.kernels.tiles.mvt import point_layer
from maillage.kernels.tiles.properties import Properties
from maillage.kernels.tiles.warm import warm_up

KINDS = 12
WANTED = frozenset({1, 2, 3, 4})
SAID = Properties.of({"kind": [f"kind {i}" for i in range(KINDS)]})
ZOOMS = range(6, 19)
GRID_BITS = 5
FACETS = {"kind": KINDS, "themes": 8, "town": 35_000, **{f"f{i}": 20 for i in range(5)}}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--repeat", type=int, default=15)
    chosen = arguments.parse_args()
    warm_up()
    rng = np.random.default_rng(20)
    lon, lat = towns(rng, chosen.rows)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        index = mapped(rng, lon, lat, Path(folder))
        encoder(rng, chosen.repeat)
        facets(index, chosen.repeat)
        tiles = busiest_tiles(index)
        ours = list(our_tiles(index, tiles, chosen.repeat))
        exactness(index)
        postgis(index, tiles, ours, chosen.repeat)


def towns(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Places bunched in 2,000 towns of unequal size over a country's box, like shops or schools are."""
    centres = rng.uniform([-4.5, 42.5], [8.0, 51.0], (2000, 2))
    sizes = 1 / np.arange(1, 2001)
    town = rng.choice(2000, rows, p=sizes / sizes.sum())
    return tuple((centres[town] + rng.normal(0, 0.04, (rows, 2))).T)


def mapped(rng: np.random.Generator, lon, lat, folder: Path) -> PointIndex:  # type: ignore[no-untyped-def]
    rows = len(lon)
    columns = {
        "kind": rng.integers(0, KINDS, rows).astype(np.uint8),
        "themes": np.uint64(1) << rng.integers(0, 8, (2, rows)).astype(np.uint64),
        "town": rng.integers(0, 35_000, rows).astype(np.uint16),
        **{f"f{i}": rng.integers(0, 20, rows).astype(np.uint8) for i in range(5)},
    }
    columns["themes"] = np.bitwise_or.reduce(columns["themes"])
    begun = time.perf_counter()
    index = PointIndex.build(qk.quadkeys_of(lon, lat), np.arange(1, rows + 1), columns)
    say("index built", rows=rows, seconds=time.perf_counter() - begun)
    begun = time.perf_counter()
    index.save(folder)
    say("index saved", rows=rows, seconds=time.perf_counter() - begun)
    return PointIndex.open(folder)


def encoder(rng: np.random.Generator, repeat: int) -> None:
    n = 10_000
    xy, kinds = rng.integers(0, 4096, (n, 2)), rng.integers(0, KINDS, n)
    codes = kinds[:, None].astype(np.int32)
    ours = timed(lambda: point_layer("p", xy, ids=np.arange(n), properties=SAID, codes=codes), repeat)
    features = [
        {"geometry": f"POINT({x} {y})", "properties": {"kind": f"kind {kind}"}, "id": i}
        for i, ((x, y), kind) in enumerate(zip(xy.tolist(), kinds.tolist(), strict=True))
    ]
    options = {"y_coord_down": True, "quantize_bounds": None}
    peer = timed(lambda: mapbox_vector_tile.encode({"name": "p", "features": features}, options), 3)
    read = mapbox_vector_tile.decode(point_layer("p", xy, ids=np.arange(n), properties=SAID, codes=codes))
    say("encode 10,000 point features", rows=n, milliseconds=ours, features_read_back=len(read["p"]["features"]))
    say(
        "encode 10,000 point features",
        who=f"mapbox-vector-tile {version('mapbox-vector-tile')}",
        rows=n,
        milliseconds=peer,
        times=peer["p50"] / ours["p50"],
    )


def facets(index: PointIndex, repeat: int) -> None:
    choices = [Choice("themes", frozenset({1, 2})), Choice("kind", WANTED), Choice("town", frozenset(range(20_000)))]
    for picked in ([], choices):
        taken = timed(lambda picked=picked: facet_counts(index, FACETS, picked), repeat)
        say(f"8 facets, {len(picked)} choices, drill-sideways", rows=len(index), milliseconds=taken)


def busiest_tiles(index: PointIndex) -> list[Tile]:
    """For each zoom, the tile of most rows and one of the middling ones among those that hold any."""
    chosen = []
    for z in ZOOMS:
        cells, counts = np.unique(index.quadkeys >> 2 * (qk.ZOOM - z), return_counts=True)
        order = np.argsort(counts)
        for cell in dict.fromkeys((cells[order[-1]], cells[order[len(order) // 2]])):
            chosen.append((z, *qk.tile_of(int(cell) << 2 * (qk.ZOOM - z), z)))
    return chosen


def our_tiles(index: PointIndex, tiles: list[Tile], repeat: int) -> Iterator[tuple[Tile, str, dict[str, float], int]]:
    choice = [Choice("kind", WANTED)]
    for tile in tiles:
        rows = index.slice_of(*tile)

        def raw(tile: Tile = tile, rows: slice = rows) -> bytes:
            return raw_layer("p", index, tile, properties=SAID, mask=mask_of(index, choice, rows))

        def clusters(tile: Tile = tile, rows: slice = rows) -> bytes:
            found = clusters_of(index, tile, grid_bits=GRID_BITS, mask=mask_of(index, choice, rows))
            return cluster_layer("p", index, found, properties=SAID)

        for what, draw in (("raw", raw), ("clusters", clusters)):
            taken, size = timed(draw, repeat), len(draw())
            held = int(mask_of(index, choice, rows).sum())
            say(f"{what} tile z{tile[0]}", tile=list(tile), filtered_rows=held, milliseconds=taken, bytes=size)
            yield tile, what, taken, held


def exactness(index: PointIndex) -> None:
    mask = mask_of(index, [Choice("kind", WANTED)])
    for z in (0, 6, 10):
        cells = np.unique(index.quadkeys >> 2 * (qk.ZOOM - z))
        tiles = [(z, *qk.tile_of(int(cell) << 2 * (qk.ZOOM - z), z)) for cell in cells]
        total = sum(int(clusters_of(index, tile, mask=mask).counts.sum()) for tile in tiles)
        say(f"cluster counts of all tiles of z{z}", tiles=len(tiles), counted=total, filtered_rows=int(mask.sum()))


RAW_SQL = """
    SELECT ST_AsMVT(t, 'p', 4096, 'g', 'id') FROM (
        SELECT id, kind, ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 0) AS g
        FROM tiles_bench
        WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AND kind = ANY(%(kinds)s)
    ) t WHERE g IS NOT NULL
"""
CLUSTER_SQL = """
    SELECT ST_AsMVT(t, 'p', 4096, 'g') FROM (
        SELECT count(*) AS count,
               ST_AsMVTGeom(ST_Centroid(ST_Collect(geom)), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 0) AS g
        FROM tiles_bench
        WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AND kind = ANY(%(kinds)s)
        GROUP BY floor((ST_X(geom) + 20037508.342789244) / %(cell)s),
                 floor((ST_Y(geom) + 20037508.342789244) / %(cell)s)
    ) t WHERE g IS NOT NULL
"""


def postgis(
    index: PointIndex, tiles: list[Tile], ours: list[tuple[Tile, str, dict[str, float], int]], repeat: int
) -> None:
    """Time ST_AsMVT on the same filtered points; skipped, and said so, where no PostGIS is given."""
    address = os.environ.get("MAILLAGE_POSTGIS_URL")
    if not address:
        say("PostGIS ST_AsMVT", skipped="MAILLAGE_POSTGIS_URL is not set")
        return
    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("SELECT postgis_full_version()").fetchone()
        fill(connection, index)
        for tile, what, taken, held in ours:
            z, x, y = tile
            values = {"z": z, "x": x, "y": y, "kinds": [f"kind {i}" for i in sorted(WANTED)]}
            values["cell"] = 2 * 20037508.342789244 / 2 ** (z + GRID_BITS)
            sql = RAW_SQL if what == "raw" else CLUSTER_SQL
            row = connection.execute(sql, values).fetchone()
            theirs = timed(lambda sql=sql, values=values: connection.execute(sql, values).fetchone(), repeat)
            say(
                f"{what} tile z{z}",
                who=str(found[0] if found else "")[:60],
                tile=[z, x, y],
                filtered_rows=held,
                peer_rows=peer_rows(bytes(row[0]) if row and row[0] else b"", what),
                milliseconds=theirs,
                times=theirs["p50"] / taken["p50"],
            )


def fill(connection: "psycopg.Connection[tuple[object, ...]]", index: PointIndex) -> None:
    """Load the centres of our cells, so that both sides hold the very same points, and index them as PostGIS likes."""
    lon, lat = qk.lon_lats_of(index.quadkeys)
    connection.execute("CREATE TEMPORARY TABLE tiles_load (id bigint, kind text, lon float8, lat float8)")
    with connection.cursor().copy("COPY tiles_load FROM STDIN") as copy:
        for row in zip(index.ids.tolist(), index.columns["kind"].tolist(), lon.tolist(), lat.tolist(), strict=True):
            copy.write_row((row[0], f"kind {row[1]}", row[2], row[3]))
    connection.execute(
        "CREATE TEMPORARY TABLE tiles_bench AS SELECT id, kind,"
        " ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 3857) AS geom FROM tiles_load"
    )
    connection.execute("CREATE INDEX ON tiles_bench USING gist (geom)")
    connection.execute("ANALYZE tiles_bench")


def peer_rows(data: bytes, what: str) -> int:
    """Rows that the peer's tile speaks for; it may count a point of the tile's very edge in two tiles."""
    features = mapbox_vector_tile.decode(data)["p"]["features"] if data else []
    return len(features) if what == "raw" else sum(feature["properties"]["count"] for feature in features)


def timed(call: Callable[[], object], repeat: int) -> dict[str, float]:
    call()
    taken = []
    for _ in range(repeat):
        begun = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begun) * 1e3)
    taken.sort()
    return {"p50": statistics.median(taken), "p95": taken[math.ceil(0.95 * len(taken)) - 1], "best": taken[0]}


def say(figure: str, *, who: str = "maillage", **facts: object) -> None:
    versions = {name: version(name) for name in ("numpy", "numba")} | {"python": platform.python_version()}
    print(json.dumps({"figure": figure, "who": who} | rounded(facts) | {"versions": versions}), flush=True)


def rounded(facts: dict[str, object]) -> dict[str, object]:
    def short(value: object) -> object:
        if isinstance(value, dict):
            return {key: short(inner) for key, inner in value.items()}
        return float(f"{value:.4g}") if isinstance(value, float) else value

    return {key: short(value) for key, value in facts.items()}


if __name__ == "__main__":
    main()
