"""Addresses of the territories' pages."""

from django.urls import path

from maillage.core.places import views

app_name = "places"
urlpatterns = [
    path("", views.territory_list, name="list"),
    path("export.csv", views.export, name="export"),
    path("tuiles/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
    path("<slug:kind>/<slug:code>/", views.territory_sheet, name="sheet"),
]
