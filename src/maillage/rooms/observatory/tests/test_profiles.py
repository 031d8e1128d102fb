"""Profiles: words, ranks, comparisons, generations and years apart, missing said to be missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from django.test import Client

from maillage.core.observed import ObservedThing
from maillage.core.places.tests.makers import square, territory
from maillage.rooms.observatory import actions_seeds, queries_spread
from maillage.rooms.observatory.indicators_lyon import aggregates
from maillage.rooms.observatory.models import Indicator, IndicatorValue
from maillage.rooms.observatory.profile import difference_text, rank_text, value_text
from maillage.rooms.observatory.queries_profiles import profile
from maillage.rooms.observatory.queries_spread import spread

pytestmark = pytest.mark.django_db
DATA = Path(os.environ.get("MAILLAGE_DATA", "../shared/data"))
EPCI = "epci:200046977"


def indicator(code: str, **words: object) -> Indicator:
    fields = {
        "label": code,
        "nature": "rate",
        "unit": "%",
        "decimals": 1,
        "source_text": "INSEE",
        "sort_key": code.encode(),
    }
    return Indicator.objects.create(code=code, **{**fields, **words})


def value(row: Indicator, place: str, amount: float, **fields: object) -> IndicatorValue:
    kind, _colon, code = place.partition(":")
    return IndicatorValue.objects.create(
        indicator=row, kind=kind, code=code, value=amount, **{"vintage": 2017, **fields}
    )


@pytest.fixture
def six() -> Indicator:
    """Six QPV of one metropolis, their commune, and unemployment in each."""
    territory("epci", "200046977", square(-9000, -9000, 9000, 9000), name="Métropole")
    territory("commune", "69029", square(0, 0, 9000, 9000), name="Bron", population=42_000, parent_codes=[EPCI])
    for place in range(6):
        territory("qpv", f"QP06900{place}", square(place * 500, 0, place * 500 + 400, 400), name=f"Quartier {place}",
                  generation="2015", parent_codes=["commune:69029", EPCI])  # fmt: skip
    row = indicator("chomage", label="Taux de chômage", direction="bad", topic="work")
    for place in range(6):
        value(row, f"qpv:QP06900{place}", 10.0 + place, generation="2015", low=9.0 + place, high=12.0 + place)
    value(row, "commune:69029", 8.0)
    value(row, EPCI, 7.5)
    return row


@pytest.mark.usefixtures("six")
def test_rank_difference_and_words() -> None:
    found = profile(kind="qpv", code="QP069005", things=())
    one = found.figures[0]
    assert (one.rank.position, one.rank.of, one.rank.least, one.rank.most) == (1, 6, 10.0, 15.0)
    assert "valeur la plus élevée sur 6 quartiers prioritaires de Métropole" in one.rank.text
    assert "plus difficiles" in one.rank.text
    assert [(other.name, other.difference) for other in one.around] == [("Bron", 7.0), ("Métropole", 7.5)]
    assert one.around[0].difference_text == "7 points de plus" and one.uncertainty == "entre 14 et 17"
    assert found.sentences == (
        "À Quartier 5 (Bron), le nombre d’habitants n’est pas renseigné.",
        "Taux de chômage\N{NO-BREAK SPACE}: 15\u202f%, plus que Métropole (7,5\u202f%).",
    )
    assert found.is_superseded is False


def test_years_and_generations_are_never_mixed(six: Indicator) -> None:
    territory(
        "qpv",
        "QN06900A",
        square(0, 0, 400, 400),
        name="Nouveau",
        generation="2024",
        parent_codes=["commune:69029", EPCI],
    )
    value(six, "qpv:QN06900A", 99.0, generation="2024")
    value(six, "qpv:QP069001", 12.5, generation="2015", vintage=2018)
    found = profile(kind="qpv", code="QP069001", things=())
    one = found.figures[0]
    assert (one.vintage, one.value, one.history) == (2018, 12.5, ((2017, 11.0), (2018, 12.5)))
    assert one.rank is None  # nobody else has a figure of 2018
    assert [(other.vintage, other.difference, other.difference_text) for other in one.around] == [
        (2017, None, ""),
        (2017, None, ""),
    ]
    assert found.is_superseded
    assert profile(kind="qpv", code="QP069000", things=()).figures[0].rank.of == 6  # without the QPV of 2024
    assert len(found.sentences) == 1


def test_missing_is_said_and_an_interpolated_value_is_not_ranked_with_published_ones(six: Indicator) -> None:
    other = indicator("pauvrete", label="Taux de pauvreté")
    value(other, "qpv:QP069001", 40.0, generation="2015")
    found = profile(kind="qpv", code="QP069002", things=())
    assert found.missing == ("Taux de pauvreté",)
    value(six, "qpv:QP069003", 50.0, generation="2015", method="area", vintage=2019)
    assert profile(kind="qpv", code="QP069003", things=()).figures[0].rank is None


def test_supply_counts_what_is_here_by_theme(six: Indicator) -> None:
    here = ObservedThing("atlas", 1, "Un", "/un", "s", {"theme": ("culture", "training")}, ("qpv:QP069001",))
    there = ObservedThing("atlas", 2, "Deux", "/deux", "s", {"theme": ("culture",)}, ("qpv:QP069002",))
    found = profile(kind="qpv", code="QP069001", things=[here, there])
    assert found.supply_total == 1 and {(one.code, one.count) for one in found.supply} == {
        ("culture", 1),
        ("training", 1),
    }


def test_words_of_ranks_and_figures() -> None:
    assert value_text(12345.0, "habitants", 0) == "12\u202f345\u202fhabitants"
    assert difference_text(-2.04, "%", 1) == "2 points de moins" and difference_text(0.01, "%", 1) == "pareil"
    assert difference_text(None, "%", 1) == ""
    assert "favorables" in rank_text(1, 8, "good", "quartiers") and "difficiles" in rank_text(8, 8, "good", "quartiers")
    assert "favorables" in rank_text(8, 8, "bad", "quartiers")
    assert rank_text(4, 8, "bad", "quartiers") == "4ᵉ valeur la plus élevée sur 8 quartiers"
    assert rank_text(1, 3, "bad", "communes").endswith("sur 3 communes")  # too few for a verdict


def test_the_seed_computes_from_territories_and_leaves_unknown_unknown() -> None:
    territory("epci", "200046977", name="Métropole", population=None)
    territory("commune", "69029", square(0, 0, 1000, 1000), name="Bron", population=1000, parent_codes=[EPCI])
    territory("commune", "69259", square(0, 0, 2000, 1000), name="Vénissieux", population=5000, parent_codes=[EPCI])
    for code, people in (("QN06900A", 100), ("QN06900B", None)):
        territory("qpv", code, generation="2024", population=people, parent_codes=["commune:69029", EPCI])
    territory("qpv", "QN06900C", generation="2024", population=500, parent_codes=["commune:69259", EPCI])
    actions_seeds.load_seed()
    actions_seeds.load_seed()
    values = {(one.indicator.code, one.code): one for one in IndicatorValue.objects.select_related("indicator")}
    assert values["densite", "69029"].value == pytest.approx(1000, rel=0.01)
    assert values["quartiers-prioritaires", "69029"].value == 2
    assert ("part-habitants-qpv", "69029") not in values  # one population is unknown: not the sum of the others
    assert values["part-habitants-qpv", "69259"].value == 10.0
    assert ("population", "200046977") not in values
    assert values["taux-chomage-15-64", "69259"].method == "mean" and values["taux-chomage-15-64", "69259"].vintage == 0
    assert values["no2", "69259"].method == "area"


def test_pages_answer(six: Indicator, client: Client) -> None:
    page = client.get("/observatoire/profils/qpv/QP069005/").content.decode()
    assert "7 points de plus" in page and '<svg class="chart chart-strip"' in page and "style=" not in page
    assert "Aucun lieu, aucune initiative" in page
    picture = client.get("/observatoire/profils/qpv/QP069005/carte.svg")
    assert picture["Content-Type"] == "image/svg+xml" and b"Quartier 5" in picture.content
    empty = client.get("/observatoire/profils/epci/200046977/?liste=2031")
    assert empty.status_code == 404
    side = client.get(
        "/observatoire/comparer/", {"territoire": ["qpv:QP069001", "commune:69029", "qpv:none"]}
    ).content.decode()
    assert "11\u202f%" in side and "8\u202f%" in side and "qpv:none" in side
    whole = client.get("/observatoire/indicateurs/fiche/chomage/").content.decode()
    assert client.get("/observatoire/indicateurs/fiche/chomage/?page=²").status_code == 200
    assert "Quartier 5" in whole and "Plus c’est haut, plus c’est difficile" in whole
    rows = b"".join(client.get("/observatoire/indicateurs/fiche/chomage/valeurs.csv").streaming_content).decode(
        "utf-8-sig"
    )
    assert len(rows.strip().splitlines()) == 1 + IndicatorValue.objects.count() == 9
    assert client.get("/observatoire/indicateurs/fiche/chomage/valeurs.geojson").status_code == 200
    assert client.get("/observatoire/indicateurs/tous.xlsx").status_code == 200
    assert client.get("/observatoire/indicateurs/tous.pdf").status_code == 404


def test_families_are_tied_by_descriptions_names_and_places() -> None:
    territory("commune", "69029", name="Bron")
    territory("commune", "69259", name="Vénissieux")

    def thing(number: int, name: str, places: tuple[str, ...], related: tuple[str, ...] = ()) -> ObservedThing:
        return ObservedThing("atlas", number, name, f"/{number}", "s", {}, places, related=related)

    families = spread([
        thing(1, "Café des Mères", ("commune:69029",)), thing(2, "Cafe des mères", ("commune:69259",)),
        thing(3, "Réseau", ("commune:69029",), ("atlas:4",)), thing(4, "Branche", ()), thing(5, "Seule", ("commune:69029",)),
        thing(6, "Double", ("commune:69029", "commune:69259", "qpv:QN1")),
    ])  # fmt: skip
    assert [(one.name, one.why, len(one.members), one.places) for one in families] == [
        ("Café des Mères", "name", 2, ("Bron", "Vénissieux")), ("Double", "name", 1, ("Bron", "Vénissieux")),
        ("Réseau", "related", 2, ("Bron",)),
    ]  # fmt: skip


def test_a_family_is_followed_over_years_and_towns_that_are_not_loaded(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    late = ObservedThing("atlas", 1, "Ici", "/1", "s", {}, ("commune:69259",), related=("atlas:2",), years=((2016, "event"),),
                         towns=(("commune:69259", "Vénissieux"),))  # fmt: skip
    first = ObservedThing("atlas", 2, "Là-bas", "/2", "s", {}, ("commune:59350",), years=((2009, "created"), (2016, "ended")),
                          towns=(("commune:59350", "Lille"),))  # fmt: skip
    unnamed = ObservedThing("atlas", 3, "Ailleurs", "/3", "s", {}, ("commune:2B033",), related=("atlas:2",))
    monkeypatch.setattr(queries_spread, "observed_things", lambda: iter([late, first, unnamed]))
    (family,) = spread()
    assert [(one.name, one.places, one.years) for one in family.members] == [
        ("Là-bas", ("Lille",), (2009, 2016)), ("Ici", ("Vénissieux",), (2016,)), ("Ailleurs", ("2B033",), ()),
    ]  # fmt: skip
    assert family.years == (2009, 2016)
    page = client.get("/observatoire/essaimage/").content.decode()
    assert "de 2009 à 2016" in page and "(2009, 2016)" in page
    rows = (
        b"".join(client.get("/observatoire/essaimage.csv").streaming_content).decode("utf-8-sig").strip().splitlines()
    )
    assert len(rows) == 1 + 3 and "Lille" in rows[1]


@pytest.mark.real_data
def test_the_aggregates_we_ship_are_those_of_the_real_files() -> None:
    iris, qpv = (
        DATA / "stats/lyon_iris/lyon_iris_indicateurs.geojson",
        DATA / "qpv/qpv2024_metropole_lyon_extrait.geojson",
    )
    if not iris.is_file() or not qpv.is_file():
        pytest.skip("MAILLAGE_DATA has no IRIS of Lyon")
    shipped = yaml.safe_load((actions_seeds.FOLDER / "lyon_iris.yaml").read_text(encoding="utf-8"))["values"]
    made = aggregates(iris, qpv)
    assert {code: set(places) for code, places in shipped.items()} == {
        code: set(places) for code, places in made.items()
    }
    for code, places in made.items():
        for place, figures in places.items():
            assert shipped[code][place] == pytest.approx(figures, abs=0.11), (code, place)
