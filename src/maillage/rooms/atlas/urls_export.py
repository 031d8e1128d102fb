"""Addresses of what leaves the atlas: files, pictures, leaflets, frames for other sites. Included by urls.py."""

from django.urls import path

from maillage.rooms.atlas import views_embed, views_export, views_leaflet

urlpatterns = [
    path("telecharger/", views_export.download, name="download"),
    path("telecharger/<slug:file_format>/", views_export.download_file, name="download_file"),
    path("catalogue.jsonld", views_export.catalogue, name="catalogue"),
    path("carte.svg", views_export.picture, name="picture"),
    path("carte/<int:entry_id>.svg", views_export.sheet_picture, name="sheet_picture"),
    path("interface/", views_export.api_help, name="api_help"),
    path("depliant/", views_leaflet.leaflets, name="leaflets"),
    path("depliant/<slug:kind>/<slug:code>.pdf", views_leaflet.leaflet, name="leaflet"),
    path("ici/<slug:kind>/<slug:code>/", views_leaflet.here, name="here"),
    path("integrer/", views_embed.embed_help, name="embed_help"),
    path("cadre/", views_embed.frame, name="embed_frame"),
    path("collections/", views_embed.collections, name="collections"),
    path("collections/<slug:slug>/", views_embed.collection, name="collection"),
]
