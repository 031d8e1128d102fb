"""Public pages kept whole, beside the same pages through Django's cached view: requests per second of one server.

    python benchmarks/pages_cached.py [--rows N] [--seconds 4] [--port 8171]

One JSON line per page and side. Both are the same application under the same granian (2 processes of 4 threads), started one
after the other: ours as `maillage serve` runs it; the peer with MAILLAGE_KEPT_PAGES_MB=0 and `cache_page` over the in-memory
cache of Django around the very same views (benchmarks/cached_views.py). The same clients, in processes of their own, ask for one
page again and again over connections that stay open; they cost about as much on both sides and share the processor, so the
ratio is a floor. Compressed ("gzip", as browsers ask) and not: the peer keeps pages plain and compresses each answer anew.
The entries are those of country.py.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import country
from atlas_pages import wait_for
from atlas_tiles import say
from django.core.management import call_command

CONNECTIONS = 4  # of each of two client processes


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--seconds", type=float, default=4)
    arguments.add_argument("--port", type=int, default=8171)
    chosen = arguments.parse_args()
    country.prepare()
    country.fill(chosen.rows)
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["fonts-ttf"])
    pages = {"list": "/atlas/?theme=rights", "map": "/atlas/carte/", "sheet": sheet()}
    rates: dict[str, dict[tuple[str, str], float]] = {}
    for side, settings in (("ours", "maillage.house.settings"), ("peer", "cached_views")):
        rates[side] = served(side, settings, pages, chosen)
    for key, ours in rates["ours"].items():
        say(f"{key[0]} page, requests per second", rows=chosen.rows, coding=key[1], ours=ours, peer=rates["peer"][key],
            peer_is="Django cache_page, LocMemCache", times=ours / rates["peer"][key],
            load_average=os.getloadavg()[0])  # fmt: skip


def sheet() -> str:
    """The sheet of an entry with one place."""
    from maillage.rooms.atlas.cards import sheet_url
    from maillage.rooms.atlas.models import Entry

    return sheet_url(Entry.objects.filter(is_published=True).order_by("pk")[10])


def served(side: str, settings: str, pages: dict[str, str], chosen: argparse.Namespace) -> dict[tuple[str, str], float]:
    environment = os.environ | {
        "MAILLAGE_ADDRESS": f"http://127.0.0.1:{chosen.port}",
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONPATH": str(Path(__file__).resolve().parent),
    }
    command = [sys.executable, "-m", "maillage", "serve", "--port", str(chosen.port), "--workers", "2", "--exact-port"]
    server = subprocess.Popen(command, env=environment)
    try:
        wait_for(chosen.port)
        return {
            (page, coding): rate(chosen.port, address, coding, chosen.seconds)
            for page, address in pages.items()
            for coding in ("gzip", "identity")
        }
    finally:
        server.terminate()
        server.wait(timeout=30)


def rate(port: int, address: str, coding: str, seconds: float) -> float:
    """Answers per second to two processes of clients, after a second that warms both of the server's."""
    request = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: {coding}\r\n\r\n".encode()
    with multiprocessing.Pool(2) as pool:
        pool.starmap(ask, [(port, request, 1.0)] * 2)
        return sum(pool.starmap(ask, [(port, request, seconds)] * 2))


def ask(port: int, request: bytes, seconds: float) -> float:
    """Requests per second over some connections, one under way on each at any time."""
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    done, begun = 0, time.perf_counter()
    for one in connections:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.sendall(request)
    while time.perf_counter() < begun + seconds:
        for one in connections:
            read(one)
            done += 1
            one.sendall(request)
    for one in connections:
        read(one)
        one.close()
    return done / (time.perf_counter() - begun)


def read(connection: socket.socket) -> None:
    """One whole answer, which must be a 200 with its length."""
    got = connection.recv(262_144)
    while (end := got.find(b"\r\n\r\n")) < 0:
        got += connection.recv(262_144)
    head = got[:end].lower()
    assert head.startswith(b"http/1.1 200"), head
    at = head.index(b"content-length:") + 15
    size = int(head[at : head.find(b"\r", at) if head.find(b"\r", at) > 0 else None])
    left = end + 4 + size - len(got)
    while left > 0:
        left -= len(connection.recv(left))


if __name__ == "__main__":
    main()
