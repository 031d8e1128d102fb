"""CSV as people really send it."""

from __future__ import annotations

from pathlib import Path

import pytest

from maillage.core.errors import Invalid
from maillage.core.intake.tables.model import Notes
from maillage.core.intake.tables.opening import opened
from maillage.core.intake.tables.tests.files import cells_of, made, rows_of

EXPECTED = [{"Nom": "Médiathèque", "Ville": "Vénissieux"}, {"Nom": "L’Œuvre", "Ville": "Lyon"}]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"])
def test_separator_and_encoding_are_found(tmp_path: Path, separator: str, encoding: str) -> None:
    text = f"Nom{separator}Ville\r\nMédiathèque{separator}Vénissieux\r\nL’Œuvre{separator}Lyon\r\n"
    assert cells_of(made(tmp_path, text.encode(encoding))) == EXPECTED


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_old_encodings_are_told_by_their_letters(tmp_path: Path, encoding: str) -> None:
    text = "Nom;Ville\nMédiathèque;Vénissieux\nÉcole élémentaire;Décines\nForêt;Créteil\n"
    rows = cells_of(made(tmp_path, text.encode(encoding)))
    assert [row["Ville"] for row in rows] == ["Vénissieux", "Décines", "Créteil"]


def test_two_encodings_in_one_file_are_read_line_by_line_and_said(tmp_path: Path) -> None:
    content = "Nom;Ville\nMédiathèque;Vénissieux\n".encode() + "Forêt;Décines\n".encode("cp1252")
    with opened(made(tmp_path, content)) as table:
        assert [row.cells["Nom"] for row in table.rows()] == ["Médiathèque", "Forêt"]
        assert any("Deux encodages" in one and "3" in one for one in table.remarks)


def test_the_header_may_be_in_row_seven(tmp_path: Path) -> None:
    titles = "Annuaire 2024;;\nVersion du 12/05/2024;;\n;;\nService habitat;;\n;;\nÀ diffuser;;\n"
    text = titles + "Nom;Téléphone;Ville\nMJC;0472000001;Lyon\n"
    with opened(made(tmp_path, text)) as table:
        rows = list(table.rows())
        assert table.columns == ("Nom", "Téléphone", "Ville")
        assert (rows[0].number, rows[0].cells["Nom"]) == (8, "MJC")
        assert any("ligne 7" in one for one in table.remarks)


def test_without_header_columns_have_letters(tmp_path: Path) -> None:
    text = "MJC;04 72 00 00 01;69007;lyon@mjc.fr\nCSC;04 72 00 00 02;69008;csc@mjc.fr\n"
    with opened(made(tmp_path, text)) as table:
        assert table.columns == ("Colonne A", "Colonne B", "Colonne C", "Colonne D")
        assert len(list(table.rows())) == 2


def test_repeated_and_empty_headings_are_told_apart(tmp_path: Path) -> None:
    text = "Nom;Nom;;Ville\nMJC;Maison;rue\nbis;Lyon\nCSC;Centre;quai;Lyon\nEPN;Espace;cours;Lyon\n"
    with opened(made(tmp_path, text.replace("rue\nbis", '"rue\nbis"'))) as table:
        assert table.columns == ("Nom", "Nom (2)", "Colonne C", "Ville")
        assert next(iter(table.rows())).cells["Colonne C"] == "rue\nbis"


def test_a_row_with_too_many_cells_is_refused_the_others_are_read(tmp_path: Path) -> None:
    rows = rows_of(made(tmp_path, "Nom;Ville\nMJC;Lyon\nCSC;Lyon;3e;x\nEPN;Bron\n"))
    assert [bool(row.fault) for row in rows] == [False, True, False]
    assert rows[1].number == 3


def test_a_row_cut_at_the_end_is_refused_and_the_cut_is_known(tmp_path: Path) -> None:
    notes = Notes()
    rows = rows_of(made(tmp_path, "Nom;Ville;Code\nMJC;Lyon;69001\nCSC;Ly"), notes=notes)
    assert notes.is_cut and [bool(row.fault) for row in rows] == [False, True]
    whole = Notes()
    assert not rows_of(made(tmp_path, "Nom;Ville;Code\nMJC;Lyon;69001\nCSC;Lyon;69002"), notes=whole)[1].fault
    assert not whole.is_cut


def test_a_quote_never_closed_is_said_with_its_line(tmp_path: Path) -> None:
    for rest in ("EPN;Bron\n" * 20_000, "EPN;Bron\n" * 500):
        with pytest.raises(Invalid, match="ligne 3"):
            rows_of(made(tmp_path, "Nom;Ville\nMJC;Lyon\n" + 'CSC;"Lyon\n' + rest))


def test_a_cell_beyond_measure_refuses_its_row_only(tmp_path: Path) -> None:
    rows = rows_of(made(tmp_path, "Nom;Ville\nMJC;Lyon\nCSC;" + "x" * 110_000 + "\nEPN;Bron\n"))
    assert [bool(row.fault) for row in rows] == [False, True, False]
    assert rows[1].fault_column == "Ville" and len(rows[1].cells["Ville"]) == 200


def test_two_thousand_columns_are_read_and_more_are_refused(tmp_path: Path) -> None:
    for count in (2000, 2001):
        line = ";".join(f"c{number}" for number in range(count))
        path = made(tmp_path, f"{line}\n{line}\n")
        if count == 2000:
            assert len(rows_of(path)[0].cells) == 2000
        else:
            with pytest.raises(Invalid, match="2001"):
                rows_of(path)


def test_excel_s_own_separator_line_is_no_row(tmp_path: Path) -> None:
    assert cells_of(made(tmp_path, "sep=;\nNom;Ville\nMJC;Lyon, France\n")) == [{"Nom": "MJC", "Ville": "Lyon, France"}]


def test_a_letter_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="Aucun tableau"):
        rows_of(made(tmp_path, "Bonjour,\n\nVoici la liste demandée.\n\nBien cordialement\n"))
