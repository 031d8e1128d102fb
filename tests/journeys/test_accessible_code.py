"""What the criteria of accessibility ask of each page's code and of its look, measured on the pages as they are drawn.

Each test is named in core/web/accessibility_grid.yaml as the means of a criterion; a page that links lead to is in it by itself.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.journeys import axe
from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.crawl import asked_of_each_page
from tests.journeys.site import Site
from tests.journeys.test_propose_and_decide import some_entry
from tests.journeys.test_structure import faults_in
from tests.journeys.watch import Watch

# {} is the number of an entry, known once the site is there.
MAIN = ("/", "/atlas/?q=pimms", "/atlas/carte/", "/atlas/fiche/{}/", "/atlas/proposer/", "/atlas/fiche/{}/corriger/")
READ = """() => {
    const seen = (one) => one.checkVisibility();
    const short = (one) => one.outerHTML.slice(0, 140);
    const all = (selector) => [...document.querySelectorAll(selector)];
    const box = (one) => one.getBoundingClientRect();
    const words = (one) => one.innerText.trim().replace(/\\s+/g, " ");
    const canFocus = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const gap = (field) => {
        const label = field.labels[0], b = box(field);
        if (label.contains(field)) return 0;
        const far = (a) => Math.max(0, b.top - a.bottom, a.top - b.bottom, b.left - a.right, a.left - b.right);
        const help = (field.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id));
        return far(box(label)) - help.filter(Boolean).reduce((sum, one) => sum + box(one).height, 0);
    };
    const between = (one, next) => {
        let text = "";
        for (let node = one.nextSibling; node && node !== next; node = node.nextSibling) text += node.textContent;
        return text.trim();
    };
    const run = (parent) => {
        const links = [...parent.children].filter((one) => one.matches("a[href]") && seen(one));
        return links.filter((one, place) => place && between(links[place - 1], one) === "").length;
    };
    const textNodes = () => {
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
        while (walk.nextNode()) {
            const holder = walk.currentNode.parentElement;
            if (walk.currentNode.textContent.trim() && seen(holder) && !holder.closest("script, style, code, textarea")) {
                const direction = getComputedStyle(holder).direction;
                found.push([walk.currentNode.textContent.trim(), holder.closest("[lang]").lang, direction]);
            }
        }
        return found;
    };
    return {
        complexTables: all("table:has(th:is([colspan]:not([colspan='1']), [rowspan]:not([rowspan='1'])))").map(short),
        looseCells: all("table").flatMap((table) => [...table.querySelectorAll("td")]
            .filter((cell) => !cell.closest("tr").querySelector("th[scope=row]") && !table.querySelector("thead th[scope=col]")))
            .map(short),
        unscopedHeads: all("th:not([scope])").map(short),
        untitledTables: all("table:not(:has(> caption))").map(short),
        linkRuns: all("p, div, section, aside").filter((one) => run(one) >= 2).map(short),
        hiddenFocus: all(`[aria-hidden=true] :is(${canFocus}), [aria-hidden=true]:is(${canFocus})`).map(short),
        looseChoices: all("input[type=radio], input[type=checkbox]")
            .filter((one) => all(`input[name="${CSS.escape(one.name)}"]`).length > 1)
            .filter((one) => !one.closest("fieldset:has(> legend)")).map(short),
        longLists: all("select:not(:has(optgroup))").filter((one) => one.options.length > 20).map(short),
        farLabels: all("input:not([type=hidden]), select, textarea")
            .filter((one) => seen(one) && one.labels?.length && gap(one) > 64)
            .map((one) => `${one.name} ${gap(one)}`),
        captions: all("figure, figcaption").map(short),
        tips: all("[title]:not(iframe, abbr, .map-button)").map(short),
        quotes: all("blockquote, q").map(words),
        text: textNodes(),
    };
}"""


@pytest.fixture(scope="module")
def read(site: Site, browser: Browser) -> dict[str, dict[str, Any]]:
    """What each page that links lead to says of itself, on a desk."""
    return asked_of_each_page(browser, site.address, READ)


def test_data_tables_are_plain_and_each_cell_has_its_heads(read: dict[str, dict[str, Any]]) -> None:
    for what in ("complexTables", "looseCells", "unscopedHeads", "untitledTables"):
        assert faults_in(read, what) == [], what


def test_what_is_a_list_is_said_to_be_one(read: dict[str, dict[str, Any]]) -> None:
    """Three links or more, one after the other with no word between, are a list."""
    assert faults_in(read, "linkRuns") == []


def test_what_is_hidden_from_reading_tools_cannot_take_the_focus(read: dict[str, dict[str, Any]]) -> None:
    assert faults_in(read, "hiddenFocus") == []


def test_choices_of_one_kind_are_grouped(read: dict[str, dict[str, Any]]) -> None:
    assert faults_in(read, "looseChoices") == []
    assert faults_in(read, "longLists") == []


def test_no_picture_has_a_caption_and_nothing_waits_under_the_pointer(read: dict[str, dict[str, Any]]) -> None:
    assert faults_in(read, "captions") == []
    assert faults_in(read, "tips") == []


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_each_label_stands_beside_its_field(make_page: MakePage, width: int) -> None:
    page = make_page(width)
    for path in (
        *MAIN,
        "/atlas/fiche/{}/signaler/wrong/",
        "/atlas/suivi/",
        "/connexion/",
        "/territoires/",
        "/affichage/",
    ):
        page.goto(path.format(some_entry(0)))
        for fold in page.locator("main details:not([open]) > summary").all():
            if fold.is_visible():
                fold.click()
        assert page.evaluate(READ)["farLabels"] == [], path


def test_a_field_asked_for_on_several_pages_keeps_its_label(make_page: MakePage) -> None:
    page = make_page(DESK)
    seen: dict[str, set[str]] = {}
    for path in ("/", "/atlas/", "/atlas/carte/", "/atlas/fiche/{}/corriger/", "/atlas/fiche/{}/signaler/closed/"):
        page.goto(path.format(some_entry(0)))
        for name in ("q", "lieu", "answer_phone", "answer_email", "phone"):
            label = page.locator(f"main [name={name}]").first
            if label.count():
                words: str = label.evaluate("one => one.labels[0].innerText")
                seen.setdefault(name, set()).add(words.replace("(facultatif)", "").strip())
    asked = {"q": 1, "lieu": 1, "answer_phone": 1, "answer_email": 1, "phone": 1}
    assert {name: len(labels) for name, labels in seen.items()} == asked


ARABIC = re.compile(r"[\u0600-\u06ff]{2}")
# What is the same in every language: names of sites, numbers, signs, internet addresses.
NAMES = re.compile(r"^[\W\d_]*(Maillage|WhatsApp|Telegram|Facebook|OpenStreetMap)?[\W\d_]*$|^[\w.-]+\.[a-z]{2,}$")


def test_a_change_of_language_or_direction_is_said_in_the_code(make_page: MakePage) -> None:
    """Arabic stands in an element of Arabic that reads from right to left; on Arabic pages French words are said French."""
    page = make_page(DESK, language="ar")
    faults = []
    for path in (
        "/",
        "/ar/",
        "/ar/atlas/",
        "/ar/atlas/fiche/{}/",
        "/en/",
        "/en/atlas/fiche/{}/",
        "/ar/mots/",
        "/ar/territoires/",
        "/ar/mentions-legales/",
    ):
        page.goto(path.format(some_entry(0)))
        for text, language, direction in page.evaluate(READ)["text"]:
            is_arabic = bool(ARABIC.search(text))
            if is_arabic and (language, direction) != ("ar", "rtl"):
                faults.append(f"{path}: {text[:60]} is said {language} {direction}")
            if not is_arabic and language == "ar" and not NAMES.match(text) and re.search(r"[A-Za-zÀ-ÿ]{4}", text):
                faults.append(f"{path}: {text[:60]} is said {language}")
    assert faults == []


SCHEMES = (
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "light", "contrast": "more"},
    {"color_scheme": "dark", "contrast": "more"},
)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda one: "-".join(one.values()))
def test_contrast_is_enough_in_every_theme(make_page: MakePage, scheme: dict[str, str]) -> None:
    """Computed on the pages as they are drawn; the fields' borders, which axe does not look at, are computed here."""
    page = make_page(DESK, axe=True, **scheme)
    for path in MAIN:
        page.goto(path.format(some_entry(0)))
        page.wait_for_load_state("networkidle")
        assert axe.violations(page, rules=("color-contrast",)) == [], path
        assert page.evaluate(BORDERS) == [], path


