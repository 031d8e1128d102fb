"""Addresses of the indicators, the profiles, the comparison and the initiatives that spread."""

from django.urls import path

from maillage.rooms.observatory import views_cells, views_compare, views_indicators, views_loads, views_profiles

urlpatterns = [
    path("profils/", views_profiles.profiles, name="profiles"),
    path("profils/<slug:kind>/<str:code>/", views_profiles.profile_page, name="profile"),
    path("profils/<slug:kind>/<str:code>/carte.svg", views_profiles.profile_picture, name="profile_picture"),
    path("comparer/", views_compare.compare, name="compare"),
    path("essaimage/", views_compare.spreading, name="spread"),
    path("essaimage.<slug:file_format>", views_compare.spreading_file, name="spread_file"),
    path("indicateurs/", views_indicators.indicators, name="indicators"),
    path("indicateurs/tous.<slug:file_format>", views_indicators.indicators_export_all, name="indicators_export"),
    path("indicateurs/mailles/", views_cells.cells, name="cells"),
    path("indicateurs/mailles/<slug:code>/repartir/", views_cells.bring, name="bring_cells"),
    path("indicateurs/charger/", views_loads.load_file, name="load_file"),
    path("indicateurs/charger/<uuid:uid>/", views_loads.load_preview, name="load_preview"),
    path("indicateurs/chargements/<int:load_id>/", views_loads.load_report, name="load"),
    path("indicateurs/chargements/<int:load_id>/refus.csv", views_loads.load_rejects, name="load_rejects"),
    path("indicateurs/fiche/<slug:code>/", views_indicators.indicator, name="indicator"),
    path(
        "indicateurs/fiche/<slug:code>/valeurs.<slug:file_format>",
        views_indicators.indicator_export,
        name="indicator_export",
    ),
]
