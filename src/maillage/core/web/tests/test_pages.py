"""The pages of core, in the three languages: frame, language, navigation, site map, search, display choices."""

from __future__ import annotations

import itertools
import re

import pytest
from django.test import Client
from django.urls import reverse

from maillage.core.rooms import rooms
from maillage.core.web.display import COOKIE
from maillage.core.web.tests.pages_read import read

NAMES = [
    "home", "display", "accessibility", "accessibility_plan", "legal", "site_map", "privacy", "privacy_register",
    "words", "plain_language",
]  # fmt: skip
ADDRESSES = [reverse(f"web:{name}") for name in NAMES]
EVERYWHERE = [prefix + address for prefix in ("", "/en", "/ar") for address in ADDRESSES]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", EVERYWHERE)
def test_landmarks_and_skip_link(client: Client, address: str) -> None:
    response = client.get(address)
    page = read(response.content)
    assert response.status_code == 200
    assert len(page.all("h1")) == 1 and len(page.all("main")) == 1
    assert page.all("header") and page.all("footer")
    assert all(nav.get("aria-label") for nav in page.all("nav"))
    assert page.all("a")[0]["href"] == "#contenu" and page.all("main")[0]["id"] == "contenu"
    assert len(page.ids()) == len(set(page.ids()))


@pytest.mark.parametrize("address", EVERYWHERE)
def test_headings_go_down_one_step_at_a_time(client: Client, address: str) -> None:
    levels = [
        int(tag[1]) for tag, _attributes in read(client.get(address).content).tags if re.fullmatch(r"h[1-6]", tag)
    ]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("address", EVERYWHERE)
def test_every_reference_leads_to_an_element_of_the_page(client: Client, address: str) -> None:
    page = read(client.get(address).content)
    wanted = {
        attributes[name] for _tag, attributes in page.tags for name in ("aria-labelledby", "for") if name in attributes
    }
    wanted |= {one for _t, a in page.tags for one in a.get("aria-describedby", "").split()}
    wanted |= {link[1:] for link in page.links() if link.startswith("#")}
    assert wanted - set(page.ids()) == set()


@pytest.mark.parametrize(
    ("prefix", "language", "direction"), [("", "fr", "ltr"), ("/en", "en", "ltr"), ("/ar", "ar", "rtl")]
)
def test_language_and_direction_follow_the_address(client: Client, prefix: str, language: str, direction: str) -> None:
    for address in ADDRESSES:
        page = read(client.get(prefix + address).content)
        assert page.all("html")[0]["lang"] == language
        assert page.all("html")[0]["dir"] == direction
        others = {link["hreflang"]: link["href"] for link in page.all("a") if "hreflang" in link}
        assert others == {"fr": address, "en": "/en" + address, "ar": "/ar" + address}
        alternates = {link["hreflang"] for link in page.all("link") if link.get("rel") == "alternate"}
        assert alternates == {"fr", "en", "ar"}


def test_each_page_has_a_title_of_its_own(client: Client) -> None:
    titles = [re.search(r"<title>(.*?)</title>", client.get(address).content.decode(), re.S) for address in ADDRESSES]
    assert len({title[1].strip() for title in titles if title}) == len(ADDRESSES)


def test_site_map_and_navigation_lead_everywhere(client: Client) -> None:
    links = read(client.get(reverse("web:site_map")).content).links()
    assert set(ADDRESSES) <= links
    for manifest in rooms():
        assert {reverse(entry.url_name) for entry in manifest.navigation} <= links
    for link in sorted(links):
        if link.startswith("/"):
            assert client.get(link, follow=True).status_code == 200, link


def test_search_is_on_every_page(client: Client) -> None:
    doors = [door for manifest in rooms() for door in manifest.doors]
    assert doors, "no room is installed: nothing to search"
    for address in ADDRESSES:
        page = read(client.get(address).content)
        assert next(link["href"] for link in page.all("a") if link.get("class") == "header-link") == reverse(
            doors[0].url_name
        )


def test_the_front_door_sends_the_search_to_the_first_room(client: Client) -> None:
    page = read(client.get("/").content)
    form = next(form for form in page.all("form") if form.get("role") == "search")
    assert form["method"] == "get"
    assert {"q", "lieu"} <= {field.get("name") for field in page.all("input")}


