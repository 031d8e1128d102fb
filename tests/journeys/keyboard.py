"""Using a page by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page


def focused(page: Page) -> str:
    """What a screen reader would say of the element that has the focus: its role or name, and its text."""
    script = """() => {
        const one = document.activeElement;
        if (!one || one === document.body) return "";
        const text = one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.innerText || one.title || one.name || "";
        return `${one.tagName.toLowerCase()} ${text.trim().replace(/\\s+/g, " ")}`;
    }"""
    found: str = page.evaluate(script)
    return found


def tab_until(page: Page, wanted: str | Callable[[str], bool], *, limit: int = 120, key: str = "Tab") -> str:
    """Presses Tab until the focus is on what is wanted (a part of what `focused` says); fails after `limit`."""
    is_wanted = wanted if callable(wanted) else lambda said: wanted in said
    seen = []
    for _ in range(limit):
        page.keyboard.press(key)
        said = focused(page)
        seen.append(said)
        if is_wanted(said):
            assert has_visible_focus(page), f"the focus on {said!r} cannot be seen"
            return said
    raise AssertionError(f"{wanted!r} was not reached by {limit} times {key}; seen: {seen[-15:]}")


def has_visible_focus(page: Page) -> bool:
    """Whether the focused element, or what stands around it, shows an outline or a shadow."""
    script = """() => {
        for (let one = document.activeElement, depth = 0; one && depth < 3; one = one.parentElement, depth++) {
            const style = getComputedStyle(one);
            if ((style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none") return true;
        }
        return false;
    }"""
    return bool(page.evaluate(script))