BORDERS = """() => {
    const light = (color) => {
        const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((one) => one / 255)
            .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const ground = (one) => {
        const color = getComputedStyle(one).backgroundColor;
        return /, 0\\)$/.test(color) ? (one.parentElement ? ground(one.parentElement) : "rgb(255, 255, 255)") : color;
    };
    return [...document.querySelectorAll("main :is(input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea)")]
        .filter((one) => one.checkVisibility())
        .filter((one) => ratio(light(getComputedStyle(one).borderTopColor), light(ground(one.parentElement))) < 3)
        .map((one) => one.outerHTML.slice(0, 100));
}"""


def without_styles(context: BrowserContext) -> None:
    """Style sheets do not arrive; the rest does."""

    def refuse(route: Route) -> None:
        route.abort()

    context.route(re.compile(r"\.css(\?|$)"), refuse)


def test_without_style_sheets_the_page_says_the_same_in_the_same_order(make_page: MakePage, watch: Watch) -> None:
    watch.allowed.append("net::ERR_FAILED")  # the style sheets that we refuse
    whole, bare = make_page(DESK, javascript=False), make_page(DESK, javascript=False)
    without_styles(bare.context)
    for path in ("/", "/atlas/?q=pimms", "/atlas/fiche/{}/", "/atlas/proposer/", "/territoires/commune/69259/"):
        whole.goto(path.format(some_entry(0)))
        bare.goto(path.format(some_entry(0)))
        left = iter(text_of(bare))
        assert [one for one in text_of(whole) if one not in left] == [], path


