"""What is sent is taken whole; neither those who send it drop by drop nor costly documents hold up the pages."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest

from maillage.house import bodies, costly
from maillage.house.bodies import AT_ONCE, Bodies
from maillage.house.front import Front


class Endless(io.RawIOBase):
    """A body that does not come until it is told to."""

    def __init__(self) -> None:
        self.asked, self.may_end = threading.Event(), threading.Event()

    def read(self, _size: int = -1) -> bytes:  # type: ignore[override]
        self.asked.set()
        assert self.may_end.wait(20)
        return b""


def posted(body: Any, length: str, kind: str = "application/x-www-form-urlencoded") -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "wsgi.input": body,
        "CONTENT_LENGTH": length,
        "CONTENT_TYPE": kind,
    }


@pytest.mark.parametrize("sent", [b"a=1", b"x" * 2_000_000])
def test_a_body_is_read_to_the_length_announced_and_not_beyond(sent: bytes) -> None:
    environ = posted(io.BytesIO(sent + b"next request"), str(len(sent)))
    assert Bodies().taken(environ) and environ["wsgi.input"].read() == sent


def test_a_body_cut_short_is_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = posted(io.BytesIO(b"a=1"), "100")
    assert Bodies().taken(environ) and environ["wsgi.input"].read() == b"a=1"


@pytest.mark.parametrize("length", ["", "0", "-1", "²", "9" * 30, "5000000"])
def test_what_says_nothing_of_its_length_or_is_too_long_is_left_to_django(length: str) -> None:
    stream = io.BytesIO(b"a=1")
    environ = posted(stream, length)
    assert Bodies().taken(environ) and environ["wsgi.input"] is stream
    assert Bodies().taken(environ := posted(io.BytesIO(b"a=1"), "3", "multipart/form-data; boundary=x"))
    assert environ["wsgi.input"].read() == b"a=1"


def test_slow_bodies_hold_two_threads_and_others_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.01)
    asked: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.append(environ["REQUEST_METHOD"])
        start_response("200 OK", [])
        return [b"done"]

    front = Front(application)
    slow = [Endless() for _place in range(AT_ONCE)]
    threads = [
        threading.Thread(target=front, args=(posted(one, "10"), lambda *_told: None), daemon=True) for one in slow
    ]
    for thread, one in zip(threads, slow, strict=True):
        thread.start()
        assert one.asked.wait(20)
    told: list[Any] = []
    answer = front(posted(io.BytesIO(b"a=1"), "3"), lambda status, headers: told.append((status, dict(headers))))
    assert told[0][0].startswith("503") and told[0][1]["Retry-After"] == "5" and not asked
    assert "n’est pas enregistré" in b"".join(answer).decode()
    for one in slow:
        one.may_end.set()
    for thread in threads:
        thread.join(20)
    assert asked == ["POST", "POST"], "they were served once they came"
    assert list(front(posted(io.BytesIO(b"a=1"), "3"), lambda *_told: None)) == [b"done"]


@pytest.mark.parametrize("path", ["/a.pdf", "/en/b/c.PDF", "/atlas/telecharger/xlsx/", "/x/fichier/pdf/", "/tous.gpkg"])
def test_costly_documents_are_known_by_the_end_of_their_address(path: str) -> None:
    assert costly.is_costly(path) and not costly.is_costly("/atlas/") and not costly.is_costly("/pdf/atlas/")


def test_documents_that_take_long_leave_a_thread_to_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen reports at once made a page wait for five seconds."""
    monkeypatch.setattr(costly, "PATIENCE_S", 20.0)
    at_work, may_end = threading.Semaphore(0), threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"].endswith(".pdf"):
            at_work.release()
            assert may_end.wait(20)
        start_response("200 OK", [])
        return [b"done"]

    front, told = Front(application), list[str]()
    front.pages.most_bytes = 0

    def asked(path: str) -> None:
        front({"REQUEST_METHOD": "GET", "PATH_INFO": path}, lambda status, _headers: told.append(status[:3]))

    threads = [threading.Thread(target=asked, args=("/a.pdf",), daemon=True) for _turn in range(3)]
    for thread in threads:
        thread.start()
    assert at_work.acquire(timeout=20) and at_work.acquire(timeout=20)
    while front.workshop._inside.acquire(blocking=False):  # until the third waits inside
        front.workshop._inside.release()
    asked("/a.pdf"), asked("/page/")
    assert told == ["503", "200"]
    may_end.set()
    for thread in threads:
        thread.join(20)
    assert told == ["503", "200", "200", "200", "200"]
    asked("/a.pdf")
    assert told[-1] == "200"
