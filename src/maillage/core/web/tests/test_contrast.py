"""Every pair of colours in use, in every theme, read from the one file that chooses them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[1] / "frontend" / "css" / "tokens.css"
THEMES = {
    "light": ":root",
    "dark": ':root[data-theme="dark"]',
    "high contrast": ':root[data-contrast="high"]',
    "high contrast, dark": ':root[data-contrast="high"][data-theme="dark"]',
}
DEVICE_THEMES = {':root:not([data-theme="light"])': "dark", ':root:not([data-contrast="normal"])': "high contrast"}
GROUNDS = ("paper", "card")
TINTS = ("brick-tint", "moss-tint", "sky-tint", "saffron-tint", "plum-tint")
ACCENTS = ("brick", "moss", "sky", "plum")


def _blocks() -> list[tuple[str, dict[str, str]]]:
    text = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.S)
    found = re.findall(r"(:root[^{]*)\{([^{}]*)\}", text)
    return [(selector.strip(), dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6});", body))) for selector, body in found]


def _theme(name: str) -> dict[str, str]:
    return next(colours for selector, colours in _blocks() if selector == THEMES[name])


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2 between two colours written #RRGGBB."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _too_close(theme: str, pairs: list[tuple[str, str]], least: float) -> list[str]:
    colours = _theme(theme)
    ratios = [(front, back, contrast(colours[front], colours[back])) for front, back in pairs]
    return [f"{front} on {back}: {ratio:.2f}" for front, back, ratio in ratios if ratio < least]


def test_the_ratio_is_that_of_the_norm() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_body_text_reaches_aaa(theme: str) -> None:
    pairs = [("ink", ground) for ground in (*GROUNDS, *TINTS, "map-ground")]
    pairs += [("ink-soft", ground) for ground in (*GROUNDS, "map-ground")]
    assert _too_close(theme, pairs, 7) == []


@pytest.mark.parametrize("theme", THEMES)
def test_other_pairs_reach_aa(theme: str) -> None:
    pairs = [(accent, ground) for accent in ACCENTS for ground in GROUNDS]
    pairs += [(accent, f"{accent}-tint") for accent in ACCENTS]
    pairs += [(f"on-{accent}", accent) for accent in (*ACCENTS, "saffron")]
    pairs += [("on-brick", "brick-strong"), ("map-hatch", "map-ground"), ("ink-soft", "saffron-tint")]
    assert _too_close(theme, pairs, 4.5) == []


@pytest.mark.parametrize("theme", THEMES)
def test_outlines_reach_three_to_one(theme: str) -> None:
    pairs = [(outline, ground) for outline in ("field-border", "focus", "brick") for ground in GROUNDS]
    pairs += [("map-line", "map-ground"), ("brick", "map-ground"), ("moss", "map-ground"), ("focus", "halo")]
    if theme in {"dark", "high contrast, dark"}:
        pairs.remove(("focus", "halo"))  # the halo itself stands out of the dark page there
        pairs += [("halo", ground) for ground in GROUNDS]
    assert _too_close(theme, pairs, 3) == []


def test_the_choice_of_the_device_gives_the_same_colours_as_ours() -> None:
    by_selector = dict(_blocks())
    for selector, theme in DEVICE_THEMES.items():
        assert by_selector[selector] == _theme(theme)


def test_each_theme_chooses_every_colour() -> None:
    names = set(_theme("light"))
    assert {theme: names - set(_theme(theme)) for theme in THEMES} == {theme: set() for theme in THEMES}
