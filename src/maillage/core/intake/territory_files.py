"""Files of territories: GeoJSON, TopoJSON, GeoPackage, zipped Shapefile, told apart by their content, never by their name.

Nothing of a file is trusted: sizes are bounded before anything is unpacked, and only the parts of a Shapefile are taken out
of an archive. A file that cannot be read is refused whole, in words that say what was found.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from django.utils.translation import gettext as _
from pyogrio.errors import DataLayerError, DataSourceError

from maillage.core.errors import Invalid
from maillage.core.intake.topojson import features_of

MAX_BYTES = 300_000_000
MAX_UNPACKED_BYTES = 1_000_000_000
MAX_COLUMNS = 400
SHAPEFILE_PARTS = frozenset({".shp", ".dbf", ".shx", ".prj", ".cpg"})


@dataclass(frozen=True)
class Feature:
    """One row of a file; `shape` is None when there is none, `fault` says why it could not be read."""

    number: int
    properties: dict[str, Any]
    shape: shapely.Geometry | None
    fault: str = ""


@dataclass(frozen=True)
class FeatureFile:
    """What a file holds; `crs` is its own declaration of coordinates, "" when it makes none."""

    format: str
    crs: str
    features: list[Feature]


def features_in(path: Path, layer: str = "") -> FeatureFile:
    """Reads a file of territories; raises Invalid when it is not one. `layer` names one of a GeoPackage that has several."""
    size = path.stat().st_size
    if size == 0:
        raise Invalid(_("Le fichier est vide."))
    if size > MAX_BYTES:
        raise Invalid(_("Le fichier dépasse 300 Mo : ce n’est pas un fichier de contours de quartiers."))
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith(b"SQLite format 3\0"):
        return _from_gdal(path, "GeoPackage", layer)
    if head.startswith(b"PK"):
        return _from_archive(path)
    return _from_text(path, head)


def _from_text(path: Path, head: bytes) -> FeatureFile:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"<":
        raise Invalid(_("Le fichier est une page web ou du XML, pas des contours. L’adresse a peut-être changé."))
    if start[:1] != b"{":
        raise Invalid(_("Format non reconnu. Formats lus : GeoJSON, TopoJSON, GeoPackage, Shapefile dans un .zip."))
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
        return _from_json(content)
    except UnicodeDecodeError as fault:
        raise Invalid(_("Le texte du fichier n’est pas en UTF-8.")) from fault
    except json.JSONDecodeError as fault:
        message = _("Le fichier JSON est coupé ou abîmé (ligne {line}).").format(line=fault.lineno)
        raise Invalid(message) from fault
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as fault:
        raise Invalid(_("Le fichier JSON n’a pas la forme d’un GeoJSON ou d’un TopoJSON.")) from fault


def _from_json(content: dict[str, Any]) -> FeatureFile:
    if content.get("type") == "Topology":
        return FeatureFile("TopoJSON", "", _features(features_of(content)))
    if content.get("type") != "FeatureCollection":
        raise ValueError(content.get("type"))
    crs = (content.get("crs") or {}).get("properties", {}).get("name", "")
    return FeatureFile("GeoJSON", str(crs), _features(content["features"]))


def _features(raw: Any) -> list[Feature]:
    return [_feature(number, one) for number, one in enumerate(raw, start=1)]


def _feature(number: int, raw: dict[str, Any]) -> Feature:
    properties = dict(list((raw.get("properties") or {}).items())[:MAX_COLUMNS])
    if not raw.get("geometry"):
        return Feature(number, properties, None)
    try:
        return Feature(number, properties, shapely.from_geojson(json.dumps(raw["geometry"])))
    except shapely.errors.ShapelyError as fault:
        return Feature(number, properties, None, str(fault).splitlines()[0][:200])


def _from_archive(path: Path) -> FeatureFile:
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            return _from_members(archive, Path(folder))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as fault:
        raise Invalid(_("L’archive .zip est abîmée, chiffrée ou incomplète.")) from fault


def _from_members(archive: zipfile.ZipFile, folder: Path) -> FeatureFile:
    """The one Shapefile, GeoPackage or GeoJSON of an archive; its parts are renamed, so no path of the archive is used."""
    members = [one for one in archive.infolist() if not one.is_dir() and not Path(one.filename).name.startswith(".")]
    if sum(one.file_size for one in members) > MAX_UNPACKED_BYTES:
        raise Invalid(_("L’archive contient plus de 1 Go une fois ouverte : elle est refusée."))
    mains = [one for one in members if Path(one.filename).suffix.lower() in {".shp", ".gpkg", ".geojson", ".json"}]
    if not mains:
        raise Invalid(_("L’archive ne contient ni Shapefile (.shp), ni GeoPackage, ni GeoJSON."))
    if len(mains) > 1:
        names = ", ".join(sorted(Path(one.filename).name for one in mains)[:6])
        raise Invalid(_("L’archive contient plusieurs fichiers ({names}) : donnez-les un par un.").format(names=names))
    main = Path(mains[0].filename)
    if main.suffix.lower() != ".shp":
        return features_in(_taken(archive, mains[0], folder / f"file{main.suffix.lower()}"))
    for one in members:
        part = Path(one.filename)
        if part.with_suffix("") == main.with_suffix("") and part.suffix.lower() in SHAPEFILE_PARTS:
            _taken(archive, one, folder / f"file{part.suffix.lower()}")
    return _from_gdal(folder / "file.shp", "Shapefile")


def _taken(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Path:
    """Copies one member, never more bytes than it announced."""
    with archive.open(member) as source, target.open("wb") as file:
        left = member.file_size
        while left > 0 and (block := source.read(min(left, 1 << 20))):
            file.write(block)
            left -= len(block)
    return target


def _from_gdal(path: Path, name: str, layer: str = "") -> FeatureFile:
    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(path) if row[1] is not None]
        if layer and layer not in layers:
            message = _("Le fichier n’a pas de couche « {name} » : il a {names}.")
            raise Invalid(message.format(name=layer, names=", ".join(layers[:12]) or "—"))
        layers = [layer] if layer else layers
        if not layers:
            raise Invalid(_("Le fichier ne contient aucune couche avec des contours."))
        meta, _index, shapes, columns = pyogrio.raw.read(path, layer=layers[0])
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as fault:
        message = _("Le fichier {format} ne peut pas être lu ({why}).").format(format=name, why=str(fault)[:200])
        raise Invalid(message) from fault
    if len(layers) > 1:
        raise Invalid(
            _("Le fichier contient plusieurs couches ({names}) : gardez-en une.").format(names=", ".join(layers[:6]))
        )
    return FeatureFile(name, str(meta["crs"] or ""), list(_gdal_rows(meta["fields"], shapes, columns)))


def _gdal_rows(fields: Any, shapes: Any, columns: list[Any]) -> Iterator[Feature]:
    for number, wkb in enumerate(shapes):
        properties = {str(name): _plain(column[number]) for name, column in zip(fields, columns, strict=True)}
        try:
            yield Feature(number + 1, properties, shapely.from_wkb(wkb) if wkb is not None else None)
        except shapely.errors.ShapelyError as fault:
            yield Feature(number + 1, properties, None, str(fault).splitlines()[0][:200])


def _plain(value: Any) -> Any:
    """A value as JSON takes it."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:  # NaN: GDAL's mark for nothing in a column of numbers
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
