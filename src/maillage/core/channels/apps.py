"""Django application of core/channels."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Registers the tables of core/channels."""

    name = "maillage.core.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"
