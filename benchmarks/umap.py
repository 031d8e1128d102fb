"""The same points on a map of `umap-project` and on ours, in a headless Chromium whose processor is slowed four times.

    python benchmarks/umap.py [--rows 38060] [--slowed 4] [--rounds 3]

One JSON line per map: time until the map can be read (its numbers or markers stand there and a second passes without a frame
longer than 200 ms), how many points are told in the first view, the longest frame and the 95th percentile while it is dragged
by hand, what was received. Needs an environment of its own with umap-project (MAILLAGE_UMAP_PYTHON, its python) and a PostGIS
(MAILLAGE_UMAP_DATABASE, postgis://…), both made by `umap_instance.py`. The entries are those of country.py.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import country
from atlas_tiles import say
from django.core.management import call_command
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright  # noqa: A004

INSTANCE = Path(__file__).with_name("umap_instance.py")
GIVEN_UP_S = 240
CALM_MS = 200
FRAMES = """() => {
  window.frames_ = []; let last = performance.now();
  const tick = (now) => { window.frames_.push([now, now - last]); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""
STANDING = """() => {
  const found = (COUNTING)(), now = performance.now(), stood = window.stood_;
  if (!found || !stood || stood.told !== found.told) { window.stood_ = found && { ...found, at: now }; return null; }
  return now - stood.at >= 500 ? stood : null;
}"""
OURS = """() => {
  const { map } = document.querySelector("maillage-map.map-ready") ?? {};
  if (!map || !map.loaded() || !map.areTilesLoaded()) return null;
  const layers = map.getStyle().layers.filter((one) => one["source-layer"] && /entries|places|points|atlas/.test(one.source))
    .map((one) => one.id);
  const seen = new Map();
  for (const one of map.queryRenderedFeatures({ layers: layers.length ? layers : undefined })) {
    const p = one.properties;
    if (one.geometry.type === "Point" && (p.count ?? p.point_count ?? p.name))
      seen.set(JSON.stringify([one.geometry.coordinates, p.name ?? ""]), Number(p.count ?? p.point_count ?? 1));
  }
  const total = [...seen.values()].reduce((sum, one) => sum + one, 0);
  return total ? { told: total, drawn: seen.size } : null;
}"""
UMAP = """() => {
  const box = document.querySelector("#map")?.getBoundingClientRect();
  if (!box) return null;
  const inside = (node) => { const r = node.getBoundingClientRect();
    return r.right > box.left && r.left < box.right && r.bottom > box.top && r.top < box.bottom; };
  const groups = [...document.querySelectorAll(".umap-cluster-icon")].filter(inside);
  const single = [...document.querySelectorAll(".umap-div-icon, .umap-circle-icon, .umap-drop-icon, .umap-ball-icon")]
    .filter((node) => !node.closest(".umap-cluster-icon")).filter(inside);
  const told = groups.reduce((sum, one) => sum + Number(one.textContent), 0) + single.length;
  return told ? { told, drawn: groups.length + single.length } : null;
}"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=38_060, help="entries: these make 50,000 points")
    arguments.add_argument("--slowed", type=float, default=4)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--port", type=int, default=8103)
    chosen = arguments.parse_args()
    country.prepare()
    country.fill(chosen.rows)
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["fonts-ttf"])
    with tempfile.TemporaryDirectory() as folder:
        points = Path(folder) / "points.geojson"
        count = write_points(points)
        paths = umap_maps(Path(folder), points)
        other = chosen.port + 1
        pages = {"maillage": (f"http://127.0.0.1:{chosen.port}/atlas/carte/#carte=5/46.6/2.5", OURS)}
        pages |= {f"umap {kind}": (f"http://127.0.0.1:{other}{path}", UMAP) for kind, path in paths.items()}
        with served(ours(chosen.port), chosen.port), served(theirs(Path(folder), other), other):
            for number in range(chosen.rounds):
                for name, (address, counting) in pages.items():
                    facts = visited(address, counting, chosen.slowed)
                    say(f"map of {count} points: {name}", points=count, round=number + 1, slowed=chosen.slowed, **facts)


def visited(address: str, counting: str, slowed: float) -> dict[str, Any]:
    """One visit in a browser of its own."""
    with sync_playwright() as playwright:
        path = os.environ.get("MAILLAGE_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        facts = measured(browser, address, counting, slowed)
        browser.close()
        return facts


def write_points(path: Path) -> int:
    """Every place that has a position, as uMap takes it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT e.name, e.summary, p.lon, p.lat FROM atlas_place p JOIN atlas_entry e ON e.id = p.entry_id "
                       "WHERE p.lon IS NOT NULL AND e.is_published ORDER BY p.id")  # fmt: skip
        rows = cursor.fetchall()
    features = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]},
                 "properties": {"name": name, "description": summary}} for name, summary, lon, lat in rows]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return len(features)


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "UMAP_FOLDER": str(folder / "umap"),
        "DATABASE_URL": os.environ["MAILLAGE_UMAP_DATABASE"],
    }


