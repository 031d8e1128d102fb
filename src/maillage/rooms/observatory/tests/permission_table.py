"""Who gets what from the addresses of the observatory, read by tests/house/test_permissions.py."""

from __future__ import annotations

from maillage.rooms.observatory.tests import permission_table_indicators as indicators
from maillage.rooms.observatory.tests import permission_table_maps as maps
from maillage.rooms.observatory.tests import permission_table_participation as participation
from maillage.rooms.observatory.tests import permission_table_reliefs as reliefs
from maillage.rooms.observatory.tests import permission_table_report as report
from tests.helpers.permissions import asked

ROWS = [
    *asked("observatory:home", everybody=200),
    *indicators.ROWS,
    *reliefs.ROWS,
    *maps.ROWS,
    *participation.ROWS,
    *report.ROWS,
]


def SAMPLES() -> dict[str, object]:  # noqa: N802 -- the name that the house test looks for
    """What the addresses need."""
    return {**indicators.samples(), **reliefs.samples(), **maps.samples()}
