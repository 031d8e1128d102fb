"""Addresses of the atlas, under /atlas/."""

from django.urls import include, path

from maillage.rooms.atlas import views

app_name = "atlas"
urlpatterns = [
    path("", views.entry_list, name="list"),
    path("carte/", views.entry_map, name="map"),
    path("fiche/<int:entry_id>/", views.entry_sheet, name="sheet_short"),
    path("fiche/<int:entry_id>-<slug:slug>/", views.entry_sheet, name="sheet"),
    path("tuiles/<int:z>/<int:x>/<int:y>.mvt", views.entry_tile, name="tile"),
    path("", include("maillage.rooms.atlas.urls_suggest")),
    path("", include("maillage.rooms.atlas.urls_export")),
    path("", include("maillage.rooms.atlas.urls_import")),
    path("", include("maillage.rooms.atlas.urls_ogc")),
    path("", include("maillage.rooms.atlas.urls_duplicates")),
    path("", include("maillage.rooms.atlas.urls_freshness")),
]
