"""Fixtures of the journeys. A journey is a story told with a real browser against the real server; see README.md here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from tests.journeys.browsers import FLAGS, executable
from tests.journeys.site import Site, running_site
from tests.journeys.watch import Watch

PHONE, TABLET, DESK = 360, 768, 1280
MakePage = Callable[..., Page]

# Playwright keeps an event loop in this thread; the journeys' own reads of the database are synchronous all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a journey, and journeys come last: they fill the session's database."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium; without any the journeys are skipped, which is a failure under CI=true."""
    path = executable()
    if path is None:
        reason = (
            "no Chromium: install the package chromium, set MAILLAGE_CHROMIUM, or run npm ci for @sparticuz/chromium"
        )
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    started = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield started
    started.close()


@pytest.fixture(scope="session")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker, browser: Browser) -> Iterator[Site]:
    """The running site; reads and writes of the test process see the same database."""
    with django_db_blocker.unblock(), running_site() as running:
        yield running


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """Follows every page of the journey; at its end no fault may be left (`watch.allowed` names those that are meant)."""
    watching = Watch(site.address)
    yield watching
    assert not watching.faults, "\n".join(watching.faults)


@pytest.fixture
def make_page(browser: Browser, site: Site, watch: Watch) -> Iterator[MakePage]:
    """Opens a browser of its own: make_page(width=360, javascript=True, axe=False, language="fr-FR", **options)."""
    contexts: list[BrowserContext] = []

    def make(
        width: int = PHONE, *, javascript: bool = True, axe: bool = False, language: str = "fr-FR", **options: object
    ) -> Page:
        is_phone = width < TABLET
        chosen = {
            "base_url": site.address,
            "viewport": {"width": width, "height": 740 if is_phone else 800},
            "has_touch": is_phone,
            "is_mobile": is_phone,
            "java_script_enabled": javascript,
            "bypass_csp": axe,
            "locale": language,
            "timezone_id": "Europe/Paris",
            "reduced_motion": "reduce",
            **options,
        }
        context = browser.new_context(**chosen)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(15_000)
        watch.follow(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def phone(make_page: MakePage) -> Page:
    """A telephone, 360 pixels wide, with a finger."""
    return make_page(PHONE)


@pytest.fixture
def desk(make_page: MakePage) -> Page:
    """A computer's window, 1280 pixels wide."""
    return make_page(DESK)


@pytest.fixture
def bare_phone(make_page: MakePage) -> Page:
    """A telephone without JavaScript."""
    return make_page(PHONE, javascript=False)


@pytest.fixture
def moderator_link(site: Site) -> str:
    """An address that signs a moderator in, once; the second step is to be set up, as the first time."""
    from maillage.core.people.actions import add_person, sign_in_link
    from maillage.core.people.actions_second_factor import remove_second_factor

    person = add_person("Mo", email="mo@example.org", role="moderator")
    remove_second_factor(person)
    link = sign_in_link(person)
    return site.address + link[link.index("/", len("http://")) :]
