"""Addresses of duplicates."""

from django.urls import path

from maillage.rooms.atlas import views_duplicates as views

urlpatterns = [
    path("doublons/", views.pairs, name="duplicates"),
    path("doublons/chercher/", views.search, name="duplicates_search"),
    path("doublons/ensemble/", views.decide_many, name="duplicates_many"),
    path("doublons/tout/", views.merge_all, name="duplicates_all"),
    path("doublons/fusions/", views.merges, name="merges"),
    path("doublons/fusions/<int:merge_id>/annuler/", views.undo, name="merge_undo"),
    path("doublons/<int:pair_id>/", views.pair, name="duplicate_pair"),
    path("fiche/<int:entry_id>/sources/", views.origins, name="origins"),
]
