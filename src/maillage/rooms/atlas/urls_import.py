"""Addresses of imports and of sources, under /atlas/."""

from django.urls import path

from maillage.rooms.atlas import views_import as views

urlpatterns = [
    path("importer/", views.give_file, name="import"),
    path("importer/<uuid:uid>/", views.preview, name="import_preview"),
    path("importer/passage/<int:run_id>/", views.run_report, name="import_run"),
    path("importer/passage/<int:run_id>/rejets.csv", views.rejects_file, name="import_rejects"),
    path("importer/passage/<int:run_id>/nettoyage.csv", views.remarks_file, name="import_remarks"),
    path("sources/", views.sources, name="sources"),
    path("sources/<slug:code>/", views.source, name="source"),
    path("sources/<slug:code>/relire/", views.read_again, name="source_read"),
]
