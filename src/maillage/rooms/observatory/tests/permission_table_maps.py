"""Permissions of the composed maps; part of `permission_table.py`. Anyone composes, keeps, flags; moderators decide."""

from __future__ import annotations

from maillage.rooms.observatory.tests.makers_maps import QUERY, saved, unemployment
from tests.helpers.permissions import asked, sent

_CODE, _SECRET, _FILE = {"code": "$map"}, {"secret": "$secret"}, {"code": "$map", "format": "image"}
_NO_CODE, _NO_SECRET = {"code": "0000000000"}, {"secret": "nothing"}
_DESK = {"nobody": 302, "resident": 403, "helper": 403, "moderator": 200, "moderator_elsewhere": 200, "operator": 200}


def samples() -> dict[str, object]:
    """A saved map, its edit secret."""
    unemployment()
    row, secret = saved(title="Chômage")
    return {"map": row.code, "secret": secret}


ROWS = [
    *asked("observatory:maps", everybody=200),
    *asked("observatory:maps", query=f"?{QUERY}", everybody=200),
    *asked("observatory:map_file", {"format": "image"}, f"?{QUERY}", everybody=200),
    *asked("observatory:map_file", {"format": "docx"}, f"?{QUERY}", everybody=404),
    *asked("observatory:map_save", everybody=405),
    *sent("observatory:map_save", everybody=422),
    *asked("observatory:map_workshop", everybody=200),
    *asked("observatory:map", _CODE, everybody=200),
    *asked("observatory:map", _NO_CODE, everybody=404),
    *asked("observatory:map_saved_file", _FILE, everybody=200),
    *asked("observatory:map_frame", _CODE, everybody=200),
    *asked("observatory:map_flag", _CODE, everybody=200),
    *sent("observatory:map_flag", _CODE, everybody=422),
    *asked("observatory:map_own", _SECRET, everybody=200),
    *asked("observatory:map_own", _NO_SECRET, everybody=404),
    *asked("observatory:map_edit", _SECRET, everybody=200),
    *sent("observatory:map_edit", _SECRET, everybody=422),
    *sent("observatory:map_edit", _NO_SECRET, everybody=404),
    *asked("observatory:map_withdraw", _SECRET, everybody=405),
    *sent("observatory:map_withdraw", _NO_SECRET, everybody=404),
    *sent("observatory:map_withdraw", _SECRET, everybody=200),
    *asked("observatory:map_desk", **_DESK),
    *asked("observatory:map_decide", _CODE, nobody=302, resident=405, moderator=405),
    *sent("observatory:map_decide", _CODE, **(_DESK | {"moderator": 422, "moderator_elsewhere": 422, "operator": 422})),
]
