"""Made-up territories, indicators and values for the tests of maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maillage.core.places.tests.makers import square, territory
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorValue
from maillage.rooms.observatory.models_maps import ComposedMap

SIDE = 1000


def communes(count: int = 6, **fields: object) -> list[str]:
    """So many square communes of one kilometre, three a row, of 1000, 2000… inhabitants, in an intercommunality."""
    codes = [f"6900{number}" for number in range(1, count + 1)]
    for place, code in enumerate(codes):
        east, north = (place % 3) * SIDE, (place // 3) * SIDE
        territory(
            "commune", code, square(east, north, east + SIDE, north + SIDE), name=f"Ville {place + 1}",
            population=1000 * (place + 1), population_on="2021", parent_codes=["epci:200046977"], **fields,
        )  # fmt: skip
    wide = square(0, 0, 3 * SIDE, max(1, -(-count // 3)) * SIDE)
    territory("epci", "200046977", wide, name="Métropole d’essai")
    return codes


def indicator(code: str = "chomage", **fields: object) -> Indicator:
    """An indicator of the dictionary: a rate, unless told otherwise."""
    known: dict[str, object] = {
        "label": "Taux de chômage", "nature": "rate", "unit": "%", "decimals": 1, "source_text": "Essai, 2021",
        "licence": "Licence Ouverte", "sort_key": code.encode(), "topic": "work",
    }  # fmt: skip
    return Indicator.objects.create(code=code, **(known | fields))


def give(
    row: Indicator,
    values: Mapping[str, float | None],
    *,
    kind: str = "commune",
    vintage: int = 2021,
    generation: str = "",
) -> None:
    """Values by code of territory; None gives no row."""
    IndicatorValue.objects.bulk_create(
        IndicatorValue(indicator=row, kind=kind, code=code, generation=generation, vintage=vintage, value=value)
        for code, value in values.items()
        if value is not None
    )


def unemployment(values: Sequence[float | None] = (4.0, 6.5, 9.0, 12.5, 21.0, None)) -> Indicator:
    """Six communes and their unemployment, the last one missing."""
    codes = communes(len(values))
    row = indicator()
    give(row, dict(zip(codes, values, strict=True)))
    return row


QUERY = "indicateur=chomage&serie=commune::2021:published"


def saved(query: str = QUERY, **written: str) -> tuple[ComposedMap, str]:
    """A saved map and its edit secret."""
    from maillage.rooms.observatory.actions_maps import Saving, save_map, secret_for

    key = f"clé-{ComposedMap.objects.count()}"
    return save_map(saving=Saving(key, query, **written)), secret_for(key)
