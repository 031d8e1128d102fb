"""Addresses of the reliefs, the conclusions, what was searched and the rules. Included by urls.py."""

from django.urls import path

from maillage.rooms.observatory import views_reliefs, views_reliefs_edit, views_reliefs_read

urlpatterns = [
    path("reliefs/", views_reliefs.reliefs, name="reliefs"),
    path("reliefs/telecharger/<slug:file_format>/", views_reliefs.relief_file, name="relief_file"),
    path("reliefs/fiches/", views_reliefs.relief_entries, name="relief_entries"),
    path(
        "reliefs/fiches/telecharger/<slug:file_format>/",
        views_reliefs.relief_entries_file,
        name="relief_entries_file",
    ),
    path("reliefs/besoins/", views_reliefs_read.relief_needs, name="relief_needs"),
    path(
        "reliefs/besoins/telecharger/<slug:file_format>/",
        views_reliefs_read.relief_needs_file,
        name="relief_needs_file",
    ),
    path("reliefs/national-local/", views_reliefs_read.relief_compare, name="relief_compare"),
    path(
        "reliefs/national-local/telecharger/<slug:file_format>/",
        views_reliefs_read.relief_compare_file,
        name="relief_compare_file",
    ),
    path("conclusions/", views_reliefs_read.conclusions_page, name="conclusions"),
    path("conclusions/telecharger/<slug:file_format>/", views_reliefs_read.conclusions_file, name="conclusions_file"),
    path("reliefs/recherches/", views_reliefs_edit.searches, name="relief_searches"),
    path(
        "reliefs/recherches/telecharger/<slug:file_format>/",
        views_reliefs_edit.searches_file,
        name="relief_searches_file",
    ),
    path("reliefs/recherches/inscrire/", views_reliefs_edit.add_search, name="relief_search_add"),
    path("reliefs/recherches/<int:coverage_id>/changer/", views_reliefs_edit.edit_search, name="relief_search_edit"),
    path(
        "reliefs/recherches/<int:coverage_id>/compter/",
        views_reliefs_edit.search_in_force,
        name="relief_search_in_force",
    ),
    path("reliefs/classements/", views_reliefs_edit.rules, name="relief_rules"),
    path(
        "reliefs/classements/telecharger/<slug:file_format>/", views_reliefs_edit.rules_file, name="relief_rules_file"
    ),
]
