"""Django application of core/journal."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Registers the tables of core/journal."""

    name = "maillage.core.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
