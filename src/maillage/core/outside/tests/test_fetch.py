"""The one door to other machines, tried on a server of this machine and on addresses that must stay closed."""

from __future__ import annotations

import gzip
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli  # type: ignore[import-untyped]
import pytest

from maillage.core.errors import Invalid
from maillage.core.outside import fetch as door
from maillage.core.outside.fetch import fetch, public_address

PACKED = {
    "gzip-ok": gzip.compress(b'{"a": 1}'),
    "gzip-bomb": gzip.compress(bytes(50_000_000)),
    "gzip-cut": gzip.compress(b'{"a": 1}' * 1000)[:-9],
    "br-bomb": brotli.compress(bytes(50_000_000), quality=1),
    "deflate-bomb": zlib.compress(bytes(50_000_000)),
}


class _Answers(BaseHTTPRequestHandler):
    """/ok, /big, /slow, /packed/<coding>-…, /hop/<n>, /to-metadata, /missing."""

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])  # type: ignore[attr-defined]
        if self.path.startswith("/hop/"):
            left = int(self.path.rpartition("/")[2])
            self._send(302, b"", Location=f"/hop/{left - 1}" if left > 1 else "/ok")
        elif self.path == "/to-metadata":
            self._send(302, b"", Location="http://169.254.169.254/latest/")
        elif self.path == "/to-name":
            self._send(302, b"", Location="http://inner.example/secret")
        elif self.path == "/to-mapped":
            self._send(302, b"", Location="http://[::ffff:10.0.0.1]/")
        elif self.path == "/to-file":
            self._send(301, b"", Location="file:///etc/passwd")
        elif self.path == "/big":
            self._send(200, b"x" * 300_000)
        elif self.path == "/slow":
            self._drip(b"x" * 100_000)
        elif self.path == "/drop-by-drop":
            self._drip(b"x")
        elif self.path == "/headers-drop-by-drop":
            self._drip(b"X-More: x\r\n", in_headers=True)
        elif self.path.startswith("/packed/"):
            name = self.path.rpartition("/")[2]
            self._send(200, PACKED[name], **{"Content-Encoding": name.partition("-")[0]})
        elif self.path == "/ok":
            self._send(200, b'{"a": 1}')
        else:
            self._send(404, b"")

    def _send(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, drop: bytes, *, in_headers: bool = False) -> None:
        self.send_response(200)
        if in_headers:
            self.flush_headers()
        else:
            self.end_headers()
        try:
            for _number in range(40):
                self.wfile.write(drop)
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass  # the reader left, as it should

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setenv("MAILLAGE_OUTSIDE_ALLOW_LOOPBACK", "1")
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    made.hosts = []  # type: ignore[attr-defined]
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def url(server: ThreadingHTTPServer, path: str, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{server.server_port}{path}"


def test_an_answer_with_its_type_and_final_address(server: ThreadingHTTPServer) -> None:
    found = fetch(url(server, "/hop/3"), max_bytes=1000, timeout=5)
    assert (found.content, found.content_type, found.final_url) == (b'{"a": 1}', "application/json", url(server, "/ok"))


def test_the_name_asked_for_is_sent_while_the_address_is_pinned(server: ThreadingHTTPServer) -> None:
    fetch(url(server, "/ok", "localhost"), max_bytes=1000, timeout=5)
    assert server.hosts == [f"localhost:{server.server_port}"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("path", "words"), [
    ("/hop/4", "trop de fois"),
    ("/to-metadata", "n’est pas publique"),
    ("/to-file", "Seules les adresses http"),
    ("/big", "envoie plus de"),
    ("/missing", "erreur 404"),
])  # fmt: skip
def test_refused_in_words(server: ThreadingHTTPServer, path: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        fetch(url(server, path), max_bytes=200_000, timeout=5)


def _names(monkeypatch: pytest.MonkeyPatch, **answers: list[str]) -> list[str]:
    """Names that resolve as told, one answer a call, the last for ever; returns the list of names asked for."""
    usual, asked = door.socket.getaddrinfo, []

    def resolve(host: str, port: object, *rest: object, **options: object) -> object:
        name = str(host).partition(".")[0]
        if not str(host).endswith(".example"):
            return usual(host, port, *rest, **options)  # type: ignore[arg-type]
        asked.append(str(host))
        left = answers[name]
        return [(2, 1, 6, "", (left.pop(0) if len(left) > 1 else left[0], port))]

    monkeypatch.setattr(door.socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_changes_its_mind_gains_nothing(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the address that was checked is the one that is called; the name is asked once."""
    asked = _names(monkeypatch, rebind=["127.0.0.1", "10.0.0.1"])
    assert fetch(url(server, "/ok", "rebind.example"), max_bytes=1000, timeout=5).content == b'{"a": 1}'
    assert asked == ["rebind.example"]
    with pytest.raises(Invalid, match="n’est pas publique"):
        fetch(url(server, "/ok", "rebind.example"), max_bytes=1000, timeout=5)


@pytest.mark.parametrize("path", ["/to-name", "/to-mapped", "/to-metadata"])
def test_a_redirection_is_checked_as_the_first_address_was(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    _names(monkeypatch, inner=["192.168.0.10"])
    with pytest.raises(Invalid, match="n’est pas publique"):
        fetch(url(server, path), max_bytes=1000, timeout=5)


@pytest.mark.parametrize("path", ["/slow", "/drop-by-drop", "/headers-drop-by-drop"])
def test_the_whole_download_has_one_limit_of_time(server: ThreadingHTTPServer, path: str) -> None:
    """Also for a server that always sends a little more just before it would be too slow."""
    start = time.monotonic()
    with pytest.raises(Invalid, match="trop lentement"):
        fetch(url(server, path), max_bytes=100_000_000, timeout=0.5)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(("name", "words"), [
    ("gzip-bomb", "envoie plus de"), ("br-bomb", "compressé"), ("deflate-bomb", "compressé"), ("gzip-cut", "abîmé"),
])  # fmt: skip
def test_a_small_answer_that_stands_for_much_takes_no_memory(
    server: ThreadingHTTPServer, name: str, words: str
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Invalid, match=words):
            fetch(url(server, f"/packed/{name}"), max_bytes=1_000_000, timeout=5)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_an_answer_that_is_compressed_all_the_same_is_read(server: ThreadingHTTPServer) -> None:
    assert fetch(url(server, "/packed/gzip-ok"), max_bytes=1000, timeout=5).content == b'{"a": 1}'


def test_a_closed_port_is_said(server: ThreadingHTTPServer) -> None:
    with pytest.raises(Invalid, match="n’a pas pu être lue"):
        fetch("http://127.0.0.1:1/", max_bytes=10, timeout=2)


def test_loopback_is_closed_unless_tests_open_it() -> None:
    with pytest.raises(Invalid, match="n’est pas publique"):
        fetch("http://127.0.0.1:9/", max_bytes=10, timeout=2)


@pytest.mark.parametrize("address", [
    "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1", "fe80::1", "fc00::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255", "::",
])  # fmt: skip
def test_addresses_that_are_not_public_are_closed(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door.socket, "getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", (address, 80))])
    with pytest.raises(Invalid, match="n’est pas publique"):
        public_address("somewhere.example", 80)


def test_a_name_with_one_private_address_among_public_ones_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(0, 0, 0, "", (address, 80)) for address in ("9.9.9.9", "10.0.0.1")]
    monkeypatch.setattr(door.socket, "getaddrinfo", lambda *_a, **_k: both)
    with pytest.raises(Invalid, match="n’est pas publique"):
        public_address("somewhere.example", 80)
    monkeypatch.setattr(door.socket, "getaddrinfo", lambda *_a, **_k: both[:1])
    assert public_address("somewhere.example", 80) == "9.9.9.9"


@pytest.mark.parametrize(
    "address",
    ["ftp://example.org/", "file:///etc/passwd", "http://me:secret@example.org/", "http:///x", "javascript:1"],
)
def test_only_plain_web_addresses(address: str) -> None:
    with pytest.raises(Invalid, match="Seules les adresses"):
        fetch(address, max_bytes=10, timeout=1)
