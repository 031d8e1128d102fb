"""How each page is built, as somebody who does not see it finds it: titles, landmarks, names of links, drawings, fields."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.crawl import walked
from tests.journeys.site import Site

READ = """() => {
    const seen = (one) => one.checkVisibility();
    const name = (one) => (one.getAttribute("aria-label") || one.getAttribute("alt") || one.innerText || one.title || "").trim();
    const short = (one) => one.outerHTML.slice(0, 140);
    const all = (selector) => [...document.querySelectorAll(selector)];
    return {
        title: document.title,
        headings: all("h1, h2, h3, h4, h5, h6").filter(seen).map((one) => [Number(one.tagName[1]), one.innerText.trim()]),
        landmarks: ["header", "main", "footer"].map((tag) => all(`body > ${tag}, body > .page > ${tag}`).length),
        navigations: all("nav").map((one) => one.getAttribute("aria-label") || "").sort(),
        bareDrawings: all("svg:not([aria-hidden=true])").filter((one) => !one.closest("[role=img][aria-label]")).map(short),
        silentImages: all("img:not([alt])").map(short),
        namelessLinks: all("a[href], button, summary").filter((one) => seen(one) && !name(one)).map(short),
        bareFields: all("input:not([type=hidden], [type=submit]), select, textarea")
            .filter((one) => !one.labels?.length && !one.getAttribute("aria-label")).map(short),
        groupsWithoutLegend: all("fieldset:not(:has(> legend))").map(short),
        forcedOrder: all("[tabindex]").filter((one) => one.tabIndex > 0).map(short),
        repeatedIds: all("[id]").map((one) => one.id).filter((id, place, ids) => ids.indexOf(id) !== place),
        danglingNames: all("[aria-labelledby], [aria-describedby]")
            .flatMap((one) => [one.getAttribute("aria-labelledby"), one.getAttribute("aria-describedby")])
            .filter(Boolean).flatMap((ids) => ids.split(/\\s+/)).filter((id) => !document.getElementById(id)),
    };
}"""


@pytest.fixture(scope="module")
def read(site: Site, browser: Browser) -> dict[str, dict[str, Any]]:
    """What each page that links lead to says of itself, before anybody touches it."""
    context = browser.new_context(base_url=site.address, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    found = {}
    for path in walked().pages.values():
        page.goto(path, wait_until="domcontentloaded")
        found[path] = page.evaluate(READ)
    context.close()
    return found


def faults_in(read: dict[str, dict[str, Any]], what: str) -> list[str]:
    return [f"{path}: {one}" for path, page in read.items() for one in page[what]]


def test_every_title_is_the_page_s_own(read: dict[str, dict[str, Any]]) -> None:
    titles = [page["title"] for page in read.values()]
    assert sorted({title for title in titles if titles.count(title) > 1}) == []
    for path, page in read.items():
        heading = page["headings"][0][1] if page["headings"] else ""
        assert path == "/" or heading in page["title"], (path, page["title"], heading)


def test_headings_go_down_one_step_at_a_time(read: dict[str, dict[str, Any]]) -> None:
    faults = []
    for path, page in read.items():
        levels = [level for level, _ in page["headings"]]
        skipped = [(before, after) for before, after in pairwise(levels) if after > before + 1]
        if levels.count(1) != 1 or skipped or not all(text for _, text in page["headings"]):
            faults.append(f"{path}: {skipped or page['headings']}")
    assert faults == []


def test_every_page_has_its_landmarks(read: dict[str, dict[str, Any]]) -> None:
    for path, page in read.items():
        if path.startswith("/atlas/cadre/"):
            continue  # a frame for other sites has neither header nor footer
        assert page["landmarks"] == [1, 1, 1], path
        assert len(page["navigations"]) == len(set(page["navigations"])), (path, page["navigations"])
        assert all(page["navigations"]), path


WHATS = ("bareDrawings", "silentImages", "namelessLinks", "bareFields", "groupsWithoutLegend", "forcedOrder", "repeatedIds",
         "danglingNames")  # fmt: skip


@pytest.mark.parametrize("what", WHATS)
def test_nothing_is_without_a_name(read: dict[str, dict[str, Any]], what: str) -> None:
    assert faults_in(read, what) == []