def umap_maps(folder: Path, points: Path) -> dict[str, str]:
    command = [os.environ["MAILLAGE_UMAP_PYTHON"], str(INSTANCE), "prepare", str(points)]
    done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {one["kind"]: one["path"] for one in found}


def ours(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "maillage", "serve", "--port", str(port), "--workers", "2"]
    return subprocess.Popen(
        command, env=os.environ | {"MAILLAGE_ADDRESS": f"http://127.0.0.1:{port}"}, stdout=sys.stderr
    )


def theirs(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [os.environ["MAILLAGE_UMAP_PYTHON"], str(INSTANCE), "serve", str(port)]
    return subprocess.Popen(command, env=environment(folder), stdout=sys.stderr)


@contextmanager
def served(server: subprocess.Popen[bytes], port: int) -> Iterator[None]:
    """A server for the time of the block, once it answers."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30):
            break
        time.sleep(0.5)
    try:
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def measured(browser: Browser, address: str, counting: str, slowed: float) -> dict[str, Any]:
    """One visit with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    page = context.new_page()
    received = [0]
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on(
        "Network.loadingFinished", lambda one: received.__setitem__(0, received[0] + int(one["encodedDataLength"]))
    )
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.add_init_script(f"({FRAMES})()")
    begun = time.monotonic()
    page.goto(address, wait_until="commit", timeout=GIVEN_UP_S * 1000)
    told = readable(page, counting, begun + GIVEN_UP_S)
    if told is None:
        stop_pages(browser)
        return {"readable_s": None, "given_up_after_s": GIVEN_UP_S, "received_kb": received[0] / 1000}
    ready = page.evaluate(
        f"() => (window.frames_.findLast(([, took]) => took > {CALM_MS}) ?? window.frames_[0])[0] / 1000"
    )
    result = {
        "readable_s": told.pop("at"),
        "last_long_frame_s": ready,
        **told,
        **dragged(page),
        "received_kb": received[0] / 1000,
    }
    context.close()
    return result


def stop_pages(browser: Browser) -> None:
    """Ends the processes of the pages: one that still works for itself answers nothing, and would not be closed."""
    for one in browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]:
        if one["type"] == "renderer":
            os.kill(int(one["id"]), signal.SIGKILL)


def readable(page: Page, counting: str, until: float) -> dict[str, Any] | None:
    """When the map showed its numbers, still the same half a second later, in seconds after the start; None when it did not."""
    left = max(1.0, until - time.monotonic()) * 1000
    try:
        stood = page.wait_for_function(STANDING.replace("COUNTING", counting), polling=250, timeout=left)
    except TimeoutError:
        return None
    found: dict[str, Any] = stood.json_value()
    return {"told": found["told"], "drawn": found["drawn"], "at": found["at"] / 1000}


def dragged(page: Page) -> dict[str, Any]:
    """Three drags of the map in turn; the frames that they took."""
    page.evaluate("() => { window.frames_.length = 0; }")
    box = page.locator("maillage-map, #map").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 + 37, box["y"] + min(box["height"], 700) / 2 + 23
    for dx, dy in ((-250, -60), (300, 80), (-150, 120)):
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(1, 21):
            page.mouse.move(x + dx * step / 20, y + dy * step / 20)
            page.wait_for_timeout(25)
        page.mouse.up()
        page.wait_for_timeout(700)
    took = sorted(page.evaluate("() => window.frames_.map(([, took]) => took)"))
    return {"longest_frame_ms": took[-1], "p95_frame_ms": took[int(len(took) * 0.95)], "frames": len(took)}


if __name__ == "__main__":
    main()
