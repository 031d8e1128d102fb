"""The two national vocabularies: what they take, and what they leave out by name."""

from __future__ import annotations

from datetime import date

import pytest

from maillage.core.exports import data_inclusion
from maillage.core.exports import lieux_mediation as lmn

PLACE = lmn.MediationPlace(
    id="maillage-1-1",
    nom="Atelier",
    commune="Bron",
    code_postal="69500",
    adresse="1 rue X",
    date_maj=date(2026, 5, 3),
    services=(lmn.ACCESS, lmn.BASICS),
)
STRUCTURE = {"source": "maillage", "id": "maillage--1-1", "nom": "Atelier", "date_maj": date(2026, 5, 3)}
SERVICE = STRUCTURE | {"structure_id": "maillage--1-1", "id": "maillage--1-1-service", "description": "On y apprend."}


def test_lists_are_joined_and_unknown_columns_empty() -> None:
    row = {column.key: column.value(PLACE) for column in lmn.columns()}
    assert row["services"] == f"{lmn.ACCESS}|{lmn.BASICS}"
    assert row["pivot"] == "00000000000000" and row["prise_rdv"] is None and len(row) == 32


@pytest.mark.parametrize(("digits", "kept"), [("+33472000000", "+33472000000"), ("3646", ""), ("+4122", ""), ("", "")])
def test_only_numbers_that_the_standard_takes(digits: str, kept: str) -> None:
    assert lmn.telephone(digits) == kept


@pytest.mark.parametrize(("code", "kept"), [("69259", "69259"), ("2A004", "2A004"), ("20004", ""), ("6925", "")])
def test_only_commune_codes_that_the_standard_takes(code: str, kept: str) -> None:
    assert lmn.commune_code(code) == kept


def test_a_structure_and_a_service_pass() -> None:
    assert data_inclusion.structure(STRUCTURE).record == STRUCTURE | {"date_maj": "2026-05-03"}
    made = data_inclusion.service(SERVICE | {"publics": {"jeunes", "femmes"}})
    assert made.record is not None and made.record["publics"] == ["femmes", "jeunes"] and made.left_out == ()


def test_an_optional_value_refused_is_left_out_and_named() -> None:
    made = data_inclusion.structure(
        STRUCTURE | {"courriel": "pas une adresse", "code_postal": "6920", "site_web": "ftp:/x"}
    )
    assert made.record is not None and set(made.left_out) == {"courriel", "code_postal", "site_web"}


def test_a_required_value_refused_refuses_the_record() -> None:
    made = data_inclusion.service(SERVICE | {"date_maj": date(2999, 1, 1)})
    assert made.record is None and made.refused_for == "date_maj"


@pytest.mark.parametrize(
    ("name", "kept"), [("Atelier.", "Atelier"), ("Atelier, etc.", "Atelier, etc."), ("x " * 100, None)]
)
def test_names_fit(name: str, kept: str | None) -> None:
    short = data_inclusion.short_name(name)
    assert len(short) <= 150 and (kept is None or short == kept)
