"""The templates, styles and scripts that the tests of this folder read."""

from __future__ import annotations

import re
from pathlib import Path

WEB = Path(__file__).resolve().parents[1]
PACKAGE = WEB.parents[1]
REPOSITORY = PACKAGE.parents[1]
FRONTEND = WEB / "frontend"


def templates() -> dict[str, str]:
    """Every template of core and of the rooms, by its path, without its comments."""
    paths = sorted(PACKAGE.glob("*/*/templates/**/*.html"))
    return {str(path.relative_to(PACKAGE)): _without_comments(path.read_text(encoding="utf-8")) for path in paths}


def _without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", "", text, flags=re.S)


def styles() -> dict[str, str]:
    """Every style sheet we write, without its comments."""
    paths = sorted(FRONTEND.glob("**/*.css"))
    return {path.name: re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S) for path in paths}


def scripts() -> dict[str, str]:
    """Every script that browsers run, as we write it."""
    return {
        str(path.relative_to(FRONTEND)): path.read_text(encoding="utf-8") for path in sorted(FRONTEND.glob("**/*.js"))
    }


def rules(style: str) -> list[tuple[str, str]]:
    """The (selector, declarations) pairs of a style sheet, those inside media queries too."""
    found = re.findall(r"([^{};]+)\{([^{}]*)\}", style)
    return [(" ".join(selector.split()), body) for selector, body in found]
