"""The rules of classification: the default of rules.yaml, under what was changed in the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from maillage.core.web import glossary
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, GROUPS, known_values
from maillage.rooms.observatory.reliefs.snapshot import Groups

SOURCE = Path(__file__).parent / "rules.yaml"


@dataclass(frozen=True)
class Rule:
    """A value, the group it is in ("" for none), and the group it is in by default."""

    grouping: str
    value: str
    group: str
    default: str

    @property
    def is_changed(self) -> bool:
        """Whether somebody moved it."""
        return self.group != self.default


@cache
def defaults() -> Mapping[str, Mapping[str, str]]:
    """Grouping → value → group, as shipped; raises ValueError on a group or value that nobody knows."""
    read = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return {grouping: _checked(grouping, groups) for grouping, groups in read.items()}


def _checked(grouping: str, groups: Mapping[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    facet = DIMENSIONS[grouping].base
    for group, values in groups.items():
        if group not in GROUPS[grouping]:
            raise ValueError(f"{grouping}: no group is called {group}")
        for value in values:
            if value in found or not glossary.knows(facet, value):
                raise ValueError(f"{grouping}: {value} is unknown or in two groups")
            found[value] = group
    return found


def rules_with(changes: Iterable[tuple[str, str, str]]) -> dict[str, list[Rule]]:
    """Every rule, by grouping and in the order of the glossary; `changes` are (grouping, value, group)."""
    moved = {(grouping, value): group for grouping, value, group in changes}
    return {
        grouping: [_rule(grouping, value, moved) for value in known_values(DIMENSIONS[grouping].base)]
        for grouping in GROUPS
    }


def _rule(grouping: str, value: str, moved: Mapping[tuple[str, str], str]) -> Rule:
    default = defaults()[grouping].get(value, "")
    group = moved.get((grouping, value), default)
    return Rule(grouping, value, group if group in GROUPS[grouping] else "", default)


def groups_of(rules: Mapping[str, Iterable[Rule]]) -> Groups:
    """Grouping → value → group, for counting."""
    return {grouping: {one.value: one.group for one in lines if one.group} for grouping, lines in rules.items()}
