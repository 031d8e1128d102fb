"""Ready reasons of the desk, read from reasons.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

SOURCE = Path(__file__).parent / "reasons.yaml"


@dataclass(frozen=True)
class Reason:
    """A reason with the words of the desk and those sent to the person, by language."""

    code: str
    decisions: tuple[str, ...]
    labels: Mapping[str, str]
    texts: Mapping[str, str]

    def label(self, language: str) -> str:
        """What the moderator picks."""
        return self.labels.get(language) or self.labels["fr"]

    def text(self, language: str) -> str:
        """What the person reads."""
        return self.texts.get(language) or self.texts["fr"]


@cache
def reasons() -> tuple[Reason, ...]:
    """All of them, in the order of the file; raises KeyError where one is incomplete."""
    rows = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return tuple(Reason(row["code"], tuple(row["for"]), row["label"], row["text"]) for row in rows)


def reasons_for(decision: str) -> list[Reason]:
    """Those offered for a decision."""
    return [reason for reason in reasons() if decision in reason.decisions]


def reason_text(code: str, language: str) -> str:
    """What the person reads for a code; "" for none."""
    return next((reason.text(language) for reason in reasons() if reason.code == code), "")
