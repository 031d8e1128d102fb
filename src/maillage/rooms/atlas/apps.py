"""Django application of the atlas."""

from django.apps import AppConfig


class AtlasConfig(AppConfig):
    """Registers the tables of the atlas."""

    name = "maillage.rooms.atlas"
    label = "atlas"
    default_auto_field = "django.db.models.BigAutoField"
