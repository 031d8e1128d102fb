"""Tables of the observatory; each part has its file, named here so that Django finds them all."""

from maillage.rooms.observatory.models_indicators import Indicator, IndicatorLoad, IndicatorValue
from maillage.rooms.observatory.models_reliefs import Coverage, CoverageState, ReliefRule, ReliefRuleChange

__all__ = [
    "Coverage",
    "CoverageState",
    "Indicator",
    "IndicatorLoad",
    "IndicatorValue",
    "ReliefRule",
    "ReliefRuleChange",
]
