"""TopoJSON turned into plain features: arcs decoded and joined. Specification: topojson/topojson-specification 1.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Ring = list[list[float]]


def features_of(topology: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """GeoJSON features of every polygon object; raises ValueError, KeyError, IndexError or TypeError on a broken file."""
    arcs = _decoded(topology["arcs"], topology.get("transform"))
    for thing in topology["objects"].values():
        for geometry in thing["geometries"] if thing["type"] == "GeometryCollection" else [thing]:
            yield {
                "type": "Feature",
                "properties": {
                    **({"id": geometry["id"]} if "id" in geometry else {}),
                    **(geometry.get("properties") or {}),
                },
                "geometry": _geometry(geometry, arcs),
            }


def _decoded(raw: list[Ring], transform: dict[str, Any] | None) -> list[Ring]:
    """Arcs in coordinates; those of a quantized file are whole numbers, each relative to the one before."""
    if transform is None:
        return raw
    (wide, high), (west, south) = transform["scale"], transform["translate"]
    arcs = []
    for arc in raw:
        x = y = 0.0
        points = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            points.append([x * wide + west, y * high + south])
        arcs.append(points)
    return arcs


def _geometry(geometry: dict[str, Any], arcs: list[Ring]) -> dict[str, Any] | None:
    if geometry["type"] == "Polygon":
        return {"type": "Polygon", "coordinates": [_ring(ring, arcs) for ring in geometry["arcs"]]}
    if geometry["type"] == "MultiPolygon":
        polygons = [[_ring(ring, arcs) for ring in polygon] for polygon in geometry["arcs"]]
        return {"type": "MultiPolygon", "coordinates": polygons}
    return None


def _ring(numbers: list[int], arcs: list[Ring]) -> Ring:
    """Arcs end to end; a negative number is that arc backwards, and the point where two meet is said once."""
    points: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points
