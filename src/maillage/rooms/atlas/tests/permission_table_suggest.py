"""Permissions of suggestions and of the desk; part of `permission_table.py`.

At the desk nobody is sent to sign in, resident and helper are refused, and a suggestion of another territory is not there.
"""

from __future__ import annotations

from maillage.rooms.atlas.actions import Sending, send_suggestion, start_draft
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.makers import at, make_entry
from tests.helpers.permissions import Row, asked, sent


def samples() -> dict[str, object]:
    """An entry of Vénissieux, one that is hidden, a suggestion about the first with its code, and a draft."""
    entry = make_entry("PIMMS", places=(at(4.886, 45.7036, commune="Vénissieux", commune_code="69259"),))
    hidden = make_entry("Caché")
    Entry.objects.filter(pk=hidden.pk).update(is_published=False)
    suggestion = send_suggestion(Sending(kind="closed", key="k", entry=entry))
    return {"entry": entry.pk, "hidden_entry": hidden.pk, "suggestion": suggestion.pk, "code": suggestion.code,
            "draft": start_draft().secret}  # fmt: skip


def _desk(method: str, name: str, kwargs: dict[str, object], *statuses: int) -> list[Row]:
    persons = ("nobody", "resident", "helper", "moderator", "moderator_elsewhere", "operator")
    make = asked if method == "GET" else sent
    return make(f"atlas:{name}", kwargs, **dict(zip(persons, statuses, strict=True)))


_DRAFT, _ENTRY, _HIDDEN = {"secret": "$draft"}, {"entry_id": "$entry"}, {"entry_id": "$hidden_entry"}
_CODE, _ITEM, _NO_ITEM = {"code": "$code"}, {"suggestion_id": "$suggestion"}, {"suggestion_id": 999999}

ROWS = [
    *asked("atlas:propose", everybody=302),
    *sent("atlas:propose", everybody=422),
    *asked("atlas:propose_step", {**_DRAFT, "step": 1}, everybody=200),
    *asked("atlas:propose_step", {"secret": "unknown", "step": 1}, everybody=404),
    *sent("atlas:propose_step", {**_DRAFT, "step": 2}, everybody=422),
    *asked("atlas:propose_duplicates", _DRAFT, everybody=302),
    *sent("atlas:propose_duplicates", _DRAFT, everybody=302),
    *asked("atlas:propose_kept", _DRAFT, everybody=200),
    *asked("atlas:correct", _ENTRY, everybody=302),
    *asked("atlas:correct", _HIDDEN, everybody=404),
    *sent("atlas:correct", _ENTRY, everybody=422),
    *asked("atlas:report", {**_ENTRY, "kind": "closed"}, everybody=302),
    *asked("atlas:report", {**_ENTRY, "kind": "nonsense"}, everybody=404),
    *sent("atlas:report", {**_ENTRY, "kind": "wrong"}, everybody=422),
    *asked("atlas:history", _ENTRY, everybody=200),
    *asked("atlas:history", _HIDDEN, everybody=404),
    *sent("atlas:history", _ENTRY, everybody=405),
    *asked("atlas:follow", everybody=200),
    *sent("atlas:follow", everybody=422),
    *asked("atlas:follow_code", _CODE, everybody=200),
    *asked("atlas:follow_code", {"code": "unknown"}, everybody=404),
    *asked("atlas:thanks", _CODE, everybody=200),
    *asked("atlas:withdraw", _CODE, everybody=405),
    *sent("atlas:withdraw", _CODE, everybody=302),
    *sent("atlas:withdraw", {"code": "unknown"}, everybody=404),
    *asked("atlas:appeal", _CODE, everybody=405),
    *sent("atlas:appeal", _CODE, everybody=422),
    *asked("atlas:voices", everybody=404),
    *asked("atlas:give_voice", _ITEM, everybody=405),
    *sent("atlas:give_voice", _ITEM, everybody=404),
    *_desk("GET", "desk", {}, 302, 403, 403, 200, 200, 200),
    *_desk("GET", "desk_csv", {}, 302, 403, 403, 200, 200, 200),
    *_desk("POST", "desk_many", {}, 302, 403, 403, 422, 422, 422),
    *_desk("GET", "desk_many", {}, 302, 405, 405, 405, 405, 405),
    *_desk("GET", "desk_item", _ITEM, 302, 403, 403, 200, 404, 200),
    *_desk("POST", "desk_item", _ITEM, 302, 403, 403, 422, 404, 422),
    *_desk("GET", "desk_item", _NO_ITEM, 302, 403, 403, 404, 404, 404),
    *_desk("GET", "desk_picture", _ITEM, 302, 403, 403, 200, 404, 200),
    *_desk("POST", "desk_take", _ITEM, 302, 403, 403, 302, 404, 302),
    *_desk("GET", "desk_take", _ITEM, 302, 405, 405, 405, 405, 405),
    *_desk("POST", "desk_release", _ITEM, 302, 403, 403, 302, 404, 302),
    *_desk("GET", "desk_release", _ITEM, 302, 405, 405, 405, 405, 405),
]
