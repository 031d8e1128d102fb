"""Django application of core/administration."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    """Has no tables: it shows and changes those of others."""

    name = "maillage.core.administration"
    label = "administration"
