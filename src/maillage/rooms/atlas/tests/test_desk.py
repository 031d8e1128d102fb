"""The desk: decisions carried out, told, undone; never two persons on one item unknowingly."""

from __future__ import annotations

import csv
import io
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from maillage.core.channels.actions import deliver_waiting_messages
from maillage.core.journal.models import JournalLine
from maillage.core.people.actions import add_person
from maillage.core.people.models import Person
from maillage.core.people.tests.makers import person_of
from maillage.core.search.models import SearchDocument
from maillage.rooms.atlas.actions import Contact, Sending, send_suggestion, vote
from maillage.rooms.atlas.actions_desk import Decision, Overtaken, Seen, claim, decide, is_held_by_other
from maillage.rooms.atlas.models import Entry, Revision, Suggestion, SuggestionDecision
from maillage.rooms.atlas.proposal import Proposal
from maillage.rooms.atlas.tests.makers import at, make_entry
from maillage.rooms.atlas.tests.posting import typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    place = at(4.886, 45.7036, "Maison", commune="Vénissieux", commune_code="69259", opening_hours="Mo 09:00-12:00")
    return make_entry(
        "PIMMS de Vénissieux", places=(place,), status="active", themes=["rights"], description="Une aide du lundi."
    )


@pytest.fixture
def moderator() -> Person:
    person = person_of("moderator")
    assert person is not None
    return person


_numbers = iter(range(10**6))


def _suggest(kind: str, about: Entry | None = None, contact: str = "", **proposal: Any) -> Suggestion:
    by = "mail" if "@" in contact else "sms" if contact else ""
    sending = Sending(
        kind=kind, key=f"key-{next(_numbers)}", entry=about, proposal=Proposal(**proposal), contact=Contact(by, contact)
    )
    return send_suggestion(sending)


def _seen(suggestion: Suggestion) -> Seen:
    suggestion.refresh_from_db()
    version = suggestion.entry.version if suggestion.entry else None
    return Seen(suggestion.decisions.count(), suggestion.state, version)


def _decide(person: Person, suggestion: Suggestion, action: str, **options: Any) -> SuggestionDecision:
    return decide(person, suggestion.pk, Decision(action, _seen(suggestion), **options))


def _item(suggestion: Suggestion) -> str:
    return reverse("atlas:desk_item", args=[suggestion.pk])


NEW = {"entry": {"name": "Atelier vélo", "kind": "place", "summary": "On répare.", "themes": ["mobility"]},
       "place": {"commune": "Vénissieux", "commune_code": "69259", "lon": 4.89, "lat": 45.7}}  # fmt: skip


def test_accepting_a_new_place_makes_an_entry_that_is_found(moderator: Person) -> None:
    suggestion = _suggest("new", **NEW)
    _decide(moderator, suggestion, "accept")
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
    suggestion = _suggest("correction", entry, **proposed)
    _decide(moderator, suggestion, "accept", reason="Vérifié par téléphone")
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
    _decide(moderator, _suggest(kind, entry), "accept")
    entry.refresh_from_db()
    assert check(entry) and entry.version == 2
    assert SearchDocument.objects.filter(object_id=entry.pk).exists() == entry.is_published


def test_accepting_a_duplicate_merges_and_old_addresses_lead_on(
    client: Client, moderator: Person, entry: Entry
) -> None:
    third = make_entry("PIMMS (ancien)")
    kept = make_entry("PIMMS Vénissieux")
    Entry.objects.filter(pk=third.pk).update(merged_into=entry, is_published=False)
    _decide(moderator, _suggest("duplicate", entry, duplicate_of=kept.pk), "accept")
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
            _decide(moderator, _suggest("duplicate", entry, duplicate_of=target.pk), "accept")
    entry.refresh_from_db()
    assert entry.is_published and entry.version == 1


