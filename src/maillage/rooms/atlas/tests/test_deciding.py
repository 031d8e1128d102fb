"""Decisions carried out on the atlas, told to the person, undone by new decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from maillage.core.channels.actions import deliver_waiting_messages
from maillage.core.journal.models import JournalLine
from maillage.core.people.models import Person
from maillage.core.search.models import SearchDocument
from maillage.rooms.atlas.models import Entry, Revision, SuggestionDecision
from maillage.rooms.atlas.tests.deciding import NEW, item_url, made_entry, made_moderator, settle, suggest
from maillage.rooms.atlas.tests.makers import make_entry
from maillage.rooms.atlas.tests.posting import typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return made_entry()


@pytest.fixture
def moderator() -> Person:
    return made_moderator()


def test_accepting_a_new_place_makes_an_entry_that_is_found(moderator: Person) -> None:
    suggestion = suggest("new", **NEW)
    settle(moderator, suggestion, "accept")
    entry = Entry.objects.get()
    assert (entry.name, entry.source.code, entry.version, entry.is_published) == (
        "Atelier vélo",
        "contributions",
        1,
        True,
    )
    place = entry.places.get()
    assert (place.lon, place.lat, place.precision, place.quadkey is not None) == (4.89, 45.7, "address", True)
    assert "commune:69259" in entry.territories and entry.in_qpv == ["undetermined"]
    assert SearchDocument.objects.get(object_id=entry.pk).title == "Atelier vélo"
    revision = Revision.objects.get()
    assert (revision.number, revision.who, revision.channel, revision.suggestion) == (1, "public", "web", suggestion)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.entry, suggestion.decided_by) == ("published", entry, moderator)
    line = JournalLine.objects.get(action="atlas.suggestion_accept")
    assert line.subject == f"atlas:suggestion:{suggestion.pk}" and line.actor


def test_accepting_a_correction_changes_only_what_was_proposed(moderator: Person, entry: Entry) -> None:
    proposed = {
        "entry": {"description": "Une aide du mardi."},
        "place": {"opening_hours_text": "Le mardi"},
        "place_position": 0,
    }
    suggestion = suggest("correction", entry, **proposed)
    settle(moderator, suggestion, "accept", reason="Vérifié par téléphone")
    entry.refresh_from_db()
    place = entry.places.get()
    assert (entry.name, entry.description, entry.themes, entry.version) == (
        "PIMMS de Vénissieux",
        "Une aide du mardi.",
        ["rights"],
        2,
    )
    assert (place.opening_hours_text, place.opening_hours, place.lon, place.commune_code) == (
        "Le mardi",
        "",
        4.886,
        "69259",
    )
    revision = Revision.objects.get(entry=entry, number=2)
    assert revision.reason == "Vérifié par téléphone"
    assert {one["field"] for one in revision.changes} == {"description", "places"}
    assert revision.snapshot["description"] == "Une aide du mardi."


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("closed", lambda entry: entry.status == "closed" and entry.status_as_of and entry.status_reason),
        ("still_true", lambda entry: entry.confirmed_on == timezone.localdate() and entry.is_published),
        ("abusive", lambda entry: not entry.is_published and entry.hidden_reason),
    ],
)
def test_accepting_a_report_does_it(moderator: Person, entry: Entry, kind: str, check: Any) -> None:
    settle(moderator, suggest(kind, entry), "accept")
    entry.refresh_from_db()
    assert check(entry) and entry.version == 2
    assert SearchDocument.objects.filter(object_id=entry.pk).exists() == entry.is_published


def test_accepting_a_duplicate_merges_and_old_addresses_lead_on(
    client: Client, moderator: Person, entry: Entry
) -> None:
    third = make_entry("PIMMS (ancien)")
    kept = make_entry("PIMMS Vénissieux")
    Entry.objects.filter(pk=third.pk).update(merged_into=entry, is_published=False)
    settle(moderator, suggest("duplicate", entry, duplicate_of=kept.pk), "accept")
    for one in (entry, third):
        one.refresh_from_db()
        assert (one.merged_into, one.is_published) == (kept, False)
        answer = client.get(reverse("atlas:sheet_short", args=[one.pk]))
        assert answer.status_code == 301 and f"/{kept.pk}-" in answer["Location"]
    assert not SearchDocument.objects.filter(object_id=entry.pk).exists()
    assert client.get(reverse("atlas:history", args=[entry.pk])).status_code == 200


def test_an_entry_is_no_duplicate_of_itself(moderator: Person, entry: Entry) -> None:
    from maillage.core.errors import Invalid

    other = make_entry("Autre")
    Entry.objects.filter(pk=other.pk).update(merged_into=entry, is_published=False)
    for target in (entry, other):
        with pytest.raises(Invalid):
            settle(moderator, suggest("duplicate", entry, duplicate_of=target.pk), "accept")
    entry.refresh_from_db()
    assert entry.is_published and entry.version == 1


def test_refusing_gives_the_reason_to_the_person(
    client: Client, moderator: Person, entry: Entry, settings: Settings
) -> None:
    suggestion = suggest("closed", entry, contact="alice@example.org")
    client.force_login(moderator)
    data = typed_values(client.get(item_url(suggestion)).content.decode())
    answer = client.post(
        item_url(suggestion), {**data, "action": "refuse", "reason_code": "still_right", "reason": "Appelé lundi."}
    )
    assert answer.status_code == 302
    entry.refresh_from_db()
    assert (entry.status, entry.version) == ("active", 1)
    page = Client().get(reverse("atlas:follow_code", args=[suggestion.code])).content.decode()
    assert "Refusé" in page and "toujours juste" in page and "Appelé lundi." in page
    deliver_waiting_messages()
    letters = " ".join(path.read_text(encoding="utf-8") for path in Path(settings.OUTBOX).iterdir())
    assert "Appelé lundi." in letters and "toujours juste" in letters


def test_a_refusal_needs_a_reason(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = suggest("closed", entry)
    client.force_login(moderator)
    answer = client.post(
        item_url(suggestion), {**typed_values(client.get(item_url(suggestion)).content.decode()), "action": "refuse"}
    )
    assert answer.status_code == 422 and "Donnez une raison" in answer.content.decode()
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed"


def test_editing_before_accepting(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = suggest(
        "correction", entry, entry={"description": "Une èide"}, before_entry={"description": "Une aide du lundi."}
    )
    client.force_login(moderator)
    data = typed_values(client.get(item_url(suggestion)).content.decode())
    assert data["edit-description"] == "Une èide"
    client.post(item_url(suggestion), {**data, "edit-description": "Une aide.", "action": "accept"})
    entry.refresh_from_db()
    assert entry.description == "Une aide." and SuggestionDecision.objects.get().was_edited


def test_accepting_as_proposed_is_not_editing(client: Client, moderator: Person, entry: Entry) -> None:
    for suggestion in (suggest("correction", entry, entry={"description": "Autre"}), suggest("new", **NEW)):
        client.force_login(moderator)
        data = typed_values(client.get(item_url(suggestion)).content.decode())
        assert client.post(item_url(suggestion), {**data, "action": "accept"}).status_code == 302
        assert not suggestion.decisions.get().was_edited
    assert Entry.objects.filter(name="Atelier vélo").exists()


def test_an_error_in_the_edit_keeps_it(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = suggest("correction", entry, entry={"description": "Autre"})
    client.force_login(moderator)
    data = typed_values(client.get(item_url(suggestion)).content.decode())
    answer = client.post(item_url(suggestion), {**data, "edit-phone": "abc", "reason": "Mes mots", "action": "accept"})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="abc"' in page and "Mes mots" in page
    assert suggestion.decisions.count() == 0


def test_undoing_an_acceptance_restores_the_entry_by_a_new_decision(moderator: Person, entry: Entry) -> None:
    suggestion = suggest("correction", entry, entry={"description": "Faux"}, place={"phone": "3949"}, place_position=0)
    settle(moderator, suggestion, "accept")
    settle(moderator, suggestion, "reopen", reason="Erreur de ma part")
    entry.refresh_from_db()
    suggestion.refresh_from_db()
    assert (entry.description, entry.places.get().phone, entry.version) == ("Une aide du lundi.", "", 3)
    assert suggestion.state == "proposed"
    assert list(suggestion.decisions.order_by("pk").values_list("action", flat=True)) == ["accept", "reopen"]
    assert Revision.objects.filter(entry=entry).count() == 3


@pytest.mark.parametrize("kind", ["new", "abusive", "still_true", "duplicate", "closed"])
def test_every_kind_can_be_undone_and_accepted_again(moderator: Person, entry: Entry, kind: str) -> None:
    other = make_entry("Autre")
    proposal = NEW if kind == "new" else {"duplicate_of": other.pk} if kind == "duplicate" else {}
    suggestion = suggest(kind, None if kind == "new" else entry, **proposal)
    settle(moderator, suggestion, "accept")
    suggestion.refresh_from_db()
    target = suggestion.entry
    assert target is not None
    settle(moderator, suggestion, "reopen")
    target.refresh_from_db()
    assert target.is_published == (kind != "new")
    assert (target.status, target.confirmed_on, target.merged_into) == (
        ("active" if kind != "new" else target.status),
        None,
        None,
    )
    settle(moderator, suggestion, "accept")
    target.refresh_from_db()
    assert target.is_published == (kind not in ("abusive", "duplicate"))
    assert Entry.objects.count() == (3 if kind == "new" else 2)


def test_what_changed_again_since_is_not_undone_blindly(moderator: Person, entry: Entry) -> None:
    from maillage.core.errors import Invalid

    first = suggest("correction", entry, entry={"description": "Un"})
    settle(moderator, first, "accept")
    settle(moderator, suggest("correction", entry, entry={"description": "Deux"}), "accept")
    with pytest.raises(Invalid, match="encore changé"):
        settle(moderator, first, "reopen")
    entry.refresh_from_db()
    assert entry.description == "Deux"
