"""Settings of the peer of pages_cached.py: the same application, its public views in Django's cached view."""

from __future__ import annotations

from maillage.house.settings import *  # noqa: F403

KEPT_PAGES_MB = 0
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 1000}}}
ROOT_URLCONF = "cached_urls"
