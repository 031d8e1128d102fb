"""Which pages exist: followed from the front page by their links, one example for each address of the resolver."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser

from maillage.core.web.tests.pages_read import read

LIMIT = 400
PREFIXES = ("/en/", "/ar/")


@dataclass(frozen=True)
class Walk:
    """One path for each address that links lead to, in French, by its name; and the links that lead nowhere."""

    pages: dict[str, str]
    broken: list[str]


def walked() -> Walk:
    """Follows the links from the front page, asked of Django in this process; files are asked for and not followed."""
    found: dict[str, str] = {}
    answered: set[str] = set()
    broken: list[str] = []
    queue, seen = deque(["/", "/plan-du-site/"]), set()
    while queue and len(seen) < LIMIT:
        path = queue.popleft()
        name = name_of(path)
        if path in seen or name in answered:
            continue
        seen.add(path)
        response = Client(raise_request_exception=False).get(path)
        if response.status_code == 302 and name_of(response.headers["Location"]) == name:
            path = response.headers["Location"]  # a form's address, which is given a number (see contributing.showing)
            response = Client(raise_request_exception=False).get(path)
        if response.status_code >= 400 or name is None:
            broken.append(f"{path} answers {response.status_code}")
            continue
        answered.add(name)
        if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
            continue
        found[name] = path
        links = sorted(read(response.content).links())
        queue.extend(urlsplit(urljoin(path, link))._replace(fragment="").geturl() for link in links if _is_ours(link))
    return Walk(found, broken)


def _is_ours(link: str) -> bool:
    split = urlsplit(link)
    is_static = split.path.startswith("/static/")
    return not split.netloc and split.scheme in {"", "http"} and not split.path.startswith(PREFIXES) and not is_static


def name_of(path: str) -> str | None:
    """The name of the address; None when no address fits."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return None


def asked_of_each_page(browser: Browser, address: str, script: str) -> dict[str, dict[str, Any]]:
    """Path → what the script answers there, on a desk, for every page that links lead to."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800}, locale="fr-FR")
    page = context.new_page()
    found = {}
    for path in walked().pages.values():
        page.goto(path, wait_until="load")
        found[path] = page.evaluate(script)
    context.close()
    return found
