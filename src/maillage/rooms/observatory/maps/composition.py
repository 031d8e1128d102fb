"""What a composed map shows: read from an address, written back to one. Nothing here asks the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlencode

from maillage.rooms.observatory.maps.classes import DEFAULT_METHOD, METHODS
from maillage.rooms.observatory.maps.colours import DEFAULT_RAMP, LEAST_CLASSES, MOST_CLASSES, RAMPS

LOOKS = ("colours", "circles")
LOOK_WORDS = {"couleurs": "colours", "cercles": "circles"}
DEFAULT_CLASSES = 5
POPULATION, SURFACE = "habitants", "surface"
MOST_LAYERS = 12
LONGEST_CODE = 80


class Parameters(Protocol):
    """The part of Django's QueryDict that is read here."""

    def getlist(self, key: str) -> list[str]:
        """Values of a parameter, empty when absent."""


@dataclass(frozen=True, order=True)
class Series:
    """Figures that may stand on one map: one kind of territory, one generation, one year, one method. Never mixed."""

    kind: str
    generation: str
    vintage: int
    method: str

    @property
    def code(self) -> str:
        """How an address says it: commune::2021:published."""
        return f"{self.kind}:{self.generation}:{self.vintage}:{self.method}"


def series_from(text: str) -> Series | None:
    """The series that an address means; None for what is none."""
    parts = text[:LONGEST_CODE].split(":")
    if len(parts) != 4 or not parts[0] or not parts[2].isascii() or not parts[2].isdecimal() or len(parts[2]) > 4:
        return None
    return Series(parts[0], parts[1], int(parts[2]), parts[3])


@dataclass(frozen=True)
class Composition:
    """The question of a map. `faults` names the parameters that were not understood and were left out."""

    indicator: str = ""
    series: Series | None = None
    scope: str = ""
    look: str = ""
    per: str = ""
    method: str = DEFAULT_METHOD
    classes: int = DEFAULT_CLASSES
    ramp: str = DEFAULT_RAMP
    layers: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """Parameters of the address, in a steady order; what is the rule stays out."""
        look = next((word for word, code in LOOK_WORDS.items() if code == self.look), "")
        pairs = [
            ("indicateur", self.indicator),
            ("serie", self.series.code if self.series else ""),
            ("dans", self.scope),
            ("forme", look),
            ("par", self.per),
            ("classes", self.method if self.method != DEFAULT_METHOD else ""),
            ("nombre", str(self.classes) if self.classes != DEFAULT_CLASSES else ""),
            ("couleurs", self.ramp if self.ramp != DEFAULT_RAMP else ""),
        ]
        return [pair for pair in pairs if pair[1]] + [("couche", one) for one in self.layers]

    def query_string(self) -> str:
        """The address's query."""
        return urlencode(self.pairs())

    def with_(self, **changes: object) -> str:
        """The query of the same map with something changed."""
        return replace(self, **changes).query_string()  # type: ignore[arg-type]


def _last(asked: Parameters, name: str) -> str:
    values = asked.getlist(name)
    return values[-1].strip() if values else ""


def _number_of_classes(text: str, faults: list[str]) -> int:
    if not text:
        return DEFAULT_CLASSES
    if text.isascii() and text.isdecimal() and LEAST_CLASSES <= int(text[:4]) <= MOST_CLASSES:
        return int(text)
    faults.append("nombre")
    return DEFAULT_CLASSES


def composition_from(asked: Parameters) -> Composition:
    """The question that an address means; what cannot be understood is named in `faults` and replaced by the rule."""
    faults: list[str] = []

    def one_of(name: str, known: object, rule: str) -> str:
        text = _last(asked, name)
        if not text or text in known:  # type: ignore[operator]
            return text or rule
        faults.append(name)
        return rule

    look, series_text = one_of("forme", LOOK_WORDS, ""), _last(asked, "serie")
    series = series_from(series_text) if series_text else None
    if series_text and series is None:
        faults.append("serie")
    layers = tuple(dict.fromkeys(one.strip()[:LONGEST_CODE] for one in asked.getlist("couche") if one.strip()))
    return Composition(
        indicator=_last(asked, "indicateur")[:LONGEST_CODE],
        series=series,
        scope=_last(asked, "dans")[:LONGEST_CODE],
        look=LOOK_WORDS.get(look, ""),
        per=_last(asked, "par")[:LONGEST_CODE],
        method=one_of("classes", METHODS, DEFAULT_METHOD),
        classes=_number_of_classes(_last(asked, "nombre"), faults),
        ramp=one_of("couleurs", RAMPS, DEFAULT_RAMP),
        layers=layers[:MOST_LAYERS],
        faults=tuple(faults),
    )
