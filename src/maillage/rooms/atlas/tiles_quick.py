"""Tiles answered before Django's middlewares: they read no cookie and show what anybody may see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict

from maillage.core.web.whole import Quick
from maillage.rooms.atlas import tiles
from maillage.rooms.atlas.filters import Filters, filters_from

_ADDRESS = re.compile(r"(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt")
LONGEST_QUERY = 2_000


def clusters(rest: str, query: str, headers: Mapping[str, str]) -> Quick | None:
    """A tile of clusters."""
    return _tile("clusters", rest, query, headers)


def points(rest: str, query: str, headers: Mapping[str, str]) -> Quick | None:
    """A tile of every point."""
    return _tile("points", rest, query, headers)


def _tile(kind: tiles.Kind, rest: str, query: str, headers: Mapping[str, str]) -> Quick | None:
    """None for an address that names no tile: the view says so."""
    found = _ADDRESS.fullmatch(rest)
    if found is None or "%00" in query or len(query) > LONGEST_QUERY:
        return None
    z, x, y = int(found[1]), int(found[2]), int(found[3])
    if z > tiles.DEEPEST or x >= 1 << z or y >= 1 << z:
        return None
    try:
        filters = _question(query)
    except SuspiciousOperation:
        return None
    made = tiles.finished_tile(filters, kind, z, x, y)
    body, encoding, etag = made.encoded(headers.get("HTTP_ACCEPT_ENCODING", ""))
    if etag in headers.get("HTTP_IF_NONE_MATCH", ""):
        return Quick(304, (("ETag", etag),), b"")
    told = [("ETag", etag), ("Content-Length", str(len(body)))]
    if encoding:
        told.append(("Content-Encoding", encoding))
    return Quick(200, tuple(told), body)


@lru_cache(maxsize=2048)
def _question(query: str) -> Filters:
    """What an address asks, read once."""
    return filters_from(QueryDict(query))
