"""Addresses of freshness."""

from django.urls import path

from maillage.rooms.atlas import views_freshness as views

urlpatterns = [
    path("fraicheur/", views.overview, name="freshness"),
    path("fraicheur/demander/", views.new_round, name="freshness_new"),
    path("fraicheur/<int:round_id>/", views.one_round, name="freshness_round"),
    path("fraicheur/<int:round_id>/liste/", views.call_list, name="freshness_list"),
    path("fraicheur/<int:round_id>/liste.pdf", views.call_list_pdf, name="freshness_pdf"),
    path("fraicheur/<int:round_id>/saisie/", views.typing, name="freshness_typing"),
    path("toujours-vrai/<str:token>/", views.answer, name="freshness_answer"),
]
