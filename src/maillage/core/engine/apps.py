"""Django application of core/engine: what the database needs before any table."""

from django.apps import AppConfig
from django.core.checks import register

from maillage.core.rooms import check_manifests


class EngineConfig(AppConfig):
    """Extensions, text search configuration, and the check of the manifests."""

    name = "maillage.core.engine"
    label = "engine"

    def ready(self) -> None:
        """Registers the check that stops the start when a manifest lies."""
        register(check_manifests)
