"""Tables of the observatory; each part has its file, named here so that Django finds them all."""

from maillage.rooms.observatory.models_indicators import (
    CellSet,
    Indicator,
    IndicatorLoad,
    IndicatorUpload,
    IndicatorValue,
)
from maillage.rooms.observatory.models_maps import ComposedMap, ComposedMapFlag, ComposedMapVersion
from maillage.rooms.observatory.models_participation import ParticipationDeclaration, ParticipationTally
from maillage.rooms.observatory.models_reliefs import Coverage, CoverageState, ReliefRule, ReliefRuleChange

__all__ = [
    "CellSet",
    "ComposedMap",
    "ComposedMapFlag",
    "ComposedMapVersion",
    "Coverage",
    "CoverageState",
    "Indicator",
    "IndicatorLoad",
    "IndicatorUpload",
    "IndicatorValue",
    "ParticipationDeclaration",
    "ParticipationTally",
    "ReliefRule",
    "ReliefRuleChange",
]
