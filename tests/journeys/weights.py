"""What a page weighs on the wire: the bytes that the browser received, compressed, with their headers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page

MAP_PARTS = ("map.", "map-worker", "map-icons", ".mvt")


@dataclass(frozen=True)
class Piece:
    """One answer."""

    path: str
    size: int

    @property
    def is_of_the_map(self) -> bool:
        name = self.path.rsplit("/", 1)[-1]
        return name.startswith(MAP_PARTS[:3]) or name.endswith(MAP_PARTS[3])


class Scale:
    """Weighs what a page and its workers receive, from the moment it is made."""

    def __init__(self, page: Page) -> None:
        self._paths: dict[str, str] = {}
        self.pieces: list[Piece] = []
        self._session = page.context.new_cdp_session(page)
        self._session.on("Network.responseReceived", self._begun)
        self._session.on("Network.loadingFinished", self._ended)
        self._session.send("Network.enable")
        self._session.send("Network.setCacheDisabled", {"cacheDisabled": False})

    def _begun(self, event: dict[str, object]) -> None:
        response = event["response"]
        assert isinstance(response, dict)
        self._paths[str(event["requestId"])] = urlsplit(str(response["url"])).path

    def _ended(self, event: dict[str, object]) -> None:
        path = self._paths.get(str(event["requestId"]))
        if path is not None:
            self.pieces.append(Piece(path, int(str(event["encodedDataLength"]).split(".")[0])))

    def total(self, *, with_map: bool) -> int:
        """Bytes received so far."""
        return sum(piece.size for piece in self.pieces if with_map or not piece.is_of_the_map)

    def told(self) -> str:
        """Every answer with its weight, heaviest first."""
        return "\n".join(f"{piece.size:>8} {piece.path}" for piece in sorted(self.pieces, key=lambda one: -one.size))
