"""Permissions of participation; part of `permission_table.py`. Reading and saying are for everybody, sheets for helpers."""

from __future__ import annotations

from tests.helpers.permissions import asked, sent

_NOWHERE = "?territoire=commune:00000"
_HELPERS = {"nobody": 302, "resident": 403}
_SHEET = {"l-TOTAL_FORMS": "12", "l-INITIAL_FORMS": "0"}

ROWS = [
    *asked("observatory:participation", everybody=200),
    *asked("observatory:participation", query=_NOWHERE, everybody=404),
    *asked("observatory:participation_rows", everybody=200),
    *asked("observatory:participation_rows_csv", everybody=200),
    *asked("observatory:participation_places", everybody=200),
    *asked("observatory:participation_places_csv", everybody=200),
    *asked("observatory:participation_declare", everybody=200),
    *sent("observatory:participation_declare", everybody=422),
    *asked("observatory:participation_thanks", everybody=200),
    *asked("observatory:participation_sheet", everybody=200),
    *sent("observatory:participation_sheet", everybody=405),
    *asked("observatory:participation_sheet_typing", everybody=200, **_HELPERS),
    *sent("observatory:participation_sheet_typing", data=_SHEET, everybody=422, **_HELPERS),
    *asked("observatory:participation_held", everybody=405, nobody=302),
    *sent("observatory:participation_held", everybody=302, resident=403, helper=403),
]
