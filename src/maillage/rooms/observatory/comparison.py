"""Several profiles in one table: a line for each indicator; figures of different years or methods are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maillage.rooms.observatory.profile import Profile, ProfileFigure, topic_label


@dataclass(frozen=True)
class ComparedLine:
    """One indicator in each territory, None where it is not known; `is_mixed` when years or methods differ."""

    code: str
    label: str
    topic: str
    cells: tuple[ProfileFigure | None, ...]
    is_mixed: bool


def compared(profiles: Sequence[Profile]) -> list[ComparedLine]:
    """Lines in the order of the first profile, then what only the others have."""
    words = {one.code: one for profile in reversed(profiles) for one in reversed(profile.figures)}
    codes = list(dict.fromkeys(one.code for profile in profiles for one in profile.figures))
    figures = [{one.code: one for one in profile.figures} for profile in profiles]
    lines = []
    for code in codes:
        cells = tuple(found.get(code) for found in figures)
        told = {(one.vintage, one.method) for one in cells if one is not None}
        lines.append(ComparedLine(code, words[code].label, topic_label(words[code].topic), cells, len(told) > 1))
    return lines
