"""What a report is made of, as plain values: the page and the PDF are drawn from the same blocks, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Align = Literal["left", "right"]


@dataclass(frozen=True)
class Heading:
    """A title of level 2 or 3."""

    text: str
    level: int = 2
    kind: str = "heading"


@dataclass(frozen=True)
class Text:
    """A paragraph; `is_small` for notes and sources, `is_strong` for what must be read first."""

    text: str
    is_small: bool = False
    is_strong: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: Sequence[str]
    kind: str = "bullets"


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows; `numbers` are the columns of figures, `widths` are shares for the PDF."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    widths: Sequence[float] = ()
    kind: str = "table"

    @property
    def cells(self) -> list[list[tuple[str, bool]]]:
        """Each row as texts with whether they are figures."""
        return [[(text, place in self.numbers) for place, text in enumerate(row)] for row in self.rows]


@dataclass(frozen=True)
class Drawing:
    """A picture with the words for those who do not see it, and its legend."""

    name: str
    svg: str
    alt: str
    caption: str
    legend: Sequence[tuple[str, str]] = ()
    kind: str = "drawing"


Block = Heading | Text | Bullets | Table | Drawing


@dataclass(frozen=True)
class Report:
    """A whole report. `version` is a digest of what it was made from; `newest_year` the newest year of its figures."""

    kind: str
    code: str
    name: str
    kind_label: str
    where: str
    version: str
    newest_year: int
    sentences: Sequence[str]
    address: str
    blocks: Sequence[Block] = field(default_factory=list)

    @property
    def drawings(self) -> list[Drawing]:
        """The pictures, in order."""
        return [one for one in self.blocks if isinstance(one, Drawing)]


def data_of(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """The blocks as the template of the PDF reads them."""
    return [_data(one) for one in blocks]


def _data(block: Block) -> dict[str, Any]:
    if isinstance(block, Table):
        share = list(block.widths) or [2.0] + [1.0] * (len(block.head) - 1)
        return {"kind": "table", "caption": block.caption, "head": list(block.head), "widths": share,
                "rows": [list(row) for row in block.rows], "numbers": sorted(block.numbers)}  # fmt: skip
    if isinstance(block, Drawing):
        legend = [
            {"file": f"{block.name}-{place}.svg", "text": text} for place, (_svg, text) in enumerate(block.legend)
        ]
        return {
            "kind": "drawing",
            "file": f"{block.name}.svg",
            "alt": block.alt,
            "caption": block.caption,
            "legend": legend,
        }
    if isinstance(block, Bullets):
        return {"kind": "bullets", "items": list(block.items)}
    if isinstance(block, Heading):
        return {"kind": "heading", "text": block.text, "level": block.level}
    return {"kind": "text", "text": block.text, "small": block.is_small, "strong": block.is_strong}


def pictures_of(blocks: Iterable[Block]) -> dict[str, str]:
    """The SVG files that the template of the PDF reads."""
    made: dict[str, str] = {}
    for one in blocks:
        if isinstance(one, Drawing):
            made[f"{one.name}.svg"] = one.svg
            made |= {f"{one.name}-{place}.svg": svg for place, (svg, _text) in enumerate(one.legend)}
    return made