def text_of(page: Page) -> list[str]:
    """The texts that a sighted person reads, in the order of the page."""
    return [" ".join(text.split()) for text, _, _ in page.evaluate(READ)["text"]]


def test_reading_order_is_that_of_the_page(make_page: MakePage) -> None:
    """What Chromium gives to reading tools, on the six main pages: each title and field named, in the order that one sees."""
    page = make_page(PHONE)
    for path in MAIN:
        page.goto(path.format(some_entry(0)))
        page.wait_for_load_state("networkidle")
        snapshot = page.locator("main").aria_snapshot()
        told = re.findall(r'- heading "(.+?)" \[level', snapshot)
        drawn = page.evaluate(
            """() => [...document.querySelectorAll("main :is(h1, h2, h3)")].filter((one) => one.checkVisibility())
                .map((one) => [one.getBoundingClientRect().top, one.innerText.trim().replace(/\\s+/g, " ")])"""
        )
        tops = [top for top, _ in drawn]
        assert tops == sorted(tops), path
        assert [words.replace('\\"', '"') for words in told] == [words for _, words in drawn], path
        assert not re.search(
            r"- (textbox|searchbox|combobox|button|link|checkbox|radio)( \[|:|$)", snapshot, flags=re.M
        ), path


def test_arrows_over_a_phone_s_map_are_put_away_by_escape(make_page: MakePage) -> None:
    page = make_page(PHONE)
    page.goto("/atlas/carte/")
    page.locator(".map-controls button").first.focus()
    arrows = page.locator(".map-pan")
    assert arrows.is_visible()
    page.keyboard.press("Escape")
    assert not arrows.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.map-controls') !== null")
    page.locator("h1").evaluate("one => { one.tabIndex = -1; one.focus(); }")
    page.locator(".map-controls button").first.focus()
    assert arrows.is_visible()