def test_refusing_gives_the_reason_to_the_person(
    client: Client, moderator: Person, entry: Entry, settings: Settings
) -> None:
    suggestion = _suggest("closed", entry, contact="alice@example.org")
    client.force_login(moderator)
    data = typed_values(client.get(_item(suggestion)).content.decode())
    answer = client.post(
        _item(suggestion), {**data, "action": "refuse", "reason_code": "still_right", "reason": "Appelé lundi."}
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
    suggestion = _suggest("closed", entry)
    client.force_login(moderator)
    answer = client.post(
        _item(suggestion), {**typed_values(client.get(_item(suggestion)).content.decode()), "action": "refuse"}
    )
    assert answer.status_code == 422 and "Donnez une raison" in answer.content.decode()
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed"


def test_editing_before_accepting(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = _suggest(
        "correction", entry, entry={"description": "Une èide"}, before_entry={"description": "Une aide du lundi."}
    )
    client.force_login(moderator)
    data = typed_values(client.get(_item(suggestion)).content.decode())
    assert data["edit-description"] == "Une èide"
    client.post(_item(suggestion), {**data, "edit-description": "Une aide.", "action": "accept"})
    entry.refresh_from_db()
    assert entry.description == "Une aide." and SuggestionDecision.objects.get().was_edited


def test_accepting_as_proposed_is_not_editing(client: Client, moderator: Person, entry: Entry) -> None:
    for suggestion in (_suggest("correction", entry, entry={"description": "Autre"}), _suggest("new", **NEW)):
        client.force_login(moderator)
        data = typed_values(client.get(_item(suggestion)).content.decode())
        assert client.post(_item(suggestion), {**data, "action": "accept"}).status_code == 302
        assert not suggestion.decisions.get().was_edited
    assert Entry.objects.filter(name="Atelier vélo").exists()


def test_an_error_in_the_edit_keeps_it(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = _suggest("correction", entry, entry={"description": "Autre"})
    client.force_login(moderator)
    data = typed_values(client.get(_item(suggestion)).content.decode())
    answer = client.post(_item(suggestion), {**data, "edit-phone": "abc", "reason": "Mes mots", "action": "accept"})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="abc"' in page and "Mes mots" in page
    assert suggestion.decisions.count() == 0


def test_undoing_an_acceptance_restores_the_entry_by_a_new_decision(moderator: Person, entry: Entry) -> None:
    suggestion = _suggest("correction", entry, entry={"description": "Faux"}, place={"phone": "3949"}, place_position=0)
    _decide(moderator, suggestion, "accept")
    _decide(moderator, suggestion, "reopen", reason="Erreur de ma part")
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
    suggestion = _suggest(kind, None if kind == "new" else entry, **proposal)
    _decide(moderator, suggestion, "accept")
    suggestion.refresh_from_db()
    target = suggestion.entry
    assert target is not None
    _decide(moderator, suggestion, "reopen")
    target.refresh_from_db()
    assert target.is_published == (kind != "new")
    assert (target.status, target.confirmed_on, target.merged_into) == (
        ("active" if kind != "new" else target.status),
        None,
        None,
    )
    _decide(moderator, suggestion, "accept")
    target.refresh_from_db()
    assert target.is_published == (kind not in ("abusive", "duplicate"))
    assert Entry.objects.count() == (3 if kind == "new" else 2)


def test_what_changed_again_since_is_not_undone_blindly(moderator: Person, entry: Entry) -> None:
    from maillage.core.errors import Invalid

    first = _suggest("correction", entry, entry={"description": "Un"})
    _decide(moderator, first, "accept")
    _decide(moderator, _suggest("correction", entry, entry={"description": "Deux"}), "accept")
    with pytest.raises(Invalid, match="encore changé"):
        _decide(moderator, first, "reopen")
    entry.refresh_from_db()
    assert entry.description == "Deux"


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_once_make_one_decision(entry: Entry) -> None:
    suggestion = _suggest("closed", entry)
    persons = [add_person(f"Modératrice {number}", role="moderator") for number in range(2)]
    seen, barrier, outcomes = _seen(suggestion), threading.Barrier(2, timeout=20), []

    def work(person: Person, action: str) -> None:
        barrier.wait()
        try:
            decide(person, suggestion.pk, Decision(action, seen, "still_right"))
            outcomes.append("done")
        except Overtaken as fault:
            outcomes.append(str(fault))
        connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in zip(persons, ("accept", "refuse"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("done") == 1
    assert "Entre-temps, Modératrice" in next(one for one in outcomes if one != "done")
    assert suggestion.decisions.count() == 1
    entry.refresh_from_db()
    assert entry.version == (2 if suggestion.decisions.get().action == "accept" else 1)


@pytest.mark.django_db(transaction=True)
def test_two_corrections_of_one_entry_at_once_are_both_in_its_history(entry: Entry) -> None:
    """Each accepts what it saw; the second is told that the entry changed, nothing is overwritten unseen."""
    pair = [_suggest("correction", entry, entry={name: "Nouveau"}) for name in ("operator", "description")]
    person = add_person("Amina", role="moderator")
    seen, barrier, outcomes = [_seen(one) for one in pair], threading.Barrier(2, timeout=20), []

    def work(number: int) -> None:
        barrier.wait()
        try:
            decide(person, pair[number].pk, Decision("accept", seen[number]))
            outcomes.append("done")
        except Overtaken:
            outcomes.append("told")
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entry.refresh_from_db()
    assert Revision.objects.filter(entry=entry).count() == entry.version == 1 + outcomes.count("done")
    assert [entry.operator, entry.description].count("Nouveau") == outcomes.count("done") >= 1


def test_a_decision_taken_meanwhile_is_told_and_nothing_typed_is_lost(
    client: Client, moderator: Person, entry: Entry
) -> None:
    suggestion = _suggest("correction", entry, entry={"description": "Autre"})
    client.force_login(moderator)
    data = typed_values(client.get(_item(suggestion)).content.decode())
    _decide(add_person("Bertille", role="moderator"), suggestion, "refuse", reason_code="still_right")
    answer = client.post(_item(suggestion), {**data, "reason": "Mes mots à moi", "action": "accept"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bertille a décidé" in page and "Mes mots à moi" in page
    assert suggestion.decisions.count() == 1


def test_an_entry_changed_meanwhile_is_told_before_accepting(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = _suggest(
        "correction", entry, entry={"description": "Autre"}, before_entry={"description": "Une aide du lundi."}
    )
    client.force_login(moderator)
    data = typed_values(client.get(_item(suggestion)).content.decode())
    _decide(moderator, _suggest("correction", entry, entry={"description": "Encore autre"}), "accept")
    answer = client.post(_item(suggestion), {**data, "action": "accept"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "La fiche a changé" in page
    again = typed_values(page)
    assert client.post(_item(suggestion), {**again, "action": "accept"}).status_code == 302


def test_one_sees_who_is_looking(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = _suggest("closed", entry)
    amina = add_person("Amina", role="moderator")
    claim(amina, suggestion.pk, now=timezone.now() - timedelta(minutes=2))
    client.force_login(moderator)
    page = client.get(_item(suggestion)).content.decode()
    assert "Amina regarde cette demande depuis 2 minutes" in page
    assert "Amina regarde cette demande" in client.get(reverse("atlas:desk")).content.decode()
    data = {**typed_values(page), "action": "refuse", "reason_code": "still_right"}
    answer = client.post(_item(suggestion), data)
    assert answer.status_code == 409 and "Amina" in answer.content.decode() and suggestion.decisions.count() == 0
    assert client.post(_item(suggestion), {**data, "anyway": "on"}).status_code == 302


def test_a_hold_ends_by_itself_and_is_not_stolen(moderator: Person, entry: Entry) -> None:
    suggestion, now = _suggest("closed", entry), timezone.now()
    amina = add_person("Amina", role="moderator")
    assert claim(amina, suggestion.pk, now=now).claimed_by == amina
    assert claim(moderator, suggestion.pk, now=now + timedelta(minutes=9)).claimed_by == amina
    assert claim(moderator, suggestion.pk, now=now + timedelta(minutes=11)).claimed_by == moderator
    suggestion.refresh_from_db()
    assert is_held_by_other(suggestion, amina, now + timedelta(minutes=12))


def test_looking_does_not_write_and_taking_does(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = _suggest("closed", entry)
    client.force_login(moderator)
    client.get(_item(suggestion))
    suggestion.refresh_from_db()
    assert suggestion.claimed_by is None
    assert client.post(reverse("atlas:desk_take", args=[suggestion.pk]))["Location"] == _item(suggestion)
    suggestion.refresh_from_db()
    assert suggestion.claimed_by == moderator
    client.post(reverse("atlas:desk_release", args=[suggestion.pk]))
    suggestion.refresh_from_db()
    assert suggestion.claimed_by is None


def test_an_appeal_comes_back_once(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = _suggest("closed", entry)
    follow, url = reverse("atlas:follow_code", args=[suggestion.code]), reverse("atlas:appeal", args=[suggestion.code])
    assert client.post(url, {"text": "Si"}).status_code == 422
    _decide(moderator, suggestion, "refuse", reason_code="still_right")
    assert client.post(url, {"text": " "}).status_code == 422
    assert client.post(url, {"text": "J’y suis passée hier, le rideau est baissé."}).status_code == 302
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed" and "une personne regarde de nouveau" in client.get(follow).content.decode()
    desk = Client()
    desk.force_login(moderator)
    assert "rideau est baissé" in desk.get(_item(suggestion)).content.decode()
    _decide(moderator, suggestion, "refuse", reason_code="still_right")
    assert client.post(url, {"text": "Encore"}).status_code == 422
    assert "Je ne suis pas d’accord" not in client.get(follow).content.decode()


def test_territories_part_the_desk(client: Client, entry: Entry) -> None:
    here, elsewhere = (
        _suggest("closed", entry),
        _suggest("new", entry={"name": "Sans lieu"}, place={"address": "quelque part"}),
    )
    stranger = person_of("moderator_elsewhere")
    assert stranger is not None
    client.force_login(stranger)
    page = client.get(reverse("atlas:desk")).content.decode()
    assert "PIMMS" not in page and "Sans lieu" in page  # unknown territory: any moderator's
    assert client.get(_item(here)).status_code == 404
    assert client.post(_item(here), {"action": "accept"}).status_code == 404
    assert client.get(_item(elsewhere)).status_code == 200
    assert "PIMMS" not in b"".join(client.get(reverse("atlas:desk_csv")).streaming_content).decode()


def test_bulk_decisions_tell_what_was_not_done(client: Client, moderator: Person, entry: Entry) -> None:
    good = [_suggest("closed", entry), _suggest("still_true", entry)]
    done = _suggest("wrong", entry)
    _decide(moderator, done, "refuse", reason_code="still_right")
    client.force_login(moderator)
    chosen = [str(one.pk) for one in (*good, done)]
    answer = client.post(
        reverse("atlas:desk_many"), {"chosen": chosen, "action": "refuse", "reason_code": "not_verified"}, follow=True
    )
    page = answer.content.decode()
    assert "2 demandes décidées" in page and f"Demande n° {done.pk}" in page
    assert [Suggestion.objects.get(pk=one.pk).state for one in good] == ["refused", "refused"]
    assert client.post(reverse("atlas:desk_many"), {"action": "refuse"}).status_code == 422
    assert client.post(reverse("atlas:desk_many"), {"chosen": ["x", "9" * 40], "action": "accept"}).status_code == 422


def test_the_queue_is_complete_page_by_page(client: Client, moderator: Person, entry: Entry) -> None:
    from maillage.rooms.atlas.queries_desk import DeskFilters, desk_page

    made = [_suggest("closed", entry).pk for _ in range(7)]
    Suggestion.objects.filter(pk__in=made[:3]).update(created_at=timezone.now())
    read, cursor = [], ""
    while True:
        page = desk_page(moderator, DeskFilters(), cursor, size=3)
        assert page.total == 7
        read += [one.pk for one in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert sorted(read) == sorted(made) and len(read) == 7
    for junk in ("x", "2020-01-01_1", "2020-01-01T00:00:00+00:00_x", "_", "2020-01-01T00:00:00_5"):
        assert desk_page(moderator, DeskFilters(), junk).total == 7


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 2), ("etat=all", 3), ("etat=refused", 1), ("nature=new", 1), ("voie=paper", 0), ("territoire=commune:69259", 1),
     ("etat=nonsense&nature=%00&voie=x", 2), ("territoire=" + "9" * 500, 0)],
)  # fmt: skip
def test_filters_of_the_desk(client: Client, moderator: Person, entry: Entry, query: str, count: int) -> None:
    refused = _suggest("wrong", entry)
    _decide(moderator, refused, "refuse", reason_code="still_right")
    _suggest("closed", entry)
    _suggest("new", entry={"name": "Sans lieu"}, place={"address": "quelque part"})
    client.force_login(moderator)
    answer = client.get(f"{reverse('atlas:desk')}?{query}")
    assert answer.status_code == 200
    assert answer.context["found"].total == count if answer.context else True
    assert answer.content.decode().count('name="chosen"') == count


def test_the_export_of_decisions_is_complete_and_safe(client: Client, moderator: Person, entry: Entry) -> None:
    for number in range(3):
        _decide(moderator, _suggest("closed", entry), "refuse", reason=f"=HYPERLINK({number})\nsuite")
    client.force_login(moderator)
    answer = client.get(reverse("atlas:desk_csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == SuggestionDecision.objects.count() == 3
    assert {row["action"] for row in rows} == {"refuse"} and rows[0]["decided_by"] == "Moderator"
    assert all(row["reason"].startswith("'=") for row in rows)


def test_history_shows_differences_word_by_word(client: Client, moderator: Person, entry: Entry) -> None:
    _decide(
        moderator,
        _suggest("correction", entry, entry={"description": "Une aide du mardi."}),
        "accept",
        reason="Vérifié",
    )
    page = client.get(reverse("atlas:history", args=[entry.pk])).content.decode()
    assert "<del>lundi</del>" in page and "<ins>mardi</ins>" in page and "Vérifié" in page
    assert "Une personne du public" in page and "Moderator" not in page


def test_the_community_publishes_at_the_threshold(settings: Settings, entry: Entry) -> None:
    settings.COMMUNITY_VOTES_NEEDED = 2
    suggestion = _suggest("closed", entry)
    vote(suggestion.pk, voter="a", agrees=True, address="192.0.2.1")
    vote(suggestion.pk, voter="a", agrees=True, address="192.0.2.1")
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed"
    vote(suggestion.pk, voter="b", agrees=True, address="192.0.2.2")
    suggestion.refresh_from_db()
    entry.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by, entry.status) == ("published", None, "closed")
    assert suggestion.decisions.get().by_community


def test_the_community_never_refuses(settings: Settings, entry: Entry) -> None:
    settings.COMMUNITY_VOTES_NEEDED = 2
    suggestion = _suggest("closed", entry)
    for voter in "ab":
        vote(suggestion.pk, voter=voter, agrees=False, address="192.0.2.1")
    suggestion.refresh_from_db()
    assert suggestion.state == "held"


def test_a_flood_of_voices_decides_nothing(settings: Settings, entry: Entry) -> None:
    settings.COMMUNITY_VOTES_NEEDED, settings.FLOOD_LIMIT = 3, 2
    suggestion = _suggest("closed", entry)
    for number in range(6):
        vote(suggestion.pk, voter=str(number), agrees=True, address="192.0.2.1")
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed" and suggestion.votes.count() == 6


def test_the_page_of_voices(client: Client, settings: Settings, entry: Entry) -> None:
    url = reverse("atlas:voices")
    suggestion, secret = _suggest("closed", entry), _suggest("abusive", entry)
    assert client.get(url).status_code == 404
    settings.COMMUNITY_VOTES_NEEDED = 3
    page = client.get(url).content.decode()
    assert f's-{suggestion.pk}"' in page and f's-{secret.pk}"' not in page
    voice = reverse("atlas:give_voice", args=[suggestion.pk])
    for _turn in range(2):
        assert client.post(voice, {"avis": "oui"}).status_code == 302
    assert suggestion.votes.count() == 1
    client.post(voice, {"avis": "non"})
    assert not suggestion.votes.get().agrees
    assert Client().post(reverse("atlas:give_voice", args=[999]), {"avis": "oui"}).status_code == 404


def test_ready_reasons_are_complete() -> None:
    from maillage.rooms.atlas.reasons import reasons

    assert len({one.code for one in reasons()}) == len(reasons()) >= 6
    for one in reasons():
        assert set(one.labels) == set(one.texts) == {"fr", "en", "ar"} and set(one.decisions) <= {
            "refuse",
            "hide",
            "aside",
        }
