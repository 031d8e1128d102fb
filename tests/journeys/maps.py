"""Reading the map as a person does: the numbers it draws, and the list of what is in view that goes with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

IS_NEAR = "one => one.getBoundingClientRect().top < innerHeight + 250"
NUMBER = re.compile(r"\d[\d\s\u00a0\u202f]*")


def number_in(text: str) -> int:
    """The first number of a sentence, however its thousands are parted."""
    found = NUMBER.search(text)
    assert found is not None, text
    return int(re.sub(r"\D", "", found[0]))


def drawn(page: Page) -> None:
    """Waits until the map shows all that it asked for."""
    page.wait_for_selector("maillage-map.map-ready", timeout=30_000)
    page.evaluate(
        """async () => {
            const { map } = document.querySelector("maillage-map");
            const isStill = () => map.loaded() && map.areTilesLoaded() && !map.isMoving();
            for (let round = 0, calm = 0; calm < 3 && round < 200; round++) {
                calm = isStill() ? calm + 1 : 0;
                await new Promise((done) => setTimeout(done, 60));
            }
        }"""
    )


def settled(page: Page) -> None:
    """Waits until the page stands as its reader finds it: loaded, with its letters, and with its map where one is near."""
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready.then(() => true)")
    # The list's map is hidden on a telephone, where it has a page of its own.
    if page.locator("maillage-map").locator("visible=true").count() and page.locator("maillage-map").first.evaluate(
        IS_NEAR
    ):
        drawn(page)


@dataclass(frozen=True)
class Drawn:
    """What stands on the map: groups by their number, single entries by their name."""

    groups: tuple[int, ...]
    names: tuple[str, ...]
    told: int

    @property
    def total(self) -> int:
        return sum(self.groups) + len(self.names)


def shown_on(page: Page) -> Drawn:
    """Reads the list of what is in view; it is made from what the map really draws."""
    drawn(page)
    summary = page.locator(".map-visible > summary")
    if page.locator(".map-visible:not([open])").count():
        summary.click()
    more = page.locator(".map-visible > button:visible")
    if more.count():
        more.click()
    lines = [line.strip() for line in page.locator(".map-visible-item").all_inner_texts()]
    groups = tuple(number_in(line) for line in lines if is_group(line))
    names = tuple(line for line in lines if not is_group(line))
    return Drawn(groups, names, number_in(summary.inner_text()))


def is_group(line: str) -> bool:
    """Whether a line of the list in view stands for several entries."""
    return bool(re.match(r"Groupe de|Group of|\d", line))


def points_of_the_file(page: Page, query: str, *, in_view: bool = True) -> int:
    """How many points the same question gives in the GeoJSON file: inside what the map shows, or in all."""
    file: dict[str, Any] = page.request.get(f"/atlas/telecharger/geojson/?{query}").json()
    points = [one["geometry"]["coordinates"] for one in file["features"] if one["geometry"]]
    assert points, "an empty file proves nothing"
    if not in_view:
        return len(points)
    west, south, east, north = page.evaluate("document.querySelector('maillage-map').map.getBounds().toArray().flat()")
    return sum(west <= lon <= east and south <= lat <= north for lon, lat in points)
