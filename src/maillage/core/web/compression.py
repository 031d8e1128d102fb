"""Pages sent compressed: Brotli where the browser takes it, else gzip. Static files come compressed from WhiteNoise.

Django masks the CSRF token anew in each answer, so a page's size tells nothing of it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import brotli  # type: ignore[import-untyped]
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

SMALLEST: Final = 860  # below one packet nothing is won
_TYPES: Final = ("text/", "application/json", "application/problem+json", "application/geo+json", "image/svg+xml")
# Fast levels: a page of 60 kB takes about a millisecond, for one or two per cent more bytes than the best level.
_BROTLI_QUALITY: Final = 5
_GZIP_LEVEL: Final = 6


def _is_worth_it(response: HttpResponse) -> bool:
    if response.streaming or response.has_header("Content-Encoding") or len(response.content) < SMALLEST:
        return False
    return response.headers.get("Content-Type", "").startswith(_TYPES)


@lru_cache(maxsize=256)
def accepted(header: str) -> str:
    """The best coding that a browser lists and does not refuse by ";q=0"; "" for none."""
    offered = {}
    for part in header.split(","):
        name, _, options = part.partition(";")
        offered[name.strip().lower()] = options.strip().replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return "br" if offered.get("br") else "gzip" if offered.get("gzip") else ""


class Compression:
    """Compresses whole answers of text; streamed exports and tiles see to themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The same answer, smaller where that helps."""
        response = self.get_response(request)
        if not _is_worth_it(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        coding = accepted(request.headers.get("Accept-Encoding", ""))
        if not coding:
            return response
        plain = response.content
        is_brotli = coding == "br"
        packed = (
            brotli.compress(plain, quality=_BROTLI_QUALITY) if is_brotli else gzip.compress(plain, _GZIP_LEVEL, mtime=0)
        )
        response.content = packed
        response.headers["Content-Encoding"] = coding
        response.headers["Content-Length"] = str(len(response.content))
        if (etag := response.headers.get("ETag", "")).startswith('"'):
            response.headers["ETag"] = f"W/{etag}"  # the same page, not the same bytes
        return response
