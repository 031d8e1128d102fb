"""Plane coordinates against reference points, computed with PROJ 9.5 (lon, lat, x, y)."""

from __future__ import annotations

import numpy as np
import pytest

from maillage.core.places.projections import epsg_of, inverse_of

REFERENCES = [
    (2154, 4.8357, 45.764, 842666.659, 6519924.367),
    (2154, -4.7, 48.4, 130974.987, 6838844.677),
    (2154, 9.4, 41.6, 1234368.835, 6077073.933),
    (2154, 2.35, 48.85, 652301.565, 6861302.726),
    (2975, 55.45, -20.9, 338788.530, 7688141.538),
    (5490, -61.5, 16.2, 660342.312, 1791644.131),
    (2972, -52.3, 4.9, 355855.438, 541750.164),
    (4471, 45.2, -12.8, 521705.548, 8584972.962),
    (32631, 4.8357, 45.764, 642744.985, 5069465.456),
    (3857, 4.8, 45.7, 534333.556, 5732403.655),
]


@pytest.mark.parametrize(("epsg", "lon", "lat", "x", "y"), REFERENCES)
def test_reference_points_within_a_centimetre(epsg: int, lon: float, lat: float, x: float, y: float) -> None:
    inverse = inverse_of(epsg)
    assert inverse is not None
    found = inverse(np.array([[x, y]]))[0]
    assert np.hypot((found[0] - lon) * 111_320, (found[1] - lat) * 111_320) < 0.01


@pytest.mark.parametrize(("crs", "epsg"), [
    ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326), ("EPSG:2154", 2154), ("urn:ogc:def:crs:EPSG::2154", 2154), ("epsg:4326", 4326),
    ('PROJCS["RGF93_Lambert_93",GEOGCS["GCS_RGF_1993"]]', 2154), ('GEOGCS["WGS 84",DATUM["WGS_1984"]]', 4326),
    ("RGF93 v1 / Lambert-93", 2154), ("somewhere", None),
])  # fmt: skip
def test_declarations(crs: str, epsg: int | None) -> None:
    assert epsg_of(crs) == epsg


def test_degrees_need_nothing_and_the_unknown_is_said() -> None:
    assert inverse_of(4326) is None
    with pytest.raises(ValueError, match="27572"):
        inverse_of(27572)
