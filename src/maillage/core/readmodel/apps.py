"""Django application of core/readmodel."""

from django.apps import AppConfig


class ReadModelConfig(AppConfig):
    """Makes the log of changes."""

    name = "maillage.core.readmodel"
    label = "readmodel"
    default_auto_field = "django.db.models.BigAutoField"
