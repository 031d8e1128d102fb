"""What a page weighs on the wire: the bytes that the browser received, compressed, with their headers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request

MAP_PARTS = ("map.", "map-worker", "map-icons", "carte.json", "carte.svg")


@dataclass(frozen=True)
class Piece:
    """One answer."""

    path: str
    size: int

    @property
    def is_of_the_map(self) -> bool:
        """Whether only the map needs it: its script, words, tiles, and the picture that stands in its place."""
        name = self.path.rsplit("/", 1)[-1]
        return name.startswith(MAP_PARTS) or name.endswith(".mvt")


class Scale:
    """Weighs what a page and its workers receive, from the moment it is made."""

    def __init__(self, page: Page) -> None:
        self._requests: list[Request] = []
        page.context.on("requestfinished", self._keep)

    def _keep(self, request: Request) -> None:
        self._requests.append(request)

    @property
    def pieces(self) -> list[Piece]:
        """Every answer so far, once: asked again, it came out of the browser's own memory."""
        first = {urlsplit(one.url).path: one for one in reversed(self._requests) if one.url.startswith("http")}
        return [Piece(path, _weight(one)) for path, one in first.items()]

    def total(self, *, with_map: bool) -> int:
        """Bytes received so far."""
        return sum(piece.size for piece in self.pieces if with_map or not piece.is_of_the_map)

    def told(self) -> str:
        """Every answer with its weight, heaviest first."""
        return "\n".join(f"{piece.size:>8} {piece.path}" for piece in sorted(self.pieces, key=lambda one: -one.size))


def _weight(request: Request) -> int:
    """Head and body; the body of a worker's script is told by its head alone."""
    sizes, response = request.sizes(), request.response()
    stated = int(response.headers.get("content-length", "0")) if response else 0
    return max(0, sizes["responseHeadersSize"]) + (max(0, sizes["responseBodySize"]) or stated)
