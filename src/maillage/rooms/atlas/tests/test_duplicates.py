"""Duplicates: found, merged field by field, undone, remembered when they are two; permissions; by setting only."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.intake.models import Run, Source, SourceRecord
from maillage.core.journal.models import JournalLine
from maillage.core.people.models import Person
from maillage.core.people.tests.makers import person_of
from maillage.rooms.atlas.actions_apply import revise
from maillage.rooms.atlas.actions_save import EntryData, Origin, PlaceData, snapshot_of, write_entry
from maillage.rooms.atlas.duplicates_actions import (
    decide_many,
    merge_all_above,
    merge_by_setting,
    merge_pair,
    propose_again,
    tell_apart,
    undo_merge,
)
from maillage.rooms.atlas.duplicates_find import find_duplicates
from maillage.rooms.atlas.duplicates_models import CandidatePair, MergeRecord
from maillage.rooms.atlas.duplicates_queries import DuplicateFilters, origins_of, pair_page, side_of
from maillage.rooms.atlas.duplicates_words import in_one_line, reason_words
from maillage.rooms.atlas.models import Entry

pytestmark = pytest.mark.django_db
VENISSIEUX = {"commune": "Vénissieux", "commune_code": "69259", "postcode": "69200"}


def made(source: str, name: str, **place: Any) -> Entry:
    """An entry of a source, with one place at Vénissieux."""
    kept_in, _new = Source.objects.get_or_create(code=source, defaults={"name": source.capitalize()})
    fields = place.pop("fields", {})
    values = {"label": name, "lon": 4.886, "lat": 45.7036, "precision": "address", **VENISSIEUX, **place}
    external = f"{source}-{Entry.objects.count()}"
    data = EntryData(external, name, "place", fields.pop("summary", f"{name}."), fields, (PlaceData(**values),))
    entry = write_entry(Entry(source=kept_in, external_id=external), data, Origin(channel="import"))
    assert entry is not None
    Entry.objects.filter(pk=entry.pk).update(territories=["commune:69259"])
    entry.refresh_from_db()
    return entry


@pytest.fixture
def moderator() -> Person:
    person = person_of("moderator")
    assert person is not None
    return person


@pytest.fixture
def two() -> tuple[Entry, Entry]:
    one = made(
        "ancien",
        "Centre communal d'action sociale de Vénissieux",
        address="5 avenue Marcel Houël",
        phone="0472000001",
        source_on="2019-03",
        fields={"themes": ["rights"], "description": "Une description assez longue pour compter."},
    )
    other = made(
        "recent",
        "CCAS Vénissieux",
        address="5 av. Marcel Houël",
        phone="0472000002",
        email="ccas@exemple.fr",
        source_on="2022-11",
        lon=4.8862,
        fields={"themes": ["employment"]},
    )
    return one, other


def the_pair() -> CandidatePair:
    find_duplicates()
    return CandidatePair.objects.get()


def test_the_same_place_of_two_sources_is_proposed_with_its_reasons(two: tuple[Entry, Entry]) -> None:
    made("recent", "Médiathèque Lucie Aubrac", address="2 rue Pasteur", lon=4.88, phone="0472000003")
    found = find_duplicates()
    assert (found.entries, found.new, found.proposed) == (3, 1, 1)
    pair = CandidatePair.objects.get()
    assert (pair.left_id, pair.right_id) == (two[0].pk, two[1].pk)
    words = in_one_line(reason_words(pair))
    assert "noms identiques" in words
    assert "même adresse" in words
    assert "à 20\u202fm" in words
    assert "téléphones différents" in words
    assert sum(one["points"] for one in pair.reasons) >= pair.score


def test_a_siret_of_the_source_s_row_counts(two: tuple[Entry, Entry]) -> None:
    before = the_pair().score
    for entry in two:
        run = Run.objects.create(source=entry.source)
        SourceRecord.objects.create(
            source=entry.source, external_id=entry.external_id, siret="73282932000074", digest="x", run=run
        )
    assert "même SIRET" in in_one_line(reason_words(the_pair()))
    assert the_pair().score >= before


def test_searching_again_changes_nothing_and_forgets_what_no_longer_holds(two: tuple[Entry, Entry]) -> None:
    pair = the_pair()
    assert find_duplicates().new == 0
    assert CandidatePair.objects.get().pk == pair.pk
    revise(two[1], {"is_published": False}, Origin(channel="web"))
    assert find_duplicates().proposed == 0
    assert not CandidatePair.objects.exists()


def test_merging_keeps_the_best_of_both(two: tuple[Entry, Entry], moderator: Person) -> None:
    done = merge_pair(moderator, the_pair().pk)
    kept, absorbed = Entry.objects.get(pk=done.kept_id), Entry.objects.get(pk=done.absorbed_id)
    assert (kept.pk, absorbed.pk) == (two[0].pk, two[1].pk)  # the better filled one stays
    place = kept.places.get()
    assert place.phone == "0472000002"  # who spoke last
    assert place.email == "ccas@exemple.fr"  # what was not said
    assert set(kept.themes) == {"rights", "employment"}
    assert two[1].name in [kept.name, *kept.other_names]
    assert two[0].name in [kept.name, *kept.other_names]
    assert kept.is_published and not absorbed.is_published
    assert absorbed.merged_into_id == kept.pk
    assert done.choices["place.0.phone"] == {
        "entry": absorbed.pk,
        "source": "Recent",
        "date": "2022-11",
        "value": "0472000002",
    }
    assert JournalLine.objects.filter(action="atlas.entries_merged", subject=f"atlas:entry:{kept.pk}").count() == 1
    assert kept.revisions.filter(reason__contains="Fusion avec la fiche").count() == 1


def test_a_person_may_choose_against_the_rules(two: tuple[Entry, Entry], moderator: Person) -> None:
    done = merge_pair(
        moderator, the_pair().pk, keep=two[1].pk, chosen={"place.0.phone": "absorbed", "name": "absorbed"}
    )
    kept = Entry.objects.get(pk=two[1].pk)
    assert done.kept_id == kept.pk
    assert kept.name == two[0].name
    assert kept.places.get().phone == "0472000001"


def test_the_order_of_sources_comes_before_dates(
    two: tuple[Entry, Entry], moderator: Person, settings: Settings
) -> None:
    settings.SOURCE_ORDER = ["recent", "ancien"]
    done = merge_pair(moderator, the_pair().pk)
    assert done.kept_id == two[1].pk
    assert Entry.objects.get(pk=two[1].pk).name == "CCAS Vénissieux"


def test_undoing_gives_both_back_as_they_were(two: tuple[Entry, Entry], moderator: Person) -> None:
    before = [snapshot_of(one) for one in two]
    done = merge_pair(moderator, the_pair().pk)
    assert snapshot_of(Entry.objects.get(pk=two[0].pk)) != before[0]
    undone = undo_merge(moderator, done.pk)
    assert undone.left_alone == ()
    assert [snapshot_of(Entry.objects.get(pk=one.pk)) for one in two] == before
    assert CandidatePair.objects.get().state == "proposed"
    with pytest.raises(Invalid):
        undo_merge(moderator, done.pk)


def test_undoing_leaves_what_somebody_corrected_since(two: tuple[Entry, Entry], moderator: Person) -> None:
    done = merge_pair(moderator, the_pair().pk)
    kept = Entry.objects.get(pk=done.kept_id)
    now = snapshot_of(kept)
    place = PlaceData(**{**now["places"][0], "phone": "0472999999"})
    write_entry(
        kept, EntryData(kept.external_id, kept.name, kept.kind, kept.summary, {}, (place,)), Origin(channel="web")
    )
    assert undo_merge(moderator, done.pk).left_alone == ("phone",)
    back = Entry.objects.get(pk=kept.pk)
    assert back.places.get().phone == "0472999999"
    assert back.places.get().email == ""
    assert back.themes == ["rights"]


def test_a_chain_is_undone_from_its_end(two: tuple[Entry, Entry], moderator: Person) -> None:
    third = made(
        "autre", "C.C.A.S. de Vénissieux", address="5 avenue Marcel Houël", phone="0472000002", source_on="2020"
    )
    find_duplicates()
    first, *rest = pair_page(moderator, DuplicateFilters()).rows
    assert len(rest) == 2
    done = merge_pair(moderator, first.pk, keep=first.right_id)
    result = decide_many(moderator, [one.pk for one in rest], "merge")
    assert result.done == 1  # the third pair is of one entry with itself by then
    assert Entry.objects.filter(is_published=True).count() == 1
    last = MergeRecord.objects.order_by("-pk")[0]
    if last.absorbed_id == done.kept_id:
        with pytest.raises(Invalid, match="à son tour"):
            undo_merge(moderator, done.pk)
    undo_merge(moderator, last.pk)
    undo_merge(moderator, done.pk)
    assert set(Entry.objects.filter(is_published=True)) == {*two, third}
    assert not Entry.objects.exclude(merged_into=None).exists()


def test_two_places_are_never_proposed_again(two: tuple[Entry, Entry], moderator: Person) -> None:
    pair = tell_apart(moderator, the_pair().pk)
    assert find_duplicates().proposed == 0
    assert CandidatePair.objects.get().state == "different"
    propose_again(moderator, pair.pk)
    assert find_duplicates().proposed == 1


def test_told_apart_holds_for_what_they_were_merged_into(two: tuple[Entry, Entry], moderator: Person) -> None:
    tell_apart(moderator, the_pair().pk)
    made("autre", "C.C.A.S. de Vénissieux", address="5 avenue Marcel Houël", phone="0472000002", source_on="2020")
    find_duplicates()
    third = pair_page(moderator, DuplicateFilters()).rows[0]
    merge_pair(moderator, third.pk, keep=third.right_id)
    assert find_duplicates().proposed == 0


def test_nothing_is_merged_by_itself_unless_a_setting_asks(two: tuple[Entry, Entry], settings: Settings) -> None:
    pair = the_pair()
    assert merge_by_setting() == 0
    settings.AUTO_MERGE_SCORE = pair.score + 1
    assert merge_by_setting() == 0
    settings.AUTO_MERGE_SCORE = pair.score
    assert merge_by_setting() == 1
    assert MergeRecord.objects.get().by is None


def test_all_of_a_question_at_once(two: tuple[Entry, Entry], moderator: Person) -> None:
    the_pair()
    result = merge_all_above(moderator, DuplicateFilters(score=60))
    assert result is not None and result.done == 1


def test_only_moderators_of_both_places_decide(two: tuple[Entry, Entry]) -> None:
    pair = the_pair()
    resident, elsewhere = person_of("resident"), person_of("moderator_elsewhere")
    assert resident and elsewhere
    with pytest.raises(Refused):
        merge_pair(resident, pair.pk)
    with pytest.raises(Missing):
        merge_pair(elsewhere, pair.pk)
    with pytest.raises(Missing):
        tell_apart(elsewhere, pair.pk)
    assert pair_page(elsewhere, DuplicateFilters()).total == 0


def test_each_value_says_where_it_comes_from(two: tuple[Entry, Entry], moderator: Person) -> None:
    done = merge_pair(moderator, the_pair().pk)
    found = {one.field: one for one in origins_of(Entry.objects.get(pk=done.kept_id))}
    assert (found["phone"].source, found["phone"].date) == ("Recent", "2022-11")
    assert found["phone"].others == ()
    assert (found["description"].source, found["description"].date) == ("Ancien", "2019-03")
    assert found["address"].value
    assert [value for value, _source, _date in found["name"].others] == []
    undo_merge(moderator, done.pk)
    assert {one.source for one in origins_of(Entry.objects.get(pk=done.kept_id))} == {"Ancien"}


def test_a_hidden_duplicate_leads_to_the_entry_that_stays(
    two: tuple[Entry, Entry], moderator: Person, client: Any
) -> None:
    done = merge_pair(moderator, the_pair().pk)
    answer = client.get(reverse("atlas:sheet_short", args=[done.absorbed_id]))
    assert answer.status_code in (301, 302)
    assert str(done.kept_id) in answer["Location"]


def test_dates_of_sources_are_compared_as_far_as_they_are_known(two: tuple[Entry, Entry]) -> None:
    Entry.objects.filter(pk=two[0].pk).update(confirmed_on=date(2023, 1, 1))
    assert side_of(Entry.objects.get(pk=two[0].pk)).date == "2023-01-01"
