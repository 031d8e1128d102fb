"""The conclusions of the study over the things of today, and the national panorama beside the local one."""

from __future__ import annotations

from maillage.core.errors import Missing
from maillage.rooms.observatory.queries_reliefs import rules_in_force, snapshot
from maillage.rooms.observatory.reliefs.compare import Comparison, compared
from maillage.rooms.observatory.reliefs.conclusions import ConclusionResult, all_conclusions, judged
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS
from maillage.rooms.observatory.reliefs.rules import groups_of

COMPARABLE = tuple(
    one.code
    for one in DIMENSIONS.values()
    if one.sort in {"facet", "group", "count"} and one.code not in {"scale", "reach", "in_qpv"}
)


def conclusions() -> list[ConclusionResult]:
    """Every conclusion, with its figures and its verdict by the rules in force."""
    taken, groups = snapshot(), groups_of(rules_in_force())
    return [judged(one, taken, groups) for one in all_conclusions()]


def side_by_side(dimension: str) -> Comparison:
    """The shares of each value in the national panorama and in the Lyon area; raises Missing."""
    if dimension not in COMPARABLE:
        raise Missing(f"dimension {dimension}")
    return compared(snapshot(), dimension, groups_of(rules_in_force()))
