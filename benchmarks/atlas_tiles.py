"""Tiles of the atlas, from the server's call to compressed bytes, beside PostGIS `ST_AsMVT` on the same filtered points.

    python benchmarks/atlas_tiles.py [--rows N] [--tiles N] [--without-postgis]

One JSON line per figure. The entries are those of benchmarks/country.py, in the database of MAILLAGE_HOME (give it one of its
own). For each zoom: the busiest tile and tiles drawn at random among the places, so that full ones come often.

Ours is the whole way within the process: the WSGI call of the application that `maillage serve` runs, address, filters, headers,
counting of requests, tile, compression; the memory of finished tiles is emptied before each request, outside the clock. The
peer's time is that of its statement alone, prepared, over an open connection of psycopg, and of the same compression; no
address is read and no header written for it. Its cluster is a throw-away one of Debian's postgresql-15-postgis-3; PostgreSQL
may use its memory, every tile is asked once before.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import country
import mapbox_vector_tile
import numpy as np
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # tests.helpers: the throw-away cluster

ZOOMS = range(6, 19)
FILTER = "theme=rights"
CELL_BITS = 3
BOUNDED_S = 3.0  # for one tile of one side
HALF_EARTH = 20037508.342789244


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--tiles", type=int, default=6, help="tiles of each zoom")
    arguments.add_argument("--without-postgis", action="store_true")
    chosen = arguments.parse_args()
    country.prepare()
    country.fill(chosen.rows)
    addresses = some_tiles(chosen.tiles)
    ours = {key: timed(*request_of(*key), chosen.tiles) for z in ZOOMS for key in keys_of(addresses[z])}
    exactness()
    if chosen.without_postgis:
        tell(ours, None)
        return
    with postgis() as connection:
        fill(connection)
        theirs = {}
        for key in ours:
            theirs[key] = timed(lambda: None, peer_of(connection, *key), chosen.tiles)
            same_features(connection, key)
        tell(ours, theirs)


Key = tuple[str, int, int, int]


def keys_of(addresses: list[tuple[int, int, int]]) -> list[Key]:
    return [(kind, *one) for kind in ("clusters", "points") for one in addresses]


def some_tiles(count: int) -> dict[int, list[tuple[int, int, int]]]:
    """For each zoom the busiest tile, and others drawn with the places."""
    from maillage.kernels.tiles.quadkey import ZOOM, tile_of
    from maillage.rooms.atlas import readmodel

    begun = time.perf_counter()
    (laid, *_more) = readmodel.view().laid
    say("read model opened or built", seconds=time.perf_counter() - begun, rows=len(laid.part))
    quadkeys = laid.part.arrays["quadkeys"]
    rng = np.random.default_rng(5)
    drawn = {}
    for z in ZOOMS:
        cells, counts = np.unique(quadkeys >> 2 * (ZOOM - z), return_counts=True)
        busiest = int(cells[np.argmax(counts)])
        others = (int(cell) for cell in rng.choice(quadkeys, 200) >> 2 * (ZOOM - z))
        picked = list(dict.fromkeys([busiest, *others]))[:count]
        drawn[z] = [(z, *tile_of(cell << 2 * (ZOOM - z), z)) for cell in picked]
    return drawn


def request_of(kind: str, z: int, x: int, y: int) -> tuple[Callable[[], None], Callable[[], bytes]]:
    """What forgets the finished tiles; and from the call of the server to the bytes that leave."""
    from django.test import RequestFactory

    from maillage.rooms.atlas import tiles

    address = f"/atlas/tuiles/{'points/' if kind == 'points' else ''}{z}/{x}/{y}.mvt"
    request = RequestFactory().get(
        address, query_params=dict([FILTER.split("=")]), headers={"accept-encoding": "gzip", "host": "127.0.0.1"}
    )
    environ = {key: value for key, value in request.META.items() if key != "HTTP_COOKIE"}
    front = served()
    told: list[object] = []

    def ask() -> bytes:
        return b"".join(front(environ.copy(), lambda status, headers, *_more: told.append((status, headers))))

    ask()  # the first of its kind goes the whole way through the middlewares
    ask()
    status, headers = told[-1]  # type: ignore[misc]
    assert status == "200 OK" and dict(headers)["Content-Security-Policy"], (status, headers)  # type: ignore[has-type]
    return tiles.TILES.clear, ask


@cache
def served() -> Callable[..., Iterable[bytes]]:
    from django.core.wsgi import get_wsgi_application

    from maillage.house.front import Front

    return Front(get_wsgi_application())


def exactness() -> None:
    """The counts of all tiles of a zoom add up to the filtered places."""
    from django.http import QueryDict

    from maillage.kernels.tiles.quadkey import ZOOM, tile_of
    from maillage.rooms.atlas import readmodel, tiles
    from maillage.rooms.atlas.filters import filters_from
    from maillage.rooms.atlas.models import Place

    filters = filters_from(QueryDict(FILTER))
    expected = Place.objects.filter(
        entry__is_published=True, entry__themes__overlap=["rights"], quadkey__isnull=False
    ).count()
    quadkeys = readmodel.view().laid[0].part.arrays["quadkeys"]
    for z in (6, 9):
        counted = 0
        addresses = [(z, *tile_of(int(cell) << 2 * (ZOOM - z), z)) for cell in np.unique(quadkeys >> 2 * (ZOOM - z))]
        for address in addresses:
            layers = mapbox_vector_tile.decode(tiles.entries_tile(filters, *address))
            counted += sum(
                one["properties"].get("count", 1) for one in layers.get("clusters", {"features": []})["features"]
            )
        say(
            f"cluster counts of all tiles of z{z}",
            tiles=len(addresses),
            counted=counted,
            filtered_places_by_sql=expected,
        )


@contextmanager
def postgis() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    from tests.helpers.server_postgres import cluster

    with cluster() as (url, _folder):
        found = urlsplit(url)
        place = {"host": "127.0.0.1", "port": found.port, "password": found.password, "dbname": found.path.strip("/")}
        with psycopg.connect(**place, user="postgres", autocommit=True) as connection:  # type: ignore[arg-type]
            connection.execute("CREATE EXTENSION postgis")
            yield connection


def fill(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """The very same places, with what our tiles say of them."""
    from django.db import connection as ours

    begun = time.perf_counter()
    connection.execute(
        "CREATE TABLE raw (id bigint, name text, themes text[], status text, precision text, lon float8, lat float8)"
    )
    query = (
        "COPY (SELECT e.id, e.name, e.themes, e.status, p.precision, p.lon, p.lat FROM atlas_place p JOIN atlas_entry e"
        " ON e.id = p.entry_id WHERE e.is_published AND p.lon IS NOT NULL) TO STDOUT"
    )
    with ours.cursor() as cursor, cursor.copy(query) as out, connection.cursor().copy("COPY raw FROM STDIN") as into:
        for block in out:
            into.write(block)
    connection.execute(
        "CREATE TABLE places AS SELECT id, name, themes, themes[1] AS theme, status, precision,"
        " ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 3857) AS geom FROM raw"
    )
    connection.execute("CREATE INDEX ON places USING gist (geom)")
    connection.execute("CLUSTER places USING places_geom_idx")
    connection.execute("VACUUM ANALYZE places")
    connection.execute("SET work_mem = '256MB'")
    say("peer filled", seconds=time.perf_counter() - begun)


INSIDE = """
    FROM places WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AND themes && ARRAY['rights']
