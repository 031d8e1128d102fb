"""Tables of the observatory; each part has its file, named here so that Django finds them all."""

from maillage.rooms.observatory.models_indicators import Indicator, IndicatorLoad, IndicatorValue
from maillage.rooms.observatory.models_participation import ParticipationDeclaration, ParticipationTally

__all__ = ["Indicator", "IndicatorLoad", "IndicatorValue", "ParticipationDeclaration", "ParticipationTally"]
