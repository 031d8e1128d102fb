"""Django application of core/search."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Registers the index tables."""

    name = "maillage.core.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"
