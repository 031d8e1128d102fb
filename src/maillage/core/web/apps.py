"""Django application of core/web."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers the templates, static files and tags that every page stands on."""

    name = "maillage.core.web"
    label = "web"
