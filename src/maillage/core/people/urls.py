"""Addresses of signing in."""

from django.urls import path

from maillage.core.people import views

app_name = "people"
urlpatterns = [
    path("connexion/", views.sign_in, name="sign_in"),
    path("connexion/code/<str:secret>/", views.sign_in_code, name="sign_in_code"),
    path("connexion/lien/<str:link>/", views.sign_in_link, name="sign_in_link"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("deconnexion/faite/", views.signed_out, name="signed_out"),
]
