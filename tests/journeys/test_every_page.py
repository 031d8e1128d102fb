"""Every public page: accessible by axe, no sideways scroll, one h1, no fault of the browser; on a telephone and a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from pytest_django.plugin import DjangoDbBlocker

from tests.journeys.axe import violations
from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.crawl import Walk, walked
from tests.journeys.maps import settled
from tests.journeys.site import Site
from tests.journeys.watch import overflow_of


@pytest.fixture(scope="module")
def walk(site: Site, django_db_blocker: DjangoDbBlocker) -> Walk:
    with django_db_blocker.unblock():
        return walked()


@pytest.fixture
def pages(walk: Walk) -> dict[str, str]:
    return walk.pages


def test_no_link_leads_nowhere(walk: Walk) -> None:
    assert not walk.broken


def test_the_walk_finds_the_pages(pages: dict[str, str]) -> None:
    assert {"web:home", "web:site_map", "web:accessibility", "web:legal", "atlas:list", "atlas:sheet"} <= set(pages)
    assert len(pages) >= 15, pages


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_is_accessible(make_page: MakePage, pages: dict[str, str], width: int) -> None:
    page = make_page(width, axe=True)
    faults = [f"{path}: {fault}" for path in pages.values() for fault in faults_of(page, path)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_main_pages_are_accessible_in(make_page: MakePage, pages: dict[str, str], language: str) -> None:
    page = make_page(PHONE, axe=True)
    paths = [f"/{language}{pages[name]}" for name in ("web:home", "atlas:list", "atlas:sheet")]
    faults = [f"{path}: {fault}" for path in paths for fault in faults_of(page, path)]
    assert not faults, "\n".join(faults)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")


def test_every_page_stands_without_javascript(make_page: MakePage, pages: dict[str, str]) -> None:
    page = make_page(PHONE, javascript=False)
    for path in pages.values():
        answer = page.goto(path)
        assert answer is not None, path
        assert answer.status == 200, path
        assert page.locator("h1").count() == 1, path
        assert page.locator("main").inner_text().strip(), path


def test_axe_would_notice(make_page: MakePage) -> None:
    """The proof that the runner sees faults: a page is spoilt on purpose."""
    page = make_page(axe=True)
    page.goto("/")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"data:,\"><input>')")
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "label" in found
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<div id=wide>x</div>')")
    page.evaluate("document.getElementById('wide').style.inlineSize = '2000px'")
    assert overflow_of(page)


def faults_of(page: Page, path: str) -> list[str]:
    answer = page.goto(path)
    assert answer is not None
    if answer.status != 200:
        return [f"answers {answer.status}"]
    settled(page)
    found = violations(page)
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} h1")
    found += [f"scrolls sideways: {element}" for element in overflow_of(page)]
    return found
