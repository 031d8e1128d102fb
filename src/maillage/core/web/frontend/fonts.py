"""Fonts of the build: slim woff2 files for the pages, and TTF files for printed documents (Typst reads no woff2).

Run after `npm run build`, which puts the original files there first: `python -m maillage.core.web.frontend.fonts`.
Only weights 400 to 700 of the Latin font are kept, and the shaping features that our languages use; a few signs that no
text of ours holds are left to the fonts of the device: with their spacing they weigh 2 kB of a list page of 60.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from fontTools.merge import Merger  # type: ignore[import-untyped]
from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.varLib.instancer import instantiateVariableFont  # type: ignore[import-untyped]

BUILD: Final = Path(__file__).resolve().parent.parent / "static" / "web" / "build"
WEB: Final = BUILD / "fonts"
PRINT: Final = BUILD / "fonts-ttf"
LATIN: Final = "Atkinson Hyperlegible Next"
ARABIC: Final = "Noto Sans Arabic"
WEIGHTS: Final = {400: "Regular", 700: "Bold"}
RARE: Final = frozenset(map(ord, "¤¦¨¬¯´¸¶¥¢ª¼¾µ±÷¹ˆ˚˜⁄∕"))
FEATURES: Final = ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]


def _woff2(font: TTFont, path: Path) -> None:
    font.flavor = "woff2"
    font.save(path)


def slim_latin() -> None:
    """Narrows the variable font to the weights in use and drops what no page asks for."""
    for name in ("atkinson-latin", "atkinson-latin-ext"):
        path = WEB / f"{name}.woff2"
        font = TTFont(path)
        if "fvar" not in font:
            raise SystemExit(f"{path.name} is no variable font: run `npm run build` first")
        options = Options(layout_features=FEATURES, hinting=False, desubroutinize=True, notdef_outline=True)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=set(font.getBestCmap()) - RARE)
        subsetter.subset(font)
        instantiateVariableFont(font, {"wght": (400, 400, 700)}, inplace=True)
        _woff2(font, path)


def _rename(font: TTFont, family: str, style: str) -> None:
    names = {
        1: family,
        2: style,
        4: f"{family} {style}",
        6: f"{family}-{style}".replace(" ", ""),
        16: family,
        17: style,
    }
    for identifier in (1, 2, 3, 4, 6, 16, 17, 21, 22, 25):
        font["name"].removeNames(nameID=identifier)
    for identifier, text in names.items():
        font["name"].setName(text, identifier, 3, 1, 0x409)


def _weigh(font: TTFont, weight: int) -> None:
    font["OS/2"].usWeightClass = weight
    bold = weight >= 700
    font["OS/2"].fsSelection = 0x20 if bold else 0x40
    font["head"].macStyle = 1 if bold else 0


def print_latin(weight: int, style: str) -> None:
    """One static TTF of one weight: the Latin and extended files of the variable font put together again."""
    parts = []
    for name in ("atkinson-latin", "atkinson-latin-ext"):
        font = TTFont(WEB / f"{name}.woff2")
        static = instantiateVariableFont(font, {"wght": weight})
        static.flavor = None
        part = PRINT / f".{name}-{weight}.ttf"
        static.save(part)
        parts.append(part)
    merged = Merger().merge([str(part) for part in parts])
    for part in parts:
        part.unlink()
    _rename(merged, LATIN, style)
    _weigh(merged, weight)
    merged.save(PRINT / f"AtkinsonHyperlegibleNext-{style}.ttf")


def print_arabic(weight: int, style: str) -> None:
    """One static TTF of the Arabic font."""
    font = TTFont(WEB / f"noto-arabic-{weight}.woff2")
    font.flavor = None
    _rename(font, ARABIC, style)
    _weigh(font, weight)
    font.save(PRINT / f"NotoSansArabic-{style}.ttf")


def _are_made() -> bool:
    """Whether these fonts were slimmed already: printed ones are made from the whole fonts only."""
    return any(PRINT.glob("*.ttf")) and not RARE & set(TTFont(WEB / "atkinson-latin.woff2").getBestCmap())


def main() -> None:
    """Makes every font file; running it twice gives the same files."""
    if _are_made():
        sys.stdout.write("Fonts: already made\n")
        return
    PRINT.mkdir(parents=True, exist_ok=True)
    for weight, style in WEIGHTS.items():
        print_latin(weight, style)
        print_arabic(weight, style)
    slim_latin()
    sizes = ", ".join(f"{path.name} {path.stat().st_size / 1000:.0f} kB" for path in sorted(WEB.glob("*.woff2")))
    sys.stdout.write(f"Fonts: {sizes}; {len(list(PRINT.glob('*.ttf')))} TTF files for printed documents\n")


if __name__ == "__main__":
    main()
