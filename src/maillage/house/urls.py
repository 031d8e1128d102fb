"""Addresses: each manifest's pages under its prefix, in French without prefix and in the other languages with theirs."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from maillage.core.rooms import rooms
from maillage.house.health import alive, ready
from maillage.house.metrics import metrics

_pages: list[URLPattern | URLResolver] = [
    path(manifest.url_prefix, include(manifest.urls)) for manifest in rooms() if manifest.urls
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("sante/", alive, name="alive"),
    path("pret/", ready, name="ready"),
    path("mesures/", metrics, name="metrics"),
    path("", include("maillage.house.api")),
    *i18n_patterns(*_pages, prefix_default_language=False),
]

handler400 = "maillage.core.web.views.bad_request"
handler403 = "maillage.core.web.views.refused"
handler404 = "maillage.core.web.views.missing"
handler500 = "maillage.core.web.views.server_error"

assert settings.configured
