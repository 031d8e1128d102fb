"""The list of the atlas under twenty people: facets, text and page, each waiting a second before the next click.

    python benchmarks/atlas_pages.py [--rows N] [--users 20] [--seconds 45] [--port 8170]

One JSON line per figure: the time of whole pages from a real server (`maillage serve`), the facets and totals within one
process, and how many statements one page sends, which must not depend on the rows. The entries are those of country.py.

The readers come twice: with the same 18 questions, which the server keeps whole for a minute, and with questions that nobody
asked before (a point of the map, a filter and a commune drawn at random, and everything kept turned off): the second figure is
that of a page made from nothing.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

import country
from atlas_tiles import say, spread
from django.core.management import call_command

QUESTIONS = (
    "", "theme=rights", "theme=housing&etat=active", "public=everyone&theme=training", "q=mediatheque", "q=atelier+lyon",
    "q=epicerie+solidaire", "q=fabllab", "territoire=departement:69", "territoire=departement:13&theme=employment",
    "lon=4.85&lat=45.75", "lon=2.35&lat=48.86&theme=culture", "q=jardin&lon=5.37&lat=43.3", "tri=recent", "moyen=fablab",
    "bbox=4.7,45.6,5.0,45.9", "q=cours+de+francais&theme=rights", "q=pimms+marseille",
)  # fmt: skip

ASKING = {"accept": "text/html", "accept-encoding": "gzip"}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--users", type=int, default=20)
    arguments.add_argument("--seconds", type=float, default=45)
    arguments.add_argument("--port", type=int, default=8170)
    chosen = arguments.parse_args()
    country.prepare()
    country.fill(chosen.rows)
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["fonts-ttf"])
    within(chosen.rows)
    statements(chosen.rows)
    for kept_mb, draw in (("0", a_new_question), ("48", a_known_question)):
        command = [sys.executable, "-m", "maillage", "serve", "--port", str(chosen.port), "--workers", "2"]
        settings = {"MAILLAGE_ADDRESS": f"http://127.0.0.1:{chosen.port}", "MAILLAGE_KEPT_PAGES_MB": kept_mb}
        server = subprocess.Popen(command, env=os.environ | settings)
        try:
            wait_for(chosen.port)
            together(chosen, draw)
        finally:
            server.terminate()
            server.wait(timeout=30)


def a_known_question(rng: random.Random) -> str:
    """One of those above."""
    return rng.choice(QUESTIONS)


def a_new_question(rng: random.Random) -> str:
    """Facets, words and places drawn at random: some 10^8 questions."""
    from maillage.core.web import glossary

    theme = f"theme={rng.choice(sorted(glossary.labels('theme')))}"
    public = f"public={rng.choice(sorted(glossary.labels('public')))}"
    lon, lat = rng.uniform(-1, 7), rng.uniform(43.5, 49.5)
    words = f"{rng.choice(country.NOUNS)} {rng.choice(country.OF).split()[-1]}"
    return rng.choice((
        urlencode({"q": words}) + f"&{theme}", f"lon={lon:.4f}&lat={lat:.4f}&{public}", f"{theme}&{public}&tri=recent",
        f"territoire=departement:{rng.randint(1, 95):02d}&{theme}", f"bbox={lon:.3f},{lat:.3f},{lon + 0.4:.3f},{lat + 0.3:.3f}",
        urlencode({"q": words}) + f"&lon={lon:.4f}&lat={lat:.4f}",
    ))  # fmt: skip


def within(rows: int) -> None:
    """Counts of all facets and the total, computed anew."""
    from django.http import QueryDict

    from maillage.rooms.atlas import facets
    from maillage.rooms.atlas.filters import filters_from
    from maillage.rooms.atlas.queries import page_of

    taken: dict[str, list[float]] = {"facet counts": [], "list page": [], "first search of a text": []}
    for _ in range(4):
        for question in QUESTIONS:
            filters = filters_from(QueryDict(question))
            facets.TALLIES.clear()
            for name, call in (("list page", page_of), ("facet counts", facets.facet_counts)):
                begun = time.perf_counter()
                call(filters)
                first = name == "list page" and filters.text and _ == 0
                taken["first search of a text" if first else name].append((time.perf_counter() - begun) * 1e3)
    for name, one in taken.items():
        say(f"{name}, one process", rows=rows, calls=len(one), milliseconds=spread(one))


def statements(rows: int) -> None:
    """How many statements a page sends once the server is warm."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1"})
    for question in ("", "theme=rights", "q=atelier+lyon"):
        address = f"/atlas/?{question}"
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        say(f"statements of the list ?{question}", rows=rows, statements=len(seen))


def together(chosen: argparse.Namespace, draw: Callable[[random.Random], str]) -> None:
    """Each person asks, waits a second, asks something else."""
    port, users, seconds = chosen.port, chosen.users, chosen.seconds
    taken: list[float] = []
    faults: list[object] = []
    begun = time.monotonic()

    def person(number: int) -> None:
        rng = random.Random(number)
        time.sleep(rng.random())
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < begun + seconds:
            start = time.perf_counter()
            try:
                connection.request("GET", f"/atlas/?{draw(rng)}", headers=ASKING)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    faults.append(answer.status)
            except OSError as fault:
                faults.append(repr(fault))
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            if time.monotonic() > begun + seconds / 4:  # what comes first warms each process
                taken.append((time.perf_counter() - start) * 1e3)
            time.sleep(1)

    people = [threading.Thread(target=person, args=(number,)) for number in range(users)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    load = os.getloadavg()[0]
    what = "never asked before" if draw is a_new_question else "the same 18 questions"
    say(f"whole list page, {what}", rows=chosen.rows, users=users, think_s=1, pages=len(taken), faults=len(faults),
        milliseconds=spread(taken), load_average=load)  # fmt: skip


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/atlas/")
            if connection.getresponse().read() is not None:
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


if __name__ == "__main__":
    main()
