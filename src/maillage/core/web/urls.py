"""Addresses of the pages of core."""

from django.urls import path

from maillage.core.web import views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("affichage/", views.display, name="display"),
    path("accessibilite/", views.accessibility_declaration, name="accessibility"),
    path("accessibilite/schema/", views.accessibility_plan, name="accessibility_plan"),
    path("mentions-legales/", views.legal, name="legal"),
    path("plan-du-site/", views.site_map, name="site_map"),
    path("donnees-personnelles/", views.privacy, name="privacy"),
    path("donnees-personnelles/registre/", views.privacy_register, name="privacy_register"),
    path("mots/", views.words, name="words"),
    path("mots/carte.json", views.map_sentences, name="map_words"),
    path("langage-clair/", views.plain_language, name="plain_language"),
    path("robots.txt", views.robots, name="robots"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
