"""Addresses of the observatory, under /observatoire/; each part brings its own file."""

from django.urls import include, path

from maillage.rooms.observatory import views

app_name = "observatory"
urlpatterns = [
    path("", views.home, name="home"),
    path("", include("maillage.rooms.observatory.urls_indicators")),
    path("", include("maillage.rooms.observatory.urls_reliefs")),
    path("", include("maillage.rooms.observatory.urls_maps")),
    path("participation/", include("maillage.rooms.observatory.urls_participation")),
    path("", include("maillage.rooms.observatory.urls_report")),
]
