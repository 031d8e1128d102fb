"""What holds for every template of the platform, rooms included: several criteria of the accessibility grid stand on these."""

from __future__ import annotations

import re

from maillage.core.web.tests.sources import WEB, templates

FRAMES = {"web/base.html", "web/bare.html"}
# A file that people keep and open without the site, its style inside.
FILES = {"rooms/observatory/templates/observatory/report/standalone.html"}
WHOLE_PAGES = {"core/web/templates/web/base.html", "core/web/templates/web/bare.html", "core/web/templates/500.html"}
WHOLE_PAGES |= FILES


def _holding(pattern: str) -> dict[str, list[str]]:
    found = {name: re.findall(pattern, text, flags=re.I) for name, text in templates().items()}
    return {name: hits for name, hits in found.items() if hits}


def _parent(text: str) -> str | None:
    match = re.search(r"\{% extends \"([^\"]+)\" %\}", text)
    return match[1] if match else None


def _frame_of(text: str, by_name: dict[str, str]) -> str | None:
    parent = _parent(text)
    while parent and parent not in FRAMES:
        parent = _parent(by_name[parent])
    return parent


def test_every_page_stands_on_the_base() -> None:
    by_name = {name.split("/templates/")[1]: text for name, text in templates().items()}
    assert {name for name, text in templates().items() if "<html" in text} == WHOLE_PAGES
    lost = [name for name, text in by_name.items() if _parent(text) and _frame_of(text, by_name) not in FRAMES]
    assert lost == []


def test_the_base_has_what_each_page_must_have() -> None:
    base = (WEB / "templates" / "web" / "base.html").read_text(encoding="utf-8")
    head = (WEB / "templates" / "web" / "head.html").read_text(encoding="utf-8")
    footer = (WEB / "templates" / "web" / "footer.html").read_text(encoding="utf-8")
    assert "<!doctype html>" in base and '<html lang="{{ frame.language }}" dir="{{ frame.direction }}"' in base
    assert "<title>" in head and '{% include "web/head.html" %}' in base
    assert 'href="#contenu"' in base and '<main id="contenu"' in base
    assert '{% include "web/header.html" %}' in base and '{% include "web/footer.html" %}' in base
    assert "web:site_map" in footer and "web:accessibility" in footer


def test_no_media_frame_or_captcha() -> None:
    assert _holding(r"<(?:iframe|frame|video|audio|object|embed)\b") == {}
    assert _holding("captcha") == {}


def test_tables_are_data_with_title_and_headers() -> None:
    faults = []
    for name, text in templates().items():
        for attributes, body in re.findall(r"<table([^>]*)>(.*?)</table>", text, flags=re.S):
            has_title = "<caption" in body or "aria-label" in attributes
            if not has_title or "<th scope=" not in body or re.search(r"<th(?! scope=)[\s>]", body):
                faults.append(name)
    assert faults == []


def test_no_presentational_markup() -> None:
    assert _holding(r"<(?:font|center|big|tt|strike|u|b|i|marquee|blink)[\s>]") == {}
    assert _holding(r"<[a-z][^>]*\s(?:style|bgcolor|align|valign)=") == {}


def test_the_content_policy_is_never_broken_by_a_template() -> None:
    assert _holding(r"<script(?![^>]*\bsrc=)[^>]*>") == {}
    assert set(_holding(r"<style[\s>]")) == FILES
    assert _holding(r"<[a-z][^>]*\son[a-z]+=") == {}
    assert _holding(r"\bhx-on\b|[\"']js:") == {}


def test_no_link_opens_a_window_unannounced() -> None:
    links = [link for text in templates().values() for link in re.findall(r"<a[^>]*\starget=.*?</a>", text, flags=re.S)]
    assert [link for link in links if "nouvel onglet" not in link] == []


def test_every_icon_is_in_the_sprite() -> None:
    listed = set((WEB / "frontend" / "icons.txt").read_text(encoding="utf-8").split())
    used = {
        icon
        for text in templates().values()
        for icon in re.findall(r"\{% icon \"([\w-]+)\"", text) + re.findall(r"\bicon=\"([\w-]+)\"", text)
    }
    assert used - listed == set()


def test_no_part_of_one_room_enters_another() -> None:
    strangers = []
    for name, text in templates().items():
        room = name.split("/")[1]
        taken = re.findall(r"\{% (?:include|extends) \"([\w-]+)/", text)
        strangers += [(name, other) for other in taken if other not in {room, "web"}]
    assert strangers == []