def test_a_room_that_is_not_installed_leaves_no_door(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from maillage.core.web import context, front_door

    core_only = [manifest for manifest in rooms() if manifest.is_core]
    for module in (context, front_door):
        monkeypatch.setattr(module, "rooms", lambda: core_only)
    page = read(client.get("/").content)
    assert [link for link in page.all("a") if link.get("class") == "door"] == []
    assert not any(form.get("role") == "search" for form in page.all("form"))


def test_display_choices_work_without_a_script(client: Client) -> None:
    choices = {"theme": "dark", "contrast": "high", "text": "150", "retour": "/mentions-legales/"}
    response = client.post(reverse("web:display"), choices)
    assert response.status_code == 302 and response["Location"] == "/mentions-legales/"
    assert response.cookies[COOKIE].value == "dark.high.150" and response.cookies[COOKIE]["httponly"]
    html = read(client.get("/").content).all("html")[0]
    assert (html["data-theme"], html["data-contrast"], html["data-text"]) == ("dark", "high", "150")


@pytest.mark.parametrize("cookie", ["", "x", "dark", "dark.high.999.1", '"><script>.a.b', "é"])
def test_a_broken_display_cookie_is_the_default(client: Client, cookie: str) -> None:
    client.cookies[COOKIE] = cookie
    html = read(client.get("/").content).all("html")[0]
    assert not {"data-theme", "data-contrast", "data-text"} & set(html)


@pytest.mark.parametrize("address", ["https://ailleurs.example/", "//ailleurs.example", "javascript:alert(1)"])
def test_display_never_leads_to_another_site(client: Client, address: str) -> None:
    response = client.post(
        reverse("web:display"), {"theme": "dark", "contrast": "auto", "text": "100", "retour": address}
    )
    assert response["Location"] == "/"


def test_an_unknown_display_choice_is_explained(client: Client) -> None:
    response = client.post(reverse("web:display"), {"theme": "mauve", "contrast": "auto", "text": "100"})
    assert response.status_code == 422
    page = read(response.content)
    assert any(one.get("class") == "error-summary" for one in page.all("div"))


def test_legal_pages_say_what_the_operator_has_not_filled(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.OPERATOR_NAME = ""  # type: ignore[attr-defined]
    assert "MAILLAGE_OPERATOR_NAME" in client.get(reverse("web:legal")).content.decode()
    settings.OPERATOR_NAME = "Ville d’Essai & Cie"  # type: ignore[attr-defined]
    text = client.get(reverse("web:legal")).content.decode()
    assert "Ville d’Essai &amp; Cie" in text and "MAILLAGE_OPERATOR_NAME" not in text


def test_the_register_shows_every_processing_that_a_room_declares(client: Client) -> None:
    text = client.get(reverse("web:privacy_register")).content.decode()
    declared = [processing for manifest in rooms() for processing in manifest.processings]
    assert declared
    titles = len(re.findall(r'<section class="stack-small panel">', text))
    assert titles == len(declared)


@pytest.mark.parametrize("address", EVERYWHERE)
def test_the_content_policy_allows_nobody_else(client: Client, address: str) -> None:
    response = client.get(address)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    addresses = re.findall(r'(?:src|href)="(https?://[^"]+)"', response.content.decode())
    page = read(response.content)
    loaded = [a.get("src", "") for tag in ("script", "img") for a in page.all(tag)]
    loaded += [a["href"] for a in page.all("link") if a.get("rel") not in {"canonical", "alternate"}]
    assert all(one.startswith("/") for one in loaded), addresses


def test_robots_and_manifest(client: Client) -> None:
    assert b"Disallow: /api/" in client.get("/robots.txt").content
    manifest = client.get("/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert {icon["type"] for icon in manifest.json()["icons"]} == {"image/svg+xml", "image/png"}


def test_every_word_of_the_glossary_has_its_anchor(client: Client) -> None:
    from maillage.core.web import glossary

    ids = set(read(client.get(reverse("web:words")).content).ids())
    assert {word.code for word in glossary.entries() if word.definitions} <= ids


def test_the_cookies_named_are_those_that_there_are(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = client.get(reverse("web:legal")).content.decode()
    assert all(f"«\xa0{name}\xa0»" in page for name in ("affichage", "csrftoken", "sessionid", "messages"))
    assert "maillage_position" not in page
    monkeypatch.setattr("maillage.core.web.views._reads_copy", lambda: True)
    assert "«\xa0maillage_position\xa0»" in client.get(reverse("web:legal")).content.decode()
