"""Who gets what from the addresses of the atlas, read by tests/house/test_permissions.py."""

from __future__ import annotations

from maillage.rooms.atlas.tests import permission_table_import as imports
from maillage.rooms.atlas.tests import permission_table_merge as merge
from maillage.rooms.atlas.tests import permission_table_ogc as ogc
from maillage.rooms.atlas.tests import permission_table_reading as reading
from maillage.rooms.atlas.tests import permission_table_suggest as suggest

ROWS = [*imports.ROWS, *merge.ROWS, *ogc.ROWS, *reading.ROWS, *suggest.ROWS]


def SAMPLES() -> dict[str, object]:  # noqa: N802 -- the name that the house test looks for
    """What the addresses need."""
    return {**imports.samples(), **merge.samples(), **ogc.samples(), **reading.samples(), **suggest.samples()}
