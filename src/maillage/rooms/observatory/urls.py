"""Addresses of the observatory, under /observatoire/; each part brings its own file."""

from django.urls import path

from maillage.rooms.observatory import urls_indicators, views

app_name = "observatory"
urlpatterns = [
    path("", views.home, name="home"),
    *urls_indicators.urlpatterns,
]
