"""Aggregates of the IRIS of the Lyon metropolis by commune, arrondissement and QPV, made by the kernel `areal`.

The repository keeps only what comes out of here (data/lyon_iris.yaml): no row of the file is copied, and a territory of
fewer than three IRIS is left out, so that no figure is that of one IRIS. Medians are not aggregated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely

from maillage.kernels.areal.figures import bounds_of_mean, means_over_ground
from maillage.kernels.areal.overlay import overlay

LEAST_IRIS = 3
# An IRIS of housing has 1,800 to 5,000 inhabitants by INSEE's definition: what the unknown weights may be.
LIGHTEST, HEAVIEST = 1800.0, 5000.0
PEOPLE = {
    "part-0-14-ans": "Pct0_14", "part-65-ans-et-plus": "Pct_65", "part-immigres": "Pct_Img",
    "taux-chomage-15-64": "TxChom1564", "part-brevet": "Pct_brevet",
}  # fmt: skip
GROUND = {"no2": "NO2", "pm25": "PM25", "bruit-lden": "Lden", "couvert-arbore": "VegHautPrt"}
MERGED = {"69152": "69149"}  # Pierre-Bénite is part of Oullins-Pierre-Bénite since 2024
LYON = "69123"
CENTRE = (4.85, 45.76)
Figures = dict[str, dict[str, list[float]]]


def aggregates(iris: Path, qpv: Path) -> Figures:
    """{indicator: {"kind:code": [value] or [value, low, high]}} from the two real files."""
    features = json.loads(iris.read_text(encoding="utf-8"))["features"]
    shapes = _plane([one["geometry"] for one in features])
    columns = {
        name: np.array([float(one["properties"][name]) for one in features])
        for name in (*PEOPLE.values(), *GROUND.values())
    }
    groups = _groups([one["properties"]["INSEE_COM"] for one in features])
    found: Figures = {code: _people(columns[name], groups) for code, name in PEOPLE.items()}
    targets = {place: shapely.union_all(shapes[members]) for place, members in groups.items()}
    neighbourhoods = json.loads(qpv.read_text(encoding="utf-8"))["features"]
    targets |= {
        f"qpv:{one['properties']['code_qp']}": shape
        for one, shape in zip(neighbourhoods, _plane([one["geometry"] for one in neighbourhoods]), strict=True)
    }
    return found | _ground(columns, shapes, targets, groups)


def _plane(geometries: Sequence[object]) -> np.ndarray:
    """Metres about the middle of the metropolis, valid."""
    east, north = 111_320 * np.cos(np.radians(CENTRE[1])), 111_132.0
    shapes = np.array([shapely.from_geojson(json.dumps(one)) for one in geometries])
    return np.asarray(shapely.make_valid(shapely.transform(shapes, lambda xy: (xy - CENTRE) * [east, north])))


def _groups(communes: Sequence[str]) -> dict[str, np.ndarray]:
    """Positions of the IRIS of each territory that has enough of them."""
    members: dict[str, list[int]] = {}
    for position, code in enumerate(communes):
        is_arrondissement = code.startswith("6938")
        names = (
            [f"arrondissement:{code}", f"commune:{LYON}"]
            if is_arrondissement
            else [f"commune:{MERGED.get(code, code)}"]
        )
        for name in (*names, "epci:200046977"):
            members.setdefault(name, []).append(position)
    return {name: np.array(found) for name, found in sorted(members.items()) if len(found) >= LEAST_IRIS}


def _people(values: np.ndarray, groups: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """Plain means of the IRIS, between what the mean could be whatever their population."""
    found = {}
    for place, members in groups.items():
        own = values[members]
        low, high = bounds_of_mean(own, np.full(len(own), LIGHTEST), np.full(len(own), HEAVIEST))
        found[place] = [round(float(one), 1) for one in (own.mean(), low, high)]
    return found


def _ground(
    columns: Mapping[str, np.ndarray], shapes: np.ndarray, targets: Mapping[str, shapely.Geometry],
    groups: Mapping[str, np.ndarray],
) -> Figures:  # fmt: skip
    """Means by area; a neighbourhood has also the least and the greatest of the IRIS that it cuts."""
    names = list(targets)
    crossed = overlay(shapes, np.array([targets[name] for name in names]))
    made: Figures = {}
    for code, column in GROUND.items():
        found = means_over_ground(crossed, columns[column])
        made[code] = {
            name: [round(float(found.value[place]), 1)]
            if name in groups
            else [round(float(one[place]), 1) for one in (found.value, found.low, found.high)]
            for place, name in enumerate(names)
            if np.isfinite(found.value[place])
        }
    return made
