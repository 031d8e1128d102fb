"""JSON, NDJSON, GeoJSON and uMap files as tables: nested objects become columns "a.b", shapes become two columns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.tables.json_stream import BrokenJson, Item, Member, Scanner, items_in, lines_in
from maillage.core.intake.tables.model import MAX_COLUMNS, SHAPE_LAT, SHAPE_LON, Notes, Row, Table, text_of, too_long
from maillage.core.intake.tables.shapes import NoShape, point_of
from maillage.core.intake.tables.text import encoding_of
from maillage.core.places.projections import Inverse, epsg_of, inverse_of

LAYER = "calque"
LONGEST_LINE = 2_000_000
DEEPEST = 4
# A list of objects that say where or how to reach: the first is the place of the record (the whole list is kept beside).
PLACE_KEYS = frozenset(
    {"lon", "lat", "lng", "longitude", "latitude", "address", "adresse", "postcode", "code_postal", "commune", "city"}
)


def read_json(path: Path, choice: str = "") -> Table:
    """The table of a JSON file; raises Invalid when it holds no list of objects, or is cut or damaged."""
    encoding = encoding_of(path)
    name = encoding.name if encoding.name.startswith("utf") and not encoding.mixed_lines else "cp1252"
    remarks = [encoding.remark] if encoding.remark else []
    with _said_in_words(), _opened(path, name) as found:
        counts, members = _lists(found)
    if not counts:
        raise Invalid(_nothing(members))
    if choice and choice not in counts:
        raise Invalid(_("Ce fichier n’a pas de liste « {name} ».").format(name=choice))
    is_geojson = members.get("type") == "FeatureCollection" and "features" in counts
    chosen = choice or ("features" if is_geojson else max(counts, key=lambda one: counts[one]))
    convert = _converter(str(members.get("crs.properties.name", "")), remarks)
    return Table(
        format=_format(members, chosen),
        columns=(),
        read=lambda notes: _rows(path, name, chosen, convert, notes),
        name=chosen,
        choices=tuple(counts),
        remarks=tuple(remarks),
    )


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[Iterator[Item | Member]]:
    """What the file holds, piece by piece."""
    reading = lines_in if _is_lines(path, encoding) else items_in
    with path.open(encoding=encoding, errors="replace") as stream:
        yield reading(Scanner(stream))


def _is_lines(path: Path, encoding: str) -> bool:
    """Whether the first line is a whole object and another line follows: NDJSON."""
    with path.open(encoding=encoding, errors="replace") as stream:
        first = _full_line(stream)
        try:
            is_object = isinstance(json.loads(first), dict)
        except (ValueError, RecursionError):
            return False
        return is_object and bool(_full_line(stream))


def _full_line(stream: TextIO) -> str:
    while line := stream.readline(LONGEST_LINE):
        if text := line.strip("\ufeff \t\r\n"):
            return text
    return ""


@contextmanager
def _said_in_words() -> Iterator[None]:
    try:
        yield
    except BrokenJson as fault:
        if fault.is_cut:
            message = _("Le fichier JSON s’arrête au milieu, ligne {line} : il est incomplet. Redemandez-le.")
        else:
            message = _("Le fichier JSON est abîmé à la ligne {line}.")
        raise Invalid(message.format(line=fault.line)) from fault


def _lists(found: Iterator[Item | Member]) -> tuple[Counter[str], dict[str, Any]]:
    """How many objects each list holds, and the plain values beside."""
    counts: Counter[str] = Counter()
    members: dict[str, Any] = {}
    for one in found:
        if isinstance(one, Item):
            if isinstance(one.value, dict):
                counts[one.path] += _weight(one.value)
        elif len(members) < 200:
            members[one.path] = one.value
    return counts, members


def _weight(value: dict[str, Any]) -> int:
    features = value.get("features")
    return len(features) if isinstance(features, list) else 1


def _nothing(members: dict[str, Any]) -> str:
    for key in ("error", "message", "detail", "errors"):
        if key in members:
            said = str(members[key])[:200]
            return _("Le fichier ne contient pas de liste, mais un message d’erreur : « {said} ».").format(said=said)
    return _("Le fichier JSON ne contient aucune liste de fiches.")


def _format(members: dict[str, Any], path: str) -> str:
    if members.get("type") == "umap" or path == "layers":
        return _("Carte uMap")
    return "GeoJSON" if path == "features" or members.get("type") == "FeatureCollection" else "JSON"


def _converter(crs: str, remarks: list[str]) -> Inverse | None:
    """How to turn the declared coordinates into degrees; None when they are, or when nothing is declared."""
    if not crs:
        return None
    epsg = epsg_of(crs)
    try:
        inverse = inverse_of(epsg) if epsg else None
    except ValueError:
        remarks.append(
            _("Système de coordonnées déclaré et inconnu : {crs}. Les nombres décideront.").format(crs=crs[:80])
        )
        return None
    if inverse is not None:
        remarks.append(_("Système de coordonnées déclaré par le fichier : EPSG:{epsg}.").format(epsg=epsg))
    return inverse


def _rows(path: Path, encoding: str, chosen: str, convert: Inverse | None, notes: Notes) -> Iterator[Row]:
    number = 0
    with _said_in_words(), _opened(path, encoding) as found:
        for one in found:
            if not isinstance(one, Item) or one.path != chosen:
                continue
            for record, layer in _records(one.value):
                number += 1
                yield _row(number, record, layer, convert, notes)


def _records(value: Any) -> Iterator[tuple[Any, str]]:
    """The record, or each feature of a layer with the layer's name."""
    features = value.get("features") if isinstance(value, dict) else None
    if not isinstance(features, list):
        yield value, ""
        return
    options = value.get("_umap_options") or value.get("_storage") or {}
    for feature in features:
        yield feature, str(options.get("name") or value.get("name") or "")