"""
POINTS_SQL = f"""
    SELECT ST_AsMVT(t, 'points', 4096, 'g', 'id') FROM (
        SELECT id, theme, status, precision,
               ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 0) AS g {INSIDE}) t WHERE g IS NOT NULL
"""
CLUSTERS_SQL = f"""
    SELECT ST_AsMVT(t, 'clusters', 4096, 'g') FROM (
        SELECT count(*) AS count, ST_AsMVTGeom(ST_Centroid(ST_Collect(geom)),
               ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 0) AS g {INSIDE}
        GROUP BY floor((ST_X(geom) + {HALF_EARTH}) / %(cell)s), floor((ST_Y(geom) + {HALF_EARTH}) / %(cell)s)
    ) t WHERE g IS NOT NULL
"""


def peer_tile(connection: psycopg.Connection[tuple[object, ...]], kind: str, z: int, x: int, y: int) -> bytes:
    values = {"z": z, "x": x, "y": y, "cell": 2 * HALF_EARTH / 2 ** (z + CELL_BITS)}
    row = connection.execute(CLUSTERS_SQL if kind == "clusters" else POINTS_SQL, values, prepare=True).fetchone()
    return bytes(row[0]) if row and row[0] else b""  # type: ignore[call-overload]


def peer_of(
    connection: psycopg.Connection[tuple[object, ...]], kind: str, z: int, x: int, y: int
) -> Callable[[], bytes]:
    from maillage.rooms.atlas.tiles import Tile

    return lambda: Tile(peer_tile(connection, kind, z, x, y), "").encoded("gzip")[0]


def same_features(connection: psycopg.Connection[tuple[object, ...]], key: Key) -> None:
    """Both sides speak for as many places; a place on the very edge may be counted by the peer in two tiles."""
    from django.http import QueryDict

    from maillage.rooms.atlas import tiles
    from maillage.rooms.atlas.filters import filters_from

    kind, z, x, y = key
    ours = tiles.finished_tile(filters_from(QueryDict(FILTER)), kind, z, x, y).body  # type: ignore[arg-type]
    if len(ours) > 3_000_000:
        return  # the reader takes minutes
    said = [places_in(one, kind) for one in (ours, peer_tile(connection, *key))]
    if said[0] != said[1]:
        say("places of a tile differ from the peer's", tile=list(key), ours=said[0], peer=said[1])


def places_in(body: bytes, kind: str) -> int:
    layers = mapbox_vector_tile.decode(body) if body else {}
    features = layers.get(kind, {"features": []})["features"]
    return sum(one["properties"].get("count", 1) for one in features) if kind == "clusters" else len(features)


def timed(before: Callable[[], None], call: Callable[[], bytes], repeat: int) -> tuple[list[float], int]:
    """Milliseconds of each call, and the size of the answer."""
    size, begun_all, taken = len(call()), time.perf_counter(), []
    for _ in range(max(5, repeat)):
        before()
        begun = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begun) * 1e3)
        if time.perf_counter() - begun_all > BOUNDED_S:
            break
    return taken, size


def tell(ours: dict[Key, tuple[list[float], int]], theirs: dict[Key, tuple[list[float], int]] | None) -> None:
    """One line per zoom and kind: all tiles together."""
    for kind in ("clusters", "points"):
        for z in ZOOMS:
            keys = [key for key in ours if key[:2] == (kind, z)]
            mine = spread([one for key in keys for one in ours[key][0]])
            facts: dict[str, object] = {
                "tiles": len(keys),
                "bytes": max(ours[key][1] for key in keys),
                "milliseconds": mine,
            }
            if theirs is not None:
                peer = spread([one for key in keys for one in theirs[key][0]])
                facts |= {
                    "peer_milliseconds": peer,
                    "times_p50": peer["p50"] / mine["p50"],
                    "times_p95": peer["p95"] / mine["p95"],
                }
            say(f"{kind} z{z}", **facts)


def spread(taken: list[float]) -> dict[str, float]:
    ranked = sorted(taken)
    return {"p50": statistics.median(ranked), "p95": ranked[math.ceil(0.95 * len(ranked)) - 1], "best": ranked[0]}


def say(figure: str, **facts: object) -> None:
    """One line of JSON."""
    versions = {name: version(name) for name in ("numpy", "numba", "django")} | {"python": platform.python_version()}
    print(json.dumps({"figure": figure} | {k: short(v) for k, v in facts.items()} | {"versions": versions}), flush=True)


def short(value: object) -> object:
    if isinstance(value, dict):
        return {key: short(inner) for key, inner in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
