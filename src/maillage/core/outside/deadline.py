"""A connection that knows when the whole download must be over.

httpx gives each read its time anew: a server that sends one byte now and then would hold a worker for hours.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx


def left_of(until: float) -> float:
    """Seconds left before `until`, on the monotonic clock; raises httpx.ReadTimeout when there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpx.ReadTimeout("deadline")
    return left


class HastyTransport(httpx.HTTPTransport):
    """httpx's own, whose connections end at `until` whatever the server does.

    Replaces a private part of the pinned version; tests/test_fetch.py holds what it is for.
    """

    def __init__(self, until: float) -> None:
        super().__init__(trust_env=False)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=_Network(until)
        )


class _Network(httpcore.NetworkBackend):
    def __init__(self, until: float) -> None:
        self._until, self._usual = until, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """As usual, in the time that is left."""
        stream = self._usual.connect_tcp(host, port, left_of(self._until), local_address, socket_options)
        return _Stream(stream, self._until)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As usual, in the time that is left."""
        return self._stream.read(max_bytes, left_of(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As usual, in the time that is left."""
        self._stream.write(buffer, left_of(self._until))

    def close(self) -> None:
        """As usual."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As usual, in the time that is left."""
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left_of(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        """As usual."""
        return self._stream.get_extra_info(info)
