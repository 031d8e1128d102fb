"""Django application of core/intake."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Registers the tables of core/intake."""

    name = "maillage.core.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
