"""Addresses of the territories' pages."""

from django.urls import path

from maillage.core.places import views

app_name = "places"
urlpatterns = [
    path("tuiles/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
]
