"""The reader's choices of display, kept in one strictly necessary cookie that holds nothing about the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

COOKIE: Final = "affichage"
COOKIE_SECONDS: Final = 180 * 24 * 3600
THEMES: Final = ("auto", "light", "dark")
CONTRASTS: Final = ("auto", "normal", "high")
TEXT_SIZES: Final = ("100", "125", "150", "200")


@dataclass(frozen=True)
class Display:
    """Theme, contrast and text size; "auto" follows what the device asks for."""

    theme: str = "auto"
    contrast: str = "auto"
    text: str = "100"

    def cookie_value(self) -> str:
        """The three choices joined by dots, as `display_of` reads them."""
        return f"{self.theme}.{self.contrast}.{self.text}"


def chosen_display(theme: str, contrast: str, text: str) -> Display:
    """The choices, each replaced by its default where it is not one that we offer."""
    return Display(
        theme=theme if theme in THEMES else "auto",
        contrast=contrast if contrast in CONTRASTS else "auto",
        text=text if text in TEXT_SIZES else "100",
    )


def display_of(request: HttpRequest) -> Display:
    """What the request's cookie asks for."""
    return display_from(request.COOKIES.get(COOKIE, ""))


def display_from(cookie: str) -> Display:
    """What a cookie asks for; a broken one is the default, never an error."""
    parts = cookie.split(".")
    return chosen_display(*parts) if len(parts) == 3 else Display()
