"""Addresses of participation, under /observatoire/participation/."""

from django.urls import path

from maillage.rooms.observatory import views_participation as views

urlpatterns = [
    path("", views.participation, name="participation"),
    path("lignes/", views.rows, name="participation_rows"),
    path("lignes.csv", views.rows_csv, name="participation_rows_csv"),
    path("rencontrer/", views.places, name="participation_places"),
    path("rencontrer.csv", views.places_csv, name="participation_places_csv"),
    path("dire/", views.declare, name="participation_declare"),
    path("merci/", views.thanks, name="participation_thanks"),
    path("feuille/", views.sheet, name="participation_sheet"),
    path("saisir/", views.type_sheet, name="participation_sheet_typing"),
    path("mises-de-cote/", views.count_held, name="participation_held"),
]
