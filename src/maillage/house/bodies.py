"""What a visitor sends is taken whole before Django sees it, by two threads of a process at most.

A process has few threads (house/serving.py). Eight connections that announced a form and never sent it would hold them all,
for as long as they please, where no proxy waits for the whole of it first. Now they hold up other forms at worst, not pages.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import MutableMapping
from typing import IO, Any

from django.conf import settings

AT_ONCE = 2
PATIENCE_S = 0.25  # a form that is all there takes less than a thousandth
IN_MEMORY = 1_000_000
BLOCK = 1 << 16
BUSY = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Trop d’envois à la fois</title><h1>Trop d’envois arrivent en ce moment</h1>"
    "<p>Le vôtre n’est pas enregistré. Attendez quelques secondes, puis rechargez cette page : votre navigateur propose de "
    "l’envoyer de nouveau, avec tout ce que vous avez écrit.</p></html>"
).encode()


class Bodies:
    """The places from which a process takes what is sent."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def taken(self, environ: MutableMapping[str, Any]) -> bool:
        """Puts the whole body in the place of the stream; False when every place is held by somebody slower."""
        length = _length(environ)
        if not length:
            return True
        if not self._places.acquire(timeout=PATIENCE_S):
            return False
        try:
            environ["wsgi.input"] = _whole(environ["wsgi.input"], length)
        finally:
            self._places.release()
        return True


def _length(environ: MutableMapping[str, Any]) -> int:
    """How much is to be read; nothing of what Django refuses by its size alone."""
    text = str(environ.get("CONTENT_LENGTH") or "")
    length = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
    is_file = str(environ.get("CONTENT_TYPE", "")).lower().startswith("multipart/")
    return length if is_file or length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE else 0


def _whole(stream: IO[bytes], length: int) -> IO[bytes]:
    """As much as was announced, or what came of it."""
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the request
    left = length
    while left > 0 and (block := stream.read(min(left, BLOCK))):
        kept.write(block)
        left -= len(block)
    kept.seek(0)
    return kept
