"""Addresses of signing in."""

from django.urls import path

from maillage.core.people import views, views_account, views_second_step

app_name = "people"
urlpatterns = [
    path("connexion/", views.sign_in, name="sign_in"),
    path("connexion/code/<str:secret>/", views.sign_in_code, name="sign_in_code"),
    path("connexion/lien/<str:link>/", views.sign_in_link, name="sign_in_link"),
    path("connexion/deuxieme-etape/", views_second_step.second_step, name="second_step"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("deconnexion/faite/", views.signed_out, name="signed_out"),
    path("compte/", views_account.account, name="account"),
    path("compte/mes-donnees/", views_account.own_data, name="own_data"),
    path("compte/appareils/<int:device_id>/deconnecter/", views_account.device_close, name="device_close"),
    path("compte/appareils/deconnecter/", views_account.devices_close, name="devices_close"),
    path("compte/deuxieme-etape/", views_account.second_factor, name="second_factor"),
    path("compte/deuxieme-etape/retirer/", views_account.second_factor_remove, name="second_factor_remove"),
    path("compte/codes-de-secours/", views_account.recovery_codes, name="recovery_codes"),
]
