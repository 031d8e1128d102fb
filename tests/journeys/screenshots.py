"""The pictures of the README, taken from the demo itself: `make screenshots` writes docs/screenshots/*.webp."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.browsers import FLAGS, executable

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
# Name of the file, path, width, height, whether the map must have been drawn.
PICTURES = (
    ("list-and-map", "/atlas/?q=apprendre+le+num%C3%A9rique&territoire=epci:200046977", 1280, 800, True),
    ("home-on-a-telephone", "/", 360, 740, False),
    ("sheet-on-a-telephone", "/atlas/?q=pimms", 360, 740, False),
)


def main() -> int:
    """Starts the demo on a free port, takes the pictures, stops it."""
    path = executable()
    if path is None:
        print("no Chromium: see tests/journeys/browsers.py", file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "maillage", "demo", "--port", "8190"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        try:
            address = next(
                found[1] for line in demo.stdout or () if (found := re.match(r"Open (http://\S+?)/(?:\s|$)", line))
            )
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
                FOLDER.mkdir(parents=True, exist_ok=True)
                for picture in PICTURES:
                    take(browser, address, *picture)
                browser.close()
        finally:
            demo.terminate()
    return 0


def take(browser: Browser, address: str, name: str, path: str, width: int, height: int, has_map: bool) -> None:
    """One picture, small enough for a repository."""
    is_phone = width < 768
    size = {"width": width, "height": height}
    context = browser.new_context(
        viewport=size, is_mobile=is_phone, device_scale_factor=2 if is_phone else 1, locale="fr-FR"
    )
    page = context.new_page()
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    if name.startswith("sheet"):
        page.locator("a.card-link").first.click()
        page.wait_for_load_state("networkidle")
    if has_map:
        page.locator("canvas").first.wait_for()
        page.wait_for_timeout(4000)
    target = FOLDER / f"{name}.webp"
    Image.open(io.BytesIO(page.screenshot())).save(target, quality=80, method=6)
    print(f"{target.relative_to(FOLDER.parents[1])}: {target.stat().st_size // 1000} kB")
    context.close()


if __name__ == "__main__":
    sys.exit(main())