def _row(number: int, record: Any, layer: str, convert: Inverse | None, notes: Notes) -> Row:
    if not isinstance(record, dict):
        return Row(
            number, {}, _("Ce n’est pas une fiche, mais une valeur seule : « {text} ».").format(text=str(record)[:80])
        )
    cells: dict[str, str] = {LAYER: layer} if layer else {}
    fault = ""
    if record.get("type") == "Feature" or ("geometry" in record and "properties" in record):
        fault = _feature(record, cells, convert, notes)
    else:
        flatten(_element(record) if {"type", "id", "tags"} <= record.keys() else record, cells)
    if len(cells) > MAX_COLUMNS:
        return Row(number, {}, _("Cette fiche a plus de {limit} champs.").format(limit=MAX_COLUMNS))
    if name := too_long(cells):
        return Row(number, {**cells, name: cells[name][:200]}, _("Cellule beaucoup trop longue."), name)
    return Row(number, cells, fault, SHAPE_LON if fault else "")


def _feature(record: dict[str, Any], cells: dict[str, str], convert: Inverse | None, notes: Notes) -> str:
    """Fills the cells of a feature; returns why its shape cannot be read, "" when it can or has none."""
    flatten({key: value for key, value in (record.get("properties") or {}).items() if key != "_umap_options"}, cells)
    if record.get("id") not in (None, "") and not cells.get("id"):
        cells["id"] = text_of(record["id"])
    try:
        point = point_of(record.get("geometry"), notes)
    except NoShape as fault:
        return str(fault)
    if point is None:
        notes.say(_("Des fiches n’ont pas de position."))
        return ""
    if convert is not None and abs(point[0]) <= 180 and abs(point[1]) <= 90:
        notes.say(
            _("Le fichier déclare des coordonnées en mètres, mais ce sont des degrés : les nombres ont été suivis.")
        )
        convert = None
    lon, lat = convert(np.array([point]))[0] if convert else point
    cells[SHAPE_LON], cells[SHAPE_LAT] = repr(round(float(lon), 8)), repr(round(float(lat), 8))
    return ""


def flatten(value: dict[str, Any], cells: dict[str, str], before: str = "", depth: int = 0) -> None:
    """The members of an object as cells "a.b"; lists of plain values joined by bars, deeper things as JSON text."""
    for key, one in value.items():
        name = f"{before}{key}".strip() or "?"
        if isinstance(one, dict) and (point := _shape_text(one)):
            cells[name] = point
        elif isinstance(one, dict) and depth < DEEPEST:
            flatten(one, cells, f"{name}.", depth + 1)
        elif isinstance(one, list) and all(not isinstance(part, dict | list) for part in one):
            cells[name] = " | ".join(text_of(part) for part in one if part is not None)
        elif isinstance(one, list) and depth < DEEPEST and isinstance(one[0], dict) and PLACE_KEYS & one[0].keys():
            flatten(one[0], cells, f"{name}.", depth + 1)
            if len(one) > 1:
                cells[name] = json.dumps(one, ensure_ascii=False)
        elif isinstance(one, dict | list):
            cells[name] = json.dumps(one, ensure_ascii=False)
        else:
            cells[name] = text_of(one)


def _shape_text(value: dict[str, Any]) -> str:
    """A shape inside a record (OpenDataSoft's `geo_shape`, MongoDB's positions) as one cell; "" for any other object."""
    shape = value.get("geometry") if value.get("type") == "Feature" else value
    if not isinstance(shape, dict) or "coordinates" not in shape or "type" not in shape:
        return ""
    try:
        point = point_of(shape, Notes())
    except NoShape:
        return json.dumps(shape, ensure_ascii=False)
    return f"POINT ({point[0]!r} {point[1]!r})" if point else ""


def _element(record: dict[str, Any]) -> dict[str, Any]:
    """An element of OpenStreetMap (Overpass): a number that tells ways from nodes, the centre of what is no point."""
    kept = {key: value for key, value in record.items() if key not in {"type", "nodes", "members", "center", "bounds"}}
    return kept | {"id": f"{record['type']}/{record['id']}"} | (record.get("center") or {})
