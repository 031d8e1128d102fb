"""Django application of core/people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the tables of core/people."""

    name = "maillage.core.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
