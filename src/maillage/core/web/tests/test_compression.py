"""Pages go out compressed, as the browser asks, and come back the same."""

from __future__ import annotations

import gzip

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from maillage.core.web.compression import SMALLEST, Compression

TEXT = "Été à l’œuvre. " * 200


def answered(accepts: str, response: HttpResponse | StreamingHttpResponse | None = None) -> HttpResponse:
    """What the middleware makes of a response."""
    given = response or HttpResponse(TEXT)
    return Compression(lambda _request: given)(RequestFactory().get("/", headers={"accept-encoding": accepts}))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("BR ; q=0.5", "br"),
        ("identity", None),
        ("", None),
    ],
)
def test_the_browser_gets_what_it_takes(accepts: str, coding: str | None) -> None:
    response = answered(accepts)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert response.headers.get("Content-Encoding") == coding
    assert unpack(response.content).decode() == TEXT
    assert "Accept-Encoding" in response["Vary"]
    assert coding is None or int(response["Content-Length"]) == len(response.content) < len(TEXT) / 4


def test_small_streamed_packed_and_binary_answers_are_left_alone() -> None:
    packed = HttpResponse(b"x" * 5000, headers={"Content-Encoding": "gzip"})
    picture = HttpResponse(b"x" * 5000, content_type="image/png")
    for response in (HttpResponse("x" * (SMALLEST - 1)), packed, picture):
        before = response.content
        assert answered("br, gzip", response).content == before
    assert not answered("br, gzip", StreamingHttpResponse([TEXT])).has_header("Content-Encoding")


def test_a_strong_etag_becomes_weak() -> None:
    assert answered("br", HttpResponse(TEXT, headers={"ETag": '"a1"'}))["ETag"] == 'W/"a1"'
    assert answered("", HttpResponse(TEXT, headers={"ETag": '"a1"'}))["ETag"] == '"a1"'
