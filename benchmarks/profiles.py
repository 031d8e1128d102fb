"""How long a profile page takes with 1,600 QPV and 40 indicators, in the process (Django's test client) and from a real server.

    python benchmarks/profiles.py [--territories 1600] [--indicators 40] [--pages 200] [--port 8171]

One JSON line per figure. The territories and figures are made up, in the database that the settings name: run it in an
installation of its own (country.prepare makes one).
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import subprocess
import sys
import time

import country
import numpy as np
from atlas_tiles import say
from django.core.management import call_command

LEAST_LON, LEAST_LAT = 2.0, 44.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--territories", type=int, default=1600)
    arguments.add_argument("--indicators", type=int, default=40)
    arguments.add_argument("--pages", type=int, default=200)
    arguments.add_argument("--port", type=int, default=8171)
    chosen = arguments.parse_args()
    country.prepare()
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["fonts-ttf"])
    codes = fill(chosen.territories, chosen.indicators)
    facts = {"territories": chosen.territories, "indicators": chosen.indicators, "pages": chosen.pages}
    within(random.Random(7).choices(codes, k=chosen.pages), facts)
    command = [sys.executable, "-m", "maillage", "serve", "--port", str(chosen.port), "--workers", "1"]
    server = subprocess.Popen(command, env=os.environ | {"MAILLAGE_ADDRESS": f"http://127.0.0.1:{chosen.port}"})
    try:
        wait_for(chosen.port)
        served(chosen.port, random.Random(8).choices(codes, k=chosen.pages), facts)
    finally:
        server.terminate()
        server.wait(timeout=30)


def fill(territories: int, indicators: int) -> list[str]:
    """QPV of 2015 in forty EPCI with a commune each; the last tenth belong to no EPCI and are ranked among all."""
    import shapely

    from maillage.core.places.actions import put_territories, shaped
    from maillage.core.places.models import Territory
    from maillage.rooms.observatory.actions_indicators import write_values
    from maillage.rooms.observatory.models import Indicator, IndicatorValue

    rng = np.random.default_rng(11)
    codes = [f"QP{1 + number // 1000:02d}{number // 100 % 10}{number % 1000:03d}" for number in range(territories)]
    rows = []
    for group in range(40):
        rows.append(Territory(kind="epci", code=f"9{group:08d}", name=f"EPCI {group}"))
        epci = f"epci:9{group:08d}"
        rows.append(Territory(kind="commune", code=f"99{group:03d}", name=f"Commune {group}", parent_codes=[epci]))
    for number, code in enumerate(codes):
        group = number % 40
        held = [f"commune:99{group:03d}"] + ([f"epci:9{group:08d}"] if number < territories * 0.9 else [])
        lon, lat = LEAST_LON + number % 40 * 0.05, LEAST_LAT + number // 40 * 0.03
        row = Territory(kind="qpv", code=code, generation="2015", name=f"Quartier {number}", parent_codes=held)
        rows.append(shaped(row, shapely.box(lon, lat, lon + 0.01, lat + 0.01), "official", 0.0))
    put_territories(rows)
    topics = ("population", "work", "income", "education", "housing", "air")
    made = [
        Indicator(code=f"bench-{n}", label=f"Indicateur {n}", nature="rate", unit="%", decimals=1, source_text="Inventé",
                  topic=topics[n % 6], direction=("good", "bad", "neutral")[n % 3], sort_key=f"{n:03d}".encode())
        for n in range(indicators)
    ]  # fmt: skip
    Indicator.objects.bulk_create(made, ignore_conflicts=True)
    stored = list(Indicator.objects.filter(code__startswith="bench-").order_by("pk"))
    for one in stored:
        amounts = rng.uniform(5, 60, territories)
        values = [
            IndicatorValue(indicator=one, kind="qpv", code=code, generation="2015", vintage=2017, value=float(amount),
                           low=float(amount) - 2, high=float(amount) + 2)
            for code, amount in zip(codes, amounts, strict=True)
        ]  # fmt: skip
        around = [("commune", f"99{group:03d}") for group in range(40)] + [
            ("epci", f"9{group:08d}") for group in range(40)
        ]
        values += [
            IndicatorValue(indicator=one, kind=kind, code=code, vintage=2017, value=20.0) for kind, code in around
        ]
        write_values(values)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE observatory_indicatorvalue")
    return codes


def within(codes: list[str], facts: dict[str, object]) -> None:
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.get(address(codes[0]))
    answer = client.get(address(codes[0]))
    assert answer.status_code == 200, answer.status_code
    times = []
    for code in codes:
        started = time.perf_counter()
        client.get(address(code))
        times.append(time.perf_counter() - started)
    tell("profile page, in the process", times, facts | {"bytes": len(answer.content)})


def served(port: int, codes: list[str], facts: dict[str, object]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    times = []
    for code in codes:
        started = time.perf_counter()
        connection.request("GET", address(code))
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200 and code.encode() in body
        times.append(time.perf_counter() - started)
    tell("profile page, from a real server, one reader", times, facts)


def address(code: str) -> str:
    return f"/observatoire/profils/qpv/{code}/"


def wait_for(port: int) -> None:
    for _ in range(120):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/sante/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit("the server did not start")


def tell(what: str, times: list[float], facts: dict[str, object]) -> None:
    p50, p95 = np.percentile(np.array(times) * 1000, [50, 95])
    say(what, p50_ms=round(p50, 1), p95_ms=round(p95, 1), load=round(os.getloadavg()[0], 1), **facts)


if __name__ == "__main__":
    main()
