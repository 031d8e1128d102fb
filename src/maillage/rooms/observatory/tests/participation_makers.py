"""Territories, people and figures that the tests of participation need. Made up."""

from __future__ import annotations

from maillage.core.places.models import PlaceName, Territory
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorValue
from maillage.rooms.observatory.models_participation import ParticipationDeclaration

VENISSIEUX, BRON, LYON_8 = "commune:69259", "commune:69029", "arrondissement:69388"
METROPOLIS, LYON = "epci:200046977", "commune:69123"
TOWNS = {VENISSIEUX: ("Vénissieux", (METROPOLIS,)), BRON: ("Bron", (METROPOLIS,)), LYON: ("Lyon", (METROPOLIS,)),
         LYON_8: ("Lyon 8e", (LYON, METROPOLIS)), METROPOLIS: ("Métropole de Lyon", ())}  # fmt: skip


def make_towns() -> None:
    for reference, (name, above) in TOWNS.items():
        kind, _sign, code = reference.partition(":")
        row = Territory.objects.filter(kind=kind, code=code).first() or Territory.objects.create(
            kind=kind, code=code, name=name, parent_codes=list(above), sort_key=name.encode()
        )
        form = name.lower().replace("é", "e")
        PlaceName.objects.get_or_create(territory=row, form=form, defaults={"label": name, "lon": 4.88, "lat": 45.7})


def declare(number: int, *, territory: str = VENISSIEUX, channel: str = "web", room: str = "meeting",
            month: str = "2026-10", **answers: str) -> None:  # fmt: skip
    ParticipationDeclaration.objects.create(
        form_key=f"{ParticipationDeclaration.objects.count():064d}", people=number, territory=territory, channel=channel,
        room=room, month=month, **answers,
    )  # fmt: skip


def make_figures(territory: str = VENISSIEUX, *, vintage: int = 2021, generation: str = "", **values: float) -> None:
    kind, _sign, code = territory.partition(":")
    for name, value in values.items():
        indicator, _new = Indicator.objects.get_or_create(
            code=name.replace("_", "-"),
            defaults={"label": name, "nature": "rate", "source_text": "essai", "sort_key": b"x"},
        )
        IndicatorValue.objects.create(
            indicator=indicator, kind=kind, code=code, generation=generation, vintage=vintage, value=value
        )
