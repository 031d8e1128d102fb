"""Addresses for map software: OGC API – Features, and the tiles of every point. Included by urls.py."""

from django.urls import path

from maillage.rooms.atlas import ogc, views_tiles

urlpatterns = [
    path("ogc/", ogc.landing, name="ogc_landing"),
    path("ogc/conformance", ogc.conformance, name="ogc_conformance"),
    path("ogc/api", ogc.service_definition, name="ogc_definition"),
    path("ogc/collections", ogc.collections, name="ogc_collections"),
    path("ogc/collections/<slug:code>", ogc.collection, name="ogc_collection"),
    path("ogc/collections/<slug:code>/queryables", ogc.queryables, name="ogc_queryables"),
    path("ogc/collections/<slug:code>/items", ogc.items, name="ogc_items"),
    path("ogc/collections/<slug:code>/items/<int:entry_id>", ogc.item, name="ogc_item"),
    path("tuiles/points/<int:z>/<int:x>/<int:y>.mvt", views_tiles.points_tile, name="points_tile"),
]
