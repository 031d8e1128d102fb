"""Django application of core/places."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Registers the tables of core/places."""

    name = "maillage.core.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"
