"""Loads of indicators: whole or not at all, twice the same, and every refusal with its row, column and reason."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from maillage.core.errors import Invalid
from maillage.core.journal.models import JournalLine
from maillage.core.places.models import Territory
from maillage.core.places.tests.makers import square, territory
from maillage.rooms.observatory.actions_indicators import LoadOptions, given_file, load_indicators, with_plans
from maillage.rooms.observatory.models import Indicator, IndicatorLoad, IndicatorValue

pytestmark = pytest.mark.django_db
OPTIONS = LoadOptions("qpv", "2015", 2017, "INSEE", "Licence Ouverte 2.0")
DATA = Path(os.environ.get("MAILLAGE_DATA", "../shared/data"))


@pytest.fixture
def neighbourhoods() -> None:
    territory("qpv", "QP069001", square(0, 0, 500, 500), name="Un", generation="2015", parent_codes=["commune:69029"])
    territory("qpv", "QP069002", square(500, 0, 900, 500), name="Deux", generation="2015",
              parent_codes=["commune:69029", "commune:69256"])  # fmt: skip


def written(folder: Path, text: str, name: str = "indic.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(path: Path, options: LoadOptions = OPTIONS, dictionary: Path | None = None):
    return load_indicators(given=given_file(path, options, dictionary=dictionary), options=options)


def values() -> dict[tuple[str, str], float]:
    return {(one.indicator.code, one.code): one.value for one in IndicatorValue.objects.select_related("indicator")}


@pytest.mark.usefixtures("neighbourhoods")
def test_figures_as_people_write_them(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "code_qp;nom_qp;pop;tx_chom;part_menages;revenu_median\n"
        "QP069001;Un;6 206;25,3 %;0,253;1 234,5\n"
        "QP069002;Deux;0;ns;0,5;s\n",
    )
    report = loaded(path)
    assert values() == {
        ("pop", "QP069001"): 6206.0, ("tx-chom", "QP069001"): 25.3, ("part-menages", "QP069001"): 25.3,
        ("revenu-median", "QP069001"): 1234.5, ("pop", "QP069002"): 0.0, ("part-menages", "QP069002"): 50.0,
    }  # fmt: skip
    assert report.rows_kept == 2 and not report.rejects
    assert any("multipliées par 100" in one for one in report.remarks)
    assert any("1 sous secret" in one for one in report.remarks) and any(
        "1 sans valeur" in one for one in report.remarks
    )
    assert any("QP069002" in one and "plusieurs communes" in one for one in report.remarks)
    rate = Indicator.objects.get(code="tx-chom")
    assert (rate.nature, rate.unit, rate.direction) == ("rate", "%", "neutral")


@pytest.mark.usefixtures("neighbourhoods")
def test_the_same_file_again_changes_nothing_and_a_new_one_changes_what_differs(tmp_path: Path) -> None:
    path = written(tmp_path, "code_qp,pop,a\nQP069001,12,3\nQP069002,14,5\n")
    first = loaded(path)
    lines = JournalLine.objects.count()
    again = loaded(path)
    assert (again.created, again.changed, again.removed, again.unchanged) == (0, 0, 0, 4)
    assert again.load_id == first.load_id and IndicatorLoad.objects.count() == 1
    assert JournalLine.objects.count() == lines == 1
    third = loaded(written(tmp_path, "code_qp,pop,a\nQP069001,13,3\nQP069002,,5\n", "later.csv"))
    assert (third.created, third.changed, third.unchanged, third.removed) == (0, 1, 2, 1)
    assert ("pop", "QP069002") not in values()  # an emptied cell is missing, not zero and not what it was


@pytest.mark.usefixtures("neighbourhoods")
def test_refusals_name_row_column_and_reason(tmp_path: Path) -> None:
    text = (
        "code_qp,pop,taux_x\nQP069001,12,30\nQP069001,13,31\nQP069999,1,1\n,2,2\n69029,3,3\n"
        "QN06908M,3,3\nQP069002,beaucoup,130\n"
    )
    report = loaded(written(tmp_path, text))
    told = [(one["row"], one["column"], one["reason"]) for one in report.rejects]
    assert [(row, column) for row, column, _why in told] == [
        (3, "code_qp"), (4, "code_qp"), (5, "code_qp"), (6, "code_qp"), (7, "code_qp"), (8, "pop"), (8, "taux_x"),
    ]  # fmt: skip
    reasons = [why for _row, _column, why in told]
    wanted = ("déjà donné à la ligne 2", "territoire inconnu", "code absent", "pas un code", "quartier de 2024",
              "pas un nombre", "entre 0 et 100")  # fmt: skip
    assert all(words in reason for words, reason in zip(wanted, reasons, strict=True))
    assert values() == {("pop", "QP069001"): 12.0, ("taux-x", "QP069001"): 30.0}
    assert IndicatorLoad.objects.get().rejects[0]["row"] == 3


@pytest.mark.usefixtures("neighbourhoods")
def test_another_generation_is_refused_whole(tmp_path: Path) -> None:
    path = written(tmp_path, "code_qp,pop\nQP069001,12\n")
    with pytest.raises(Invalid, match="quartiers de 2015, pas de ceux de 2024"):
        loaded(path, replace(OPTIONS, generation="2024"))
    assert not Indicator.objects.exists() and not IndicatorLoad.objects.exists()


def test_codes_that_no_longer_exist_say_what_became_of_them(tmp_path: Path) -> None:
    territory("commune", "69149", square(0, 0, 500, 500), name="Oullins-Pierre-Bénite", former_codes=["69152"])
    report = loaded(
        written(tmp_path, "insee_com,pop\n69149,12\n69152,13\n"), replace(OPTIONS, kind="commune", generation="")
    )
    assert [one["row"] for one in report.rejects] == [3]
    assert "Oullins-Pierre-Bénite" in str(report.rejects[0]["reason"])


@pytest.mark.usefixtures("neighbourhoods")
def test_nothing_is_kept_without_source_licence_or_on_a_clash_of_codes(tmp_path: Path) -> None:
    path = written(tmp_path, "code_qp,pop\nQP069001,12\n")
    with pytest.raises(Invalid) as caught:
        loaded(path, replace(OPTIONS, source="", licence=" "))
    assert set(caught.value.fields) == {"source", "licence"}
    dictionary = written(tmp_path, "colonne,description\npop,Population municipale\n", "dico.csv")
    loaded(path, dictionary=dictionary)
    other = written(tmp_path, "colonne,description\npop,Nombre de peupliers\n", "autre.csv")
    with pytest.raises(Invalid, match="désignent déjà d’autres indicateurs"):
        loaded(path, dictionary=other)
    assert Indicator.objects.get().label == "Population municipale"
    report = loaded(path, replace(OPTIONS, prefix="arbres"), dictionary=other)
    assert report.indicators == ("arbres-pop",)


@pytest.mark.usefixtures("neighbourhoods")
def test_bounds_years_and_corrections(tmp_path: Path) -> None:
    path = written(
        tmp_path, "code_qp,annee,revenu,revenu_bas,revenu_haut\nQP069001,2016,100,90,110\nQP069001,2017,105,106,110\n"
    )
    report = loaded(path)
    rows = list(IndicatorValue.objects.order_by("vintage").values_list("vintage", "value", "low", "high"))
    assert rows == [(2016, 100.0, 90.0, 110.0), (2017, 105.0, None, None)]
    assert "bornes" in str(report.rejects[0]["reason"])
    given = with_plans(given_file(path, OPTIONS), {"revenu": {"code": "autre", "nature": "median", "unit": "€"},
                       "revenu_bas": {"role": "ignored"}, "revenu_haut": {"role": "ignored"}})  # fmt: skip
    load_indicators(given=given, options=OPTIONS)
    assert Indicator.objects.get(code="autre").nature == "median"


@pytest.mark.usefixtures("neighbourhoods")
def test_a_trial_keeps_nothing(tmp_path: Path) -> None:
    report = loaded(written(tmp_path, "code_qp,pop\nQP069001,12\nQP069777,12\n"),
                    replace(OPTIONS, dry_run=True, create_territories=True))  # fmt: skip
    assert (report.created, report.territories_created, report.load_id) == (2, 1, 0)
    assert not IndicatorValue.objects.exists() and not Territory.objects.filter(code="QP069777").exists()


@pytest.mark.real_data
def test_the_real_files_of_occitanie_and_rennes(tmp_path: Path) -> None:
    folder = DATA / "qpv" / "occitanie_2015"
    if not folder.is_dir():
        pytest.skip("MAILLAGE_DATA has no qpv/occitanie_2015")
    options = replace(OPTIONS, create_territories=True)
    given = given_file(folder / "qp.csv", options, dictionary=folder / "meta_qp.csv")
    roles = {one.name: one.role for one in given.plans}
    assert (roles["code_qp"], roles["nom_qp"], roles["nom_commune"], roles["a"]) == (
        "code",
        "name",
        "commune",
        "indicator",
    )
    report = load_indicators(given=given, options=options)
    assert report.rows_in == report.rows_kept == report.territories_created == 105
    assert len(report.indicators) == 41
    kept = values()
    assert (
        kept["pop-mun", "QP009001"] == 1177
        and kept["tp60", "QP009002"] == 40.4
        and kept["ind-jeune", "QP009001"] == 0.7
    )
    assert ("part-chomprinc", "QP009001") not in kept  # an empty cell of the file
    assert kept["decuc-d1", "QP009001"] == 0  # a zero of the file
    natures = dict(Indicator.objects.values_list("code", "nature"))
    assert (natures["pop-mun"], natures["tp60"], natures["disp-q2"], natures["ind-jeune"]) == (
        "count",
        "rate",
        "median",
        "index",
    )
    rennes = given_file(DATA / "qpv" / "rennes_2015" / "QPV.geojson", replace(options, prefix="rennes"))
    load_indicators(given=rennes, options=replace(options, prefix="rennes"))
    assert values()["rennes-pop", "QP035004"] == 6206
    assert Territory.objects.get(code="QP035004").contour is not None
