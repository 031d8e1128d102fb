"""What our style sheets and scripts may and may not do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from maillage.core.web.tests.sources import FRONTEND, PACKAGE, REPOSITORY, rules, scripts, styles, templates

# The card carries the ring of its link; titles and the content take the focus only from scripts and skip links.
RING_ELSEWHERE = {".card-link:focus-visible", "h1:focus, h2:focus, main:focus"}
# Each of these looks like a control or a block, and underlines something inside or on hover.
NOT_UNDERLINED = {
    ".site-name",
    ".header-link",
    ".button",
    ".chip",
    ".door",
    ".relief-tabs a",
    '.site-footer a[aria-current="true"]',
}
# MapLibre places these by transforms counted from the left; the cross marks the middle.
PHYSICAL = {".maplibregl-canvas", ".maplibregl-marker", ".map-cross"}


def _all_rules() -> list[tuple[str, str]]:
    return [rule for style in styles().values() for rule in rules(style)]


def test_focus_is_never_removed_without_another_ring() -> None:
    removed = {selector for selector, body in _all_rules() if re.search(r"outline:\s*(none|0)\b", body)}
    assert removed == RING_ELSEWHERE
    ring = next(body for selector, body in _all_rules() if selector == ":focus-visible")
    assert "outline: 3px solid var(--focus)" in ring and "var(--halo)" in ring
    assert any(selector == ".card:has(.card-link:focus-visible)" for selector, _body in _all_rules())


def test_links_in_text_stay_underlined() -> None:
    bare = {selector for selector, body in _all_rules() if re.search(r"text-decoration:\s*none", body)}
    assert bare - NOT_UNDERLINED == set()


def test_nothing_moves_by_itself() -> None:
    moving = {
        name
        for name, style in styles().items()
        if "@keyframes" in style or re.search(r"animation(-name)?:(?!\s*none)", style)
    }
    assert moving == set()
    assert "prefers-reduced-motion: reduce" in styles()["motion.css"]


def test_scripts_use_no_motion_sensor() -> None:
    sensors = r"devicemotion|deviceorientation|Accelerometer|Gyroscope"
    assert [name for name, text in scripts().items() if re.search(sensors, text)] == []


def test_only_logical_sides() -> None:
    start, side = r"(?:^|[\s;])", r"(?:left|right)"
    sides = rf"{start}(?:margin|padding|border)-{side}\b|{start}{side}:|(?:text-align|float):\s*{side}"
    faults = {selector for selector, body in _all_rules() if re.search(sides, body)}
    assert faults - PHYSICAL == set()


def test_one_file_imports_the_map_library() -> None:
    assert [name for name, text in scripts().items() if "maplibre-gl" in text] == ["map-element.js"]


def test_scripts_build_no_markup_from_text() -> None:
    dangerous = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert [name for name, text in scripts().items() if re.search(dangerous, text)] == []


def test_no_address_of_another_site_in_styles_and_scripts() -> None:
    texts = {**styles(), **scripts()}
    found = {name: re.findall(r"https?://[^\s\"')]+", text) for name, text in texts.items()}
    assert {address for all_ in found.values() for address in all_} <= {"http://www.w3.org/2000/svg"}


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((REPOSITORY / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    assert [name for name, entry in lock["packages"].items() if name and "integrity" not in entry] == []


def test_versions_are_pinned() -> None:
    package = json.loads((REPOSITORY / "package.json").read_text(encoding="utf-8"))
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert {name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == set()


def test_every_icon_of_the_map_is_named_once() -> None:
    names = json.loads((FRONTEND / "map-icons.json").read_text(encoding="utf-8"))
    assert len(names) == len(set(names)) and "map-pin" in names


def _classes(sheets: Iterable[str]) -> set[str]:
    return set(re.findall(r"\.(-?[_a-zA-Z][\w-]*)", "".join(sheets)))


def test_no_template_leans_on_the_style_sheet_of_another_room() -> None:
    rooms = {
        folder.name: _classes(path.read_text() for path in folder.glob("static/**/*.css"))
        for folder in (PACKAGE / "rooms").iterdir()
    }
    core = _classes(styles().values())
    found = set()
    for path, template in templates().items():
        own = core | rooms.get(path.split("/")[1], set())
        bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", template)
        used = {name for names in re.findall(r'class="([^"]*)"', bare) for name in names.split()}
        found |= {(path, name) for name in used - own if any(name in one for one in rooms.values())}
    assert not found
