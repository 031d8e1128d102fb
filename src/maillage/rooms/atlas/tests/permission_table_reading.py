"""Who gets what from the pages that are read: list, map, sheets, files, pictures, leaflets, frames, interface."""

from __future__ import annotations

from maillage.core.places.models import Territory
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.makers import at, make_entry
from tests.helpers.permissions import asked, sent

OPEN = (
    "list",
    "map",
    "download",
    "catalogue",
    "picture",
    "api_help",
    "leaflets",
    "embed_help",
    "embed_frame",
    "collections",
)
FORMATS = ("csv", "csv-lieux", "xlsx", "geojson", "gpkg", "json", "lieux-mediation", "data-inclusion")
SHEETS = ("sheet_short", "sheet", "sheet_picture")

ROWS = [
    *(row for name in OPEN for row in (*asked(f"atlas:{name}", everybody=200), *sent(f"atlas:{name}", nobody=405))),
    *(
        row
        for code in FORMATS
        for row in asked("atlas:download_file", {"file_format": code}, nobody=200, moderator=200)
    ),
    *asked("atlas:download_file", {"file_format": "exe"}, everybody=404),
    *asked("atlas:tile", {"z": 8, "x": 131, "y": 91}, everybody=200),
    *asked("atlas:tile", {"z": 40, "x": 0, "y": 0}, nobody=404),
    *asked("atlas:sheet", {"entry_id": "$read_entry", "slug": "$read_slug"}, everybody=200),
    *asked("atlas:sheet", {"entry_id": "$read_entry", "slug": "another"}, nobody=301),
    *asked("atlas:sheet_short", {"entry_id": "$read_entry"}, everybody=301),
    *asked("atlas:sheet_picture", {"entry_id": "$read_entry"}, everybody=200),
    # What was withdrawn is missing for those who only read.
    *asked("atlas:sheet", {"entry_id": "$withdrawn", "slug": "$withdrawn_slug"}, nobody=404, resident=404, helper=404),
    *asked("atlas:sheet_picture", {"entry_id": "$withdrawn"}, nobody=404, resident=404),
    *asked("atlas:leaflet", {"kind": "commune", "code": "69259"}, nobody=200, moderator=200),
    *asked("atlas:leaflet", {"kind": "commune", "code": "00000"}, everybody=404),
    *asked("atlas:here", {"kind": "commune", "code": "69259"}, everybody=302),
    *asked("atlas:here", {"kind": "commune", "code": "00000"}, nobody=404),
    *asked("atlas:collection", {"slug": "unknown"}, everybody=404),
    *asked("api:entries", everybody=200),
    *asked("api:facets", everybody=200),
    *asked("api:search", query="?q=atelier", everybody=200),
    *asked("api:entry", {"entry_id": "$read_entry"}, everybody=200),
    *asked("api:entry", {"entry_id": "$withdrawn"}, nobody=404, resident=404),
    *asked("api:history", {"entry_id": "$read_entry"}, everybody=200),
    *sent("api:suggest", nobody=400),
]


def samples() -> dict[str, object]:
    """A published entry, one withdrawn, and a commune."""
    entry = make_entry("Atelier", places=(at(4.88, 45.69),))
    hidden = make_entry("Retirée")
    Entry.objects.filter(pk=hidden.pk).update(is_published=False)
    Territory.objects.create(kind="commune", code="69259", name="Vénissieux", sort_key=b"v")
    return {
        "read_entry": entry.pk, "read_slug": entry.slug, "withdrawn": hidden.pk, "withdrawn_slug": hidden.slug,
    }  # fmt: skip
