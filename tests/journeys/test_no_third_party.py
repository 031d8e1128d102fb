"""No page asks anything of anybody but us: every request is recorded, the map's too."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.crawl import walked
from tests.journeys.watch import Watch


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_home_list_map_and_sheet_ask_only_us(make_page: MakePage, watch: Watch, width: int) -> None:
    page = make_page(width)
    for path in ("/", "/atlas/?q=pimms", "/atlas/carte/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    tiles = [url for url in watch.requests if urlsplit(url).path.endswith(".mvt")]
    assert tiles, "the map drew no tile: this proves nothing"
    page.goto("/atlas/")
    page.locator(".card a.card-link").first.click()
    page.wait_for_load_state("networkidle")
    assert len(watch.requests) > 20
    assert watch.foreign == []


def test_a_foreign_request_would_be_noticed(phone: Page, watch: Watch) -> None:
    phone.goto("/")
    watch.allowed += ["Content Security Policy", "net::ERR"]
    phone.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://third-party.invalid/pixel.png'}))")
    phone.wait_for_timeout(300)
    assert any("Content-Security-Policy" in text or "Content Security Policy" in text for text in watch.complaints)
    # The policy stops the request before it leaves: it is told as a complaint and never sent.
    watch.requests[:] = [url for url in watch.requests if "third-party.invalid" not in url]


def test_no_cookie_before_it_is_needed(phone: Page) -> None:
    phone.goto("/")
    phone.goto("/atlas/?q=pimms")
    names = {cookie["name"] for cookie in phone.context.cookies()}
    assert names <= {"csrftoken"}, names


def test_no_page_leaves_a_cookie_on_somebody_who_only_reads(make_page: MakePage, watch: Watch) -> None:
    """Every page that links lead to, read one after the other with its map: nothing is kept, nobody else is asked."""
    page = make_page(DESK)
    for path in walked().pages.values():
        page.goto(path)
        has_form = page.locator("main form[method=post]").count()
        names = {cookie["name"] for cookie in page.context.cookies()}
        assert names <= ({"csrftoken"} if has_form else set()), (path, names)
        kept = set(page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]"))
        assert kept == set(), (path, kept)
        page.context.clear_cookies()
    assert len(watch.requests) > 100
    assert watch.foreign == []
