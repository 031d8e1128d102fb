"""The real directories as records, read in the plainest way: what the pairs labelled by hand point at."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maillage.kernels.matching.records import Record

AIDANTS = "aidants_connect_2023-01.json"
PERMANENCES = "conseiller_numerique_permanences_2022-12.json"
STRUCTURES = "data_inclusion_structures_2023-02.json"
HINAURA = "hinaura_auvergne_rhone_alpes_2022-10.json"
LYON = "lyon_lieux_mediation_innovation_2021-07.json"
FRANCE_SERVICES = "france_services_2022-12-01.csv"

# field of a record → column of the file
COLUMNS: Mapping[str, Mapping[str, str]] = {
    AIDANTS: {"name": "Name", "address": "Adresse", "postcode": "Code postal", "commune": "commune", "siret": "SIRET"},
    PERMANENCES: {"name": "nom", "address": "adresse", "postcode": "code_postal", "commune": "commune", "siret": "pivot",
                  "lon": "longitude", "lat": "latitude", "phone": "telephone", "email": "courriel", "website": "site_web"},
    STRUCTURES: {"name": "nom", "address": "adresse", "postcode": "code_postal", "commune": "commune", "siret": "pivot",
                 "commune_code": "code_insee", "lon": "longitude", "lat": "latitude", "phone": "telephone",
                 "email": "courriel", "website": "site_web"},
    HINAURA: {"name": "Nom du lieu ou de la structure *", "address": "Adresse postale *", "postcode": "Code postal",
              "commune": "Ville *", "lon": "bf_longitude", "lat": "bf_latitude", "website": "Site Web"},
    LYON: {"name": "title", "address": "adress", "lon": "longitude", "lat": "latitude", "website": "web"},
    FRANCE_SERVICES: {"name": "lib_fs", "address": "adresse", "postcode": "code_postal", "commune": "lib_com",
                      "commune_code": "insee_com", "lon": "longitude", "lat": "latitude", "phone": "telephone",
                      "email": "mail"},
}  # fmt: skip
# The column that names a row for good; elsewhere the row's number does, from 0.
IDENTIFIERS = {PERMANENCES: "id", STRUCTURES: "id", FRANCE_SERVICES: "id_fs"}


def records_of(folder: Path, file: str) -> list[Record]:
    """Every row of a file as a record; `key` is "file#identifier"."""
    return [_record(file, rank, row) for rank, row in enumerate(rows_of(folder / file))]


def all_records(folder: Path) -> list[Record]:
    """The six directories of places, one after the other."""
    return [record for file in COLUMNS for record in records_of(folder, file)]


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows as they are."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _record(file: str, rank: int, row: Mapping[str, Any]) -> Record:
    columns = COLUMNS[file]
    values: dict[str, Any] = {field: _text(row.get(column)) for field, column in columns.items()}
    for axis in ("lon", "lat"):
        values[axis] = _number(values.get(axis, ""))
    if not values.get("postcode") and (found := [word for word in values["address"].split() if word[:5].isdigit()]):
        values["postcode"] = found[-1][:5] if len(found[-1]) == 5 else ""
    identifier = row[IDENTIFIERS[file]] if file in IDENTIFIERS else rank
    return Record(key=f"{file}#{identifier}", source=file, **values)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
