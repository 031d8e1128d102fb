"""Django application of the observatory."""

from django.apps import AppConfig


class ObservatoryConfig(AppConfig):
    """Registers the tables of the observatory."""

    name = "maillage.rooms.observatory"
    label = "observatory"
    default_auto_field = "django.db.models.BigAutoField"
