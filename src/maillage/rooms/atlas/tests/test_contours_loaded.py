"""Loading official contours settles the entries that it can, and no other: which change from undetermined, which stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from maillage.core.intake.territories import Options, Report, intake_territories
from maillage.core.places.tests.makers import at as metres
from maillage.core.places.tests.makers import square, territory
from maillage.rooms.atlas.announcements import territory_counts
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.makers import at, make_entry

pytestmark = pytest.mark.django_db

PLACES = {
    "heart": (0, 0),
    "just inside": (290, 0),
    "just outside": (310, 0),
    "near": (600, 0),
    "far": (2000, 0),
    "elsewhere": (9000, 0),
}


@pytest.fixture
def entries() -> dict[str, Entry]:
    territory("epci", "200046977", square(-3000, -3000, 3000, 3000), quality="simplified", tolerance_m=300)
    made = {name: make_entry(name, places=(at(*metres(*spot)),)) for name, spot in PLACES.items()}
    lon, lat = metres(0, 0)
    vague = at(lon, lat)
    made["known to the neighbourhood"] = make_entry(
        "known to the neighbourhood",
        places=(type(vague)(label="x", lon=lon, lat=lat, precision="neighbourhood", obtained="essai"),),
    )
    made["nowhere"] = make_entry("nowhere")
    return made


def load(folder: Path, **options: object) -> Report:
    shape = json.loads(shapely.to_geojson(square(-300, -300, 300, 300)))
    one = {"type": "Feature", "properties": {"code_qp": "QN06901M", "lib_qp": "Bel Air"}, "geometry": shape}
    path = folder / "qpv.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [one]}), encoding="utf-8")
    return intake_territories(str(path), Options(**options))  # type: ignore[arg-type]


def states(entries: dict[str, Entry]) -> dict[str, str]:
    found = dict(Entry.objects.values_list("name", "in_qpv"))
    return {name: found[name][0] for name in entries}


def test_before_any_contour_all_are_undetermined(entries: dict[str, Entry]) -> None:
    assert set(states(entries).values()) == {"undetermined"}


def test_contours_not_said_complete_settle_only_what_is_inside(entries: dict[str, Entry], tmp_path: Path) -> None:
    load(tmp_path)
    found = states(entries)
    assert [name for name, state in found.items() if state != "undetermined"] == ["heart"]
    assert found["heart"] == "in"
    assert Entry.objects.get(name="heart").places.get().qpv_code == "QN06901M"
    assert territory_counts()["qpv:QN06901M"] == 1


def test_said_complete_for_an_area_they_settle_it_but_not_the_edges_nor_elsewhere(
    entries: dict[str, Entry], tmp_path: Path
) -> None:
    load(tmp_path, complete_for=("epci:200046977",))
    assert states(entries) == {
        "heart": "in",
        "just inside": "undetermined",
        "just outside": "undetermined",
        "near": "near",
        "far": "outside",
        "elsewhere": "undetermined",
        "known to the neighbourhood": "undetermined",
        "nowhere": "undetermined",
    }


def test_a_trial_run_changes_no_entry(entries: dict[str, Entry], tmp_path: Path) -> None:
    load(tmp_path, complete_for=("epci:200046977",), dry_run=True)
    assert set(states(entries).values()) == {"undetermined"}
