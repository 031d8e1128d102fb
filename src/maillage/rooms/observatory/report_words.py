"""The report is in French whatever the reader's language: its sentences are not translated, its plurals are French ones."""

from __future__ import annotations


def plural(one: str, many: str, count: int) -> str:
    """The form that French takes for a count: 0 and 1 are singular."""
    return one if abs(count) < 2 else many
