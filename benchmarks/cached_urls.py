"""Addresses of the peer of pages_cached.py: list, map and sheet through `cache_page`, then all the others."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import path
from django.views.decorators.cache import cache_page

from maillage.house.urls import handler400, handler403, handler404, handler500
from maillage.house.urls import urlpatterns as others
from maillage.rooms.atlas import views

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

cached = cache_page(3600)
urlpatterns = [
    *i18n_patterns(
        path("atlas/", cached(views.entry_list)),
        path("atlas/carte/", cached(views.entry_map)),
        path("atlas/fiche/<int:entry_id>-<slug:slug>/", cached(views.entry_sheet)),
        prefix_default_language=False,
    ),
    *others,
]
