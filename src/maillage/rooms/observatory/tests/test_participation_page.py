"""The page of participation with people in it: words, figures, what is hidden, files, places to go."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.test import Client

from maillage.core.observed import Participation
from maillage.rooms.observatory import queries_participation
from maillage.rooms.observatory.participation_summary import participation_summary
from maillage.rooms.observatory.tests.participation_makers import (
    BRON,
    LYON,
    LYON_8,
    METROPOLIS,
    VENISSIEUX,
    declare,
    make_figures,
    make_towns,
)

pytestmark = pytest.mark.django_db
URL = "/observatoire/participation/"


# (people, age, gender, channel): 232 of Vénissieux; few are under 15 or say another gender.
CROWD = (
    (14, "15_24", "woman", "web"), (33, "25_39", "woman", "web"), (41, "40_64", "woman", "web"), (13, "65_79", "woman", "web"),
    (12, "15_24", "man", "web"), (17, "25_39", "man", "web"), (15, "40_64", "man", "web"),
    (11, "15_24", "woman", "paper"), (16, "25_39", "woman", "paper"), (23, "40_64", "woman", "paper"),
    (12, "65_79", "woman", "paper"),
    (10, "25_39", "man", "paper"), (12, "40_64", "man", "paper"), (3, "80_up", "man", "paper"),
)  # fmt: skip


@pytest.fixture
def people() -> None:
    """The crowd of Vénissieux, and one of Bron that is like half of it."""
    make_towns()
    for number, age, gender, channel in CROWD:
        declare(number, age=age, gender=gender, channel=channel)
        declare(number, age=age, gender=gender, channel=channel, territory=BRON)


@pytest.fixture
def margins() -> None:
    make_figures(part_0_14_ans=24.5, part_65_ans_et_plus=14.6)


def text_of(client: Client, query: str = "") -> str:
    answer = client.get(f"{URL}{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_nobody_yet_is_said_with_what_to_do(client: Client) -> None:
    text = text_of(client)
    assert "Personne n’a encore pris part ici" in text and "Imprimer la feuille" in text


def test_without_figures_of_the_population_the_page_says_so_and_shows_shares(client: Client, people: None) -> None:
    text = text_of(client, f"?territoire={VENISSIEUX}")
    assert "232 personnes ont bien voulu dire" in text and "chiffres de la population ne sont pas chargés" in text
    assert "Aucun poids" in text and "Il manque" not in text


def test_who_is_missing_is_said_first_in_words(client: Client, people: None, margins: None) -> None:
    text = text_of(client, f"?territoire={VENISSIEUX}")
    # Of 232 nobody is under 15, where 24.5 % are; 28 are 65 or more (12 %), where 14.6 % are: chance may explain that.
    assert "Il manque les moins de 15 ans : 0 % des personnes qui ont répondu, 24 % des habitants" in text
    assert "L’écart est de −24 points (entre −24 points et −23 points)" in text
    assert text.count("Il manque ") == 1 and "Le hasard peut l’expliquer" in text
    assert "part-0-14-ans" in text and "Année 2021" in text


def test_small_counts_are_hidden_with_what_would_tell_them(client: Client, people: None) -> None:
    found = participation_summary(VENISSIEUX)
    ages = {one.code: one.people for one in found.questions[0].answers}
    assert (ages["80_up"], ages["65_79"], ages["0_14"], ages["40_64"]) == (None, None, 0, 91)
    assert found.questions[0].said == 232 and found.people == 232
    paper = participation_summary(VENISSIEUX, channel="paper").questions[0].answers
    assert [one.people for one in paper] == [0, 11, 26, 35, None, None]
    # 25 and 3 could be told by the other town and the whole: they are hidden there too.
    assert [one.people for one in participation_summary(METROPOLIS).questions[0].answers][4:] == [None, None]
    assert "masqué" in text_of(client, f"?territoire={VENISSIEUX}")


def test_the_channel_of_few_is_hidden_on_its_own_page_and_by_difference(client: Client) -> None:
    make_towns()
    declare(40, housing="hlm", channel="web")
    declare(5, housing="hlm", channel="desk")
    declare(30, housing="other", channel="paper")
    found = participation_summary(VENISSIEUX)
    assert participation_summary(VENISSIEUX, channel="desk").people is None
    hlm = next(one for one in found.questions if one.question.code == "housing").answers[0]
    without = dict(hlm.without)
    assert without["desk"] is None  # 45 − 5 would give the five away
    assert hlm.people is None or participation_summary(VENISSIEUX, channel="web").questions[2].answers[0].people is None


def test_sensitivity_is_recomputed_without_each_channel(people: None) -> None:
    make_towns()
    declare(40, housing="hlm", channel="web", territory=BRON)
    declare(20, housing="other", channel="web", territory=BRON)
    declare(20, housing="other", channel="paper", territory=BRON)
    hlm = next(one for one in participation_summary(BRON).questions if one.question.code == "housing").answers[0]
    assert hlm.share == pytest.approx(0.5)
    assert dict(hlm.without) == {"paper": pytest.approx(40 / 60), "web": pytest.approx(0.0)}


def test_weights_are_summed_up(client: Client, people: None) -> None:
    make_figures(part_0_14_ans=10.0, part_65_ans_et_plus=20.0)
    make_figures(part_femmes=50.0)
    declare(20, age="0_14", gender="man")
    found = participation_summary(VENISSIEUX)
    one = found.weighing
    assert one.why_not == "" and one.people == 252 and set(one.margins) == {"age", "gender"}
    assert 0.2 <= one.smallest < 1 < one.largest <= 5
    assert 100 < one.effective_size < 252 and one.design_effect == pytest.approx(252 / one.effective_size)
    women = next(asked for asked in found.questions if asked.question.code == "gender").answers[0]
    assert women.weighted == pytest.approx(0.5) and women.share == pytest.approx(163 / 252)
    young = found.questions[0].answers[0]
    assert young.weighted == pytest.approx(0.1) and young.share == pytest.approx(20 / 252)
    assert "Taille efficace" in text_of(client, f"?territoire={VENISSIEUX}")


def test_an_age_of_nobody_is_counted_with_its_neighbour_and_said(client: Client, people: None, margins: None) -> None:
    found = participation_summary(VENISSIEUX)
    assert [one.group for one in found.weighing.merged] == [("0_14",)]
    assert "sont comptés avec les 15–64 ans" in text_of(client, f"?territoire={VENISSIEUX}")


def test_a_metropolis_holds_its_towns_and_a_town_its_districts() -> None:
    make_towns()
    declare(40, territory=LYON_8, age="25_39")
    declare(15, territory=LYON, age="25_39")
    declare(30, territory=BRON, age="25_39")
    assert participation_summary(METROPOLIS).people == 85
    assert participation_summary(LYON).people == 55
    assert participation_summary(LYON_8).people == 40


def test_a_town_of_few_is_counted_with_its_neighbours_only(client: Client) -> None:
    make_towns()
    declare(29, territory=BRON, age="25_39")
    declare(60, territory=VENISSIEUX, age="25_39")
    assert participation_summary(BRON).people is None and participation_summary(METROPOLIS).people == 89
    assert "trop peu de personnes" in text_of(client, f"?territoire={BRON}")


def test_a_neighbourhood_is_answered_by_its_town(client: Client, people: None) -> None:
    from maillage.core.places.models import Territory

    Territory.objects.create(kind="qpv", code="QN06901M", generation="2024", name="Les Minguettes",
                             parent_codes=[VENISSIEUX], sort_key=b"m")  # fmt: skip
    assert "pour « Les Minguettes », voici Vénissieux" in text_of(client, "?territoire=qpv:QN06901M")


def test_every_figure_opens_its_rows_and_the_file_is_complete(client: Client, people: None) -> None:
    page = client.get(f"{URL}?territoire={BRON}").content.decode()
    assert f"{URL}lignes/?territoire=commune%3A69029&amp;quoi=personnes&amp;question=age" in page
    text = re.sub(r"<[^>]+>", " ", client.get(f"{URL}lignes/?territoire={BRON}").content.decode())
    assert "Bron" in text and "25 à 39 ans" in text
    answer = client.get(f"{URL}lignes.csv?territoire={BRON}")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert answer["X-Row-Count"] == str(len(rows))
    assert {"quoi": "personnes", "piece": "", "voie": "", "lieu_code": BRON, "lieu": "Bron", "mois": "",
            "question": "age", "reponse": "25 à 39 ans", "nombre": "76"} in rows  # fmt: skip
    assert "80 ans ou plus" not in {row["reponse"] for row in rows}
    by_paper = client.get(f"{URL}lignes.csv?territoire={BRON}&canal=paper")
    rows = list(csv.DictReader(io.StringIO(b"".join(by_paper.streaming_content).decode("utf-8-sig"))))
    assert sum(int(row["nombre"]) for row in rows if row["question"] == "gender") == 87


def test_hidden_rows_are_counted_not_listed(client: Client) -> None:
    make_towns()
    declare(5, age="15_24")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"{URL}lignes/").content.decode()))
    assert "Aucune ligne ne peut être montrée" in text and "autres sont masquées" in text


def test_attributes_that_are_none_of_ours_are_counted_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        Participation(
            "culture", "visit", "web", "2026-10", "iris:693880101", {"age": "young", "shoes": "red", "housing": "hlm"}
        )
    ] * 12
    monkeypatch.setattr(queries_participation, "participations", lambda: iter(rows))
    found = participation_summary()
    assert found.odd == 24 and found.acts == 12 and found.people == 12
    assert [one.code for one in found.by_place] == ["?"]  # an IRIS is too fine to be kept


def test_the_month_the_channel_and_the_place_of_contributions(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    make_towns()
    rows = [Participation("atlas", "suggestion", "web", "2026-10", VENISSIEUX, {})] * 25
    rows += [Participation("atlas", "suggestion", "paper", "2026-11", BRON, {})] * 15
    monkeypatch.setattr(queries_participation, "participations", lambda: iter(rows))
    found = participation_summary(METROPOLIS)
    assert found.acts == 40 and [(one.code, one.count) for one in found.by_channel] == [("web", 25), ("paper", 15)]
    assert [(one.code, one.count) for one in found.by_month] == [("2026-11", 15), ("2026-10", 25)]
    assert [(one.code, one.count) for one in found.by_place] == [(VENISSIEUX, 25), (BRON, 15)]
    assert "Personne n’a encore dit qui elle est" in text_of(client)
