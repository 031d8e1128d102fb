"""KML and GPX as tables, streamed. Files that declare entities are refused: a map has no use for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import shapely
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.tables.model import SHAPE_LAT, SHAPE_LON, Notes, Row, Table, too_long
from maillage.core.intake.tables.shapes import inside_of

if TYPE_CHECKING:
    Element = ET.Element[str]

FOLDER = "dossier"
_ROWS = {"kml": frozenset({"Placemark"}), "gpx": frozenset({"wpt", "rte", "trk"})}
_LABELS = {"kml": "KML", "gpx": "GPX"}


def read_xml(path: Path, kind: str) -> Table:
    """The placemarks of a KML, or the waypoints, routes and tracks of a GPX."""
    with path.open("rb") as file:
        head = file.read(200_000)
    if re.search(rb"<!ENTITY|<!DOCTYPE", head):
        raise Invalid(_("Ce fichier XML contient des déclarations qui ne sont pas acceptées (DOCTYPE)."))
    return Table(format=_LABELS[kind], columns=(), read=lambda notes: _rows(path, kind, notes), name="")


def _rows(path: Path, kind: str, notes: Notes) -> Iterator[Row]:
    number = 0
    try:
        for element, folders in _elements(path, _ROWS[kind]):
            number += 1
            cells = {FOLDER: " / ".join(folders)} if folders else {}
            fault = _placemark(element, cells, notes) if kind == "kml" else _waypoint(element, cells)
            if name := too_long(cells):
                yield Row(number, {**cells, name: cells[name][:200]}, _("Cellule beaucoup trop longue."), name)
            else:
                yield Row(number, cells, fault, SHAPE_LON if fault else "")
    except ET.ParseError as fault:
        line = fault.position[0]
        message = _("Le fichier {format} est coupé ou abîmé à la ligne {line}.").format(format=_LABELS[kind], line=line)
        raise Invalid(message) from fault


def _elements(path: Path, wanted: frozenset[str]) -> Iterator[tuple[Element, list[str]]]:
    """Each wanted element once complete, with the names of the folders it is in; then forgotten."""
    parents: list[Element] = []
    for event, element in ET.iterparse(path, events=("start", "end")):  # noqa: S314 -- entities are refused above
        if event == "start":
            parents.append(element)
            continue
        parents.pop()
        if _tag(element) in wanted and not any(_tag(one) in wanted for one in parents):
            yield element, [name for one in parents if _tag(one) == "Folder" and (name := _child_text(one, "name"))]
            if parents:
                parents[-1].remove(element)


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _child_text(element: Element, tag: str) -> str:
    return next(("".join(one.itertext()).strip() for one in element if _tag(one) == tag), "")


def _placemark(element: Element, cells: dict[str, str], notes: Notes) -> str:
    """Fills the cells of a placemark; returns why its shape cannot be read, "" when it can or has none."""
    for child in element:
        tag = _tag(child)
        if tag in {"name", "description", "address", "phoneNumber", "snippet"}:
            cells[tag] = "".join(child.itertext()).strip()
        elif tag == "ExtendedData":
            _extended(child, cells)
    if element.get("id"):
        cells.setdefault("id", str(element.get("id")))
    try:
        shapes = [shape for one in element.iter() if (shape := _shape(one)) is not None]
    except (ValueError, shapely.errors.ShapelyError):
        return _("Les coordonnées de cette fiche ne sont pas lisibles.")
    point = inside_of(shapes[0] if len(shapes) == 1 else shapely.GeometryCollection(shapes), notes) if shapes else None
    if point is not None:
        cells[SHAPE_LON], cells[SHAPE_LAT] = repr(point[0]), repr(point[1])
    return ""


def _extended(element: Element, cells: dict[str, str]) -> None:
    for one in element.iter():
        if _tag(one) == "Data" and one.get("name"):
            cells[str(one.get("name"))] = _child_text(one, "value")
        elif _tag(one) == "SimpleData" and one.get("name"):
            cells[str(one.get("name"))] = "".join(one.itertext()).strip()


def _shape(element: Element) -> shapely.Geometry | None:
    tag = _tag(element)
    if tag not in {"Point", "LineString", "Polygon"}:
        return None
    text = next(("".join(one.itertext()) for one in element.iter() if _tag(one) == "coordinates"), "")
    pairs = [tuple(float(number) for number in part.split(",")[:2]) for part in text.split()]
    if not pairs:
        return None
    if tag == "Point":
        return shapely.Point(pairs[0])
    return shapely.LineString(pairs) if tag == "LineString" else shapely.Polygon(pairs)


def _waypoint(element: Element, cells: dict[str, str]) -> str:
    for child in element:
        tag = _tag(child)
        if tag in {"name", "desc", "cmt", "type", "sym", "src", "time"}:
            cells[tag] = "".join(child.itertext()).strip()
        elif tag == "link" and child.get("href"):
            cells["link"] = str(child.get("href"))
        elif tag == "extensions":
            cells.update(
                {
                    _tag(one): "".join(one.itertext()).strip()
                    for one in child.iter()
                    if one is not child and not len(one)
                }
            )
    place = element if element.get("lat") else next((one for one in element.iter() if one.get("lat")), None)
    if place is not None:
        cells[SHAPE_LON], cells[SHAPE_LAT] = str(place.get("lon", "")), str(place.get("lat", ""))
    return ""
