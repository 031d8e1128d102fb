"""Who gets what from the addresses of the indicators and the profiles."""

from __future__ import annotations

from uuid import UUID

import numpy as np

from maillage.core.places.tests.makers import square, territory
from maillage.rooms.observatory.indicators_cells import packed, packed_shapes
from maillage.rooms.observatory.models import CellSet, Indicator, IndicatorLoad, IndicatorUpload, IndicatorValue
from tests.helpers.permissions import asked, sent

UID = UUID("5d0f4a5e-6f0a-4ac1-9a3e-1f2f3a4b5c6d")
CODE = {"code": "exemple"}
PLACE = {"kind": "commune", "code": "69029"}
LOADERS = {"nobody": 302, "resident": 403, "helper": 403, "moderator": 200, "moderator_elsewhere": 200, "operator": 200}
SENT = {"nobody": 302, "resident": 403, "helper": 403}
ROWS = [
    *asked("observatory:profiles", everybody=200),
    *asked("observatory:profile", PLACE, everybody=200),
    *asked("observatory:profile_picture", PLACE, everybody=200),
    *asked("observatory:compare", query="?territoire=commune:69029", everybody=200),
    *asked("observatory:spread", everybody=200),
    *asked("observatory:spread_file", {"file_format": "csv"}, everybody=200),
    *asked("observatory:spread_file", {"file_format": "pdf"}, everybody=404),
    *asked("observatory:indicators", everybody=200),
    *asked("observatory:indicators_export", {"file_format": "csv"}, everybody=200),
    *asked("observatory:indicator", CODE, everybody=200),
    *asked("observatory:indicator_export", {**CODE, "file_format": "csv"}, everybody=200),
    *asked("observatory:cells", everybody=200),
    *sent("observatory:bring_cells", {"code": "mailles"}, {"target": "commune."}, **SENT, moderator=200, operator=200),
    *asked("observatory:load_file", **LOADERS),
    *sent("observatory:load_file", **SENT, moderator=422, operator=422),
    *asked("observatory:load_preview", {"uid": UID}, **LOADERS),
    *sent("observatory:load_preview", {"uid": UID}, {"action": "try"}, **SENT, moderator=200, operator=200),
    *asked("observatory:load", {"load_id": "$load"}, **LOADERS),
    *asked("observatory:load_rejects", {"load_id": "$load"}, **LOADERS),
]


def samples() -> dict[str, object]:
    """A commune, an indicator with a value, a load, a file that waits."""
    territory("commune", "69029", square(0, 0, 900, 900), name="Bron")
    row = Indicator.objects.create(code="exemple", label="Exemple", nature="count", source_text="INSEE", sort_key=b"e")
    IndicatorValue.objects.create(indicator=row, kind="commune", code="69029", vintage=2020, value=3)
    load = IndicatorLoad.objects.create(file_name="a.csv", digest="0", kind="commune")
    options = {
        "kind": "commune",
        "generation": "",
        "vintage": 2020,
        "source": "INSEE",
        "licence": "Licence Ouverte 2.0",
    }
    IndicatorUpload.objects.create(uid=UID, file_name="a.csv", content=b"code_commune,pop\n69029,5\n", options=options)
    columns = [{"code": "exemple", "label": "Exemple", "definition": "", "nature": "count", "unit": "", "decimals": 0,
                "direction": "neutral", "topic": "population", "weight": "", "source": ""}]  # fmt: skip
    shape = square(0, 0, 900, 900)
    west, south, east, north = shape.bounds
    CellSet.objects.create(
        code="mailles", name="Mailles", source_text="INSEE", digest="0", cells=1, columns=columns, west=west, south=south,
        east=east, north=north, shapes=packed_shapes(np.array([shape])), figures=packed(np.array([[3.0]])),
    )  # fmt: skip
    return {"load": load.pk}
