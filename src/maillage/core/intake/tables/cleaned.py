"""What cleaning gives back: the value fit for use, and in the user's words what was changed or why it is of no use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cleaned:
    """A cell after cleaning.

    `value` is "" when there is nothing usable; `word` tells what was done to it; `fault` tells why it is of no use, and
    `rest` is what the cell said beside (a second telephone number, the text that is no number): it is kept elsewhere.
    """

    value: str = ""
    word: str = ""
    fault: str = ""
    rest: str = ""
