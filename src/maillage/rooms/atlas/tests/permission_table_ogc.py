"""Everybody reads the service for map software, and the tiles."""

from __future__ import annotations

from maillage.rooms.atlas.tests.makers import make_entry
from tests.helpers.permissions import asked

ROWS = [
    *asked("atlas:ogc_landing", everybody=200),
    *asked("atlas:ogc_conformance", everybody=200),
    *asked("atlas:ogc_definition", everybody=200),
    *asked("atlas:ogc_collections", everybody=200),
    *asked("atlas:ogc_collection", {"code": "fiches"}, everybody=200),
    *asked("atlas:ogc_collection", {"code": "autres"}, everybody=404),
    *asked("atlas:ogc_queryables", {"code": "fiches"}, everybody=200),
    *asked("atlas:ogc_items", {"code": "fiches"}, everybody=200),
    *asked("atlas:ogc_items", {"code": "fiches"}, query="?inconnu=1", everybody=400),
    *asked("atlas:ogc_item", {"code": "fiches", "entry_id": "$ogc_entry"}, everybody=200),
    *asked("atlas:points_tile", {"z": 0, "x": 0, "y": 0}, everybody=200),
]


def samples() -> dict[str, object]:
    """What the addresses need."""
    return {"ogc_entry": make_entry("Pour les cartes").pk}
