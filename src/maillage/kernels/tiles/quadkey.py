"""Quadkeys: one 56-bit integer per place, such that each map tile is one contiguous range of integers.

A quadkey is the Morton code of the Web-Mercator cell (EPSG:3857, XYZ scheme: x grows eastwards, y southwards) that
holds the place at zoom 28, a cell of about 15 cm at the equator. Bit 2i is bit i of x, bit 2i + 1 is bit i of y, so the
code fits a signed bigint. Truth stays lon, lat: a quadkey finds rows, it never replaces their position.

Everything here is NumPy, without Numba: a single write pays no compilation, and one path gives the same cell to the
same place whether it is written alone or with a million others.

Source of the projection: OGC 17-083r4, annex "WebMercatorQuad". Source of the interleaving: Morton, 1966.
"""

import math
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

ZOOM = 28
SIDE = 1 << ZOOM
END = 1 << (2 * ZOOM)  # one more than the largest quadkey
MAX_LAT = math.degrees(2 * math.atan(math.exp(math.pi)) - math.pi / 2)  # 85.0511…, where the square map ends

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Whole = TypeVar("Whole", int, Ints)


def quadkey_of(lon: float, lat: float) -> int:
    """Return the quadkey of one place in degrees; raises as `quadkeys_of`. About 40 µs, nothing to compile."""
    return int(quadkeys_of(np.array([lon]), np.array([lat]))[0])


def quadkeys_of(lon: ArrayLike, lat: ArrayLike) -> Ints:
    """Return the int64[n] quadkeys of n places given in degrees (WGS84). O(n), about 0.1 µs per place.

    Latitudes beyond ±85.0511 fall in the first or last row, longitude 180 in the last column.
    Raises ValueError for NaN, infinity, a longitude beyond ±180 or a latitude beyond ±90: such a place is a mistake.
    """
    return interleaved(*cells_of(lon, lat))


def cells_of(lon: ArrayLike, lat: ArrayLike) -> tuple[Ints, Ints]:
    """Return the column and the row, int64[n] in [0, 2^28), of n places in degrees; raises as `quadkeys_of`."""
    fx, fy = world_of(lon, lat)
    return _whole(fx), _whole(fy)


def world_of(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return Web-Mercator positions, float64[n] in units of zoom-28 cells, of n places; raises as `quadkeys_of`."""
    lons, lats = _degrees(lon, 180.0, "longitude"), _degrees(lat, 90.0, "latitude")
    if lons.shape != lats.shape:
        raise ValueError(f"{lons.size} longitudes for {lats.size} latitudes")
    sines = np.sin(np.radians(np.clip(lats, -MAX_LAT, MAX_LAT)))
    fy = 0.5 - np.arctanh(sines) / (2 * math.pi)
    return (lons + 180.0) * (SIDE / 360.0), np.clip(fy, 0.0, 1.0) * SIDE


def lon_lat_of_world(fx: ArrayLike, fy: ArrayLike) -> tuple[Floats, Floats]:
    """Return degrees for positions in units of zoom-28 cells: the inverse of `world_of`, to about 1e-9 degree."""
    x, y = np.asarray(fx, np.float64), np.asarray(fy, np.float64)
    return x * (360.0 / SIDE) - 180.0, np.degrees(np.arctan(np.sinh(math.pi * (1.0 - 2.0 * y / SIDE))))


def lon_lats_of(quadkeys: ArrayLike) -> tuple[Floats, Floats]:
    """Return the degrees of the centres of n cells, within half a cell (8 cm) of the places they were made from."""
    x, y = cells_of_quadkeys(quadkeys)
    return lon_lat_of_world(x + 0.5, y + 0.5)


def lon_lat_of(quadkey: int) -> tuple[float, float]:
    """Return the degrees of the centre of one cell."""
    lon, lat = lon_lats_of(np.array([quadkey]))
    return float(lon[0]), float(lat[0])


def interleaved(x: Ints, y: Ints) -> Ints:
    """Return the Morton codes int64[n] of columns and rows in [0, 2^28): x in even bits, y in odd bits."""
    return _spread(x.astype(np.int64)) | (_spread(y.astype(np.int64)) << 1)


def cells_of_quadkeys(quadkeys: ArrayLike) -> tuple[Ints, Ints]:
    """Return columns and rows, int64[n]; the inverse of `interleaved`. Raises ValueError outside [0, 2^56)."""
    keys = np.atleast_1d(np.asarray(quadkeys, np.int64))
    if keys.size and (keys.min() < 0 or keys.max() >= END):
        raise ValueError("a quadkey lies in [0, 2^56)")
    return _gathered(keys), _gathered(keys >> 1)


def tile_range(z: int, x: int, y: int) -> tuple[int, int]:
    """Return the half-open range (low, high) of the quadkeys in tile z/x/y. Raises ValueError for no such tile."""
    if not (0 <= z <= ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise ValueError(f"no tile {z}/{x}/{y}")
    shift = 2 * (ZOOM - z)
    code = _spread(x) | (_spread(y) << 1)
    return code << shift, (code + 1) << shift


def tile_of(quadkey: int, z: int) -> tuple[int, int]:
    """Return the x and y of the tile of zoom z that holds a quadkey."""
    x, y = cells_of_quadkeys(quadkey)
    return int(x[0]) >> (ZOOM - z), int(y[0]) >> (ZOOM - z)


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of tile z/x/y in degrees. Raises ValueError if there is no such tile."""
    tile_range(z, x, y)
    side = SIDE >> z
    lon, lat = lon_lat_of_world([x * side, (x + 1) * side], [y * side, (y + 1) * side])
    return float(lon[0]), float(lat[1]), float(lon[1]), float(lat[0])


def _degrees(values: ArrayLike, limit: float, name: str) -> Floats:
    # Contiguous on purpose: NumPy's vector loops and its strided loops may round a sine differently.
    degrees = np.ascontiguousarray(np.atleast_1d(np.asarray(values, np.float64)))
    if not bool(np.all(np.abs(degrees) <= limit)):  # false for NaN too
        raise ValueError(f"a {name} is not a number within ±{limit:g}")
    return degrees


def _whole(position: Floats) -> Ints:
    return np.minimum(position.astype(np.int64), SIDE - 1)


def _spread(values: Whole) -> Whole:
    v = values
    for shift, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
                        (2, 0x3333333333333333), (1, 0x5555555555555555)):  # fmt: skip
        v = (v | (v << shift)) & mask
    return v


def _gathered(values: Ints) -> Ints:
    v = values & 0x5555555555555555
    for shift, mask in ((1, 0x3333333333333333), (2, 0x0F0F0F0F0F0F0F0F), (4, 0x00FF00FF00FF00FF),
                        (8, 0x0000FFFF0000FFFF), (16, 0x00000000FFFFFFFF)):  # fmt: skip
        v = (v | (v >> shift)) & mask
    return v
