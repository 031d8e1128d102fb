"""Addresses of the composed maps, under /observatoire/cartes/."""

from django.urls import path

from maillage.rooms.observatory import views_maps, views_maps_desk, views_maps_saved

urlpatterns = [
    path("cartes/", views_maps.compose, name="maps"),
    path("cartes/fichier/<slug:format>/", views_maps.map_file, name="map_file"),
    path("cartes/garder/", views_maps_saved.save, name="map_save"),
    path("cartes/atelier/", views_maps_saved.workshop, name="map_workshop"),
    path("cartes/relecture/", views_maps_desk.desk, name="map_desk"),
    path("cartes/relecture/<slug:code>/", views_maps_desk.decide, name="map_decide"),
    path("cartes/la-mienne/<slug:secret>/", views_maps_saved.own, name="map_own"),
    path("cartes/la-mienne/<slug:secret>/modifier/", views_maps_saved.edit, name="map_edit"),
    path("cartes/la-mienne/<slug:secret>/retirer/", views_maps_saved.withdraw, name="map_withdraw"),
    path("cartes/<slug:code>/", views_maps_saved.one_map, name="map"),
    path("cartes/<slug:code>/fichier/<slug:format>/", views_maps_saved.saved_file, name="map_saved_file"),
    path("cartes/<slug:code>/cadre/", views_maps_saved.frame, name="map_frame"),
    path("cartes/<slug:code>/signaler/", views_maps_saved.flag, name="map_flag"),
]
