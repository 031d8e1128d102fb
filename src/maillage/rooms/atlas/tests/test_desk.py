"""The desk: never two persons on one item unknowingly, territories, bulk, export, voices of the community."""

from __future__ import annotations

import csv
import io
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from maillage.core.people.actions import add_person
from maillage.core.people.models import Person
from maillage.core.people.tests.makers import person_of
from maillage.core.places.tests.makers import square, territory
from maillage.rooms.atlas.actions import vote
from maillage.rooms.atlas.actions_desk import Decision, Overtaken, claim, decide, is_held_by_other
from maillage.rooms.atlas.models import Entry, Revision, Suggestion, SuggestionDecision
from maillage.rooms.atlas.tests.deciding import item_url, made_entry, made_moderator, seen_now, settle, suggest
from maillage.rooms.atlas.tests.posting import typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return made_entry()


@pytest.fixture
def moderator() -> Person:
    return made_moderator()


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_once_make_one_decision(entry: Entry) -> None:
    suggestion = suggest("closed", entry)
    persons = [add_person(f"Modératrice {number}", role="moderator") for number in range(2)]
    seen, barrier, outcomes = seen_now(suggestion), threading.Barrier(2, timeout=20), []

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
    pair = [suggest("correction", entry, entry={name: "Nouveau"}) for name in ("operator", "description")]
    person = add_person("Amina", role="moderator")
    seen, barrier, outcomes = [seen_now(one) for one in pair], threading.Barrier(2, timeout=20), []

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
    suggestion = suggest("correction", entry, entry={"description": "Autre"})
    client.force_login(moderator)
    data = typed_values(client.get(item_url(suggestion)).content.decode())
    settle(add_person("Bertille", role="moderator"), suggestion, "refuse", reason_code="still_right")
    answer = client.post(item_url(suggestion), {**data, "reason": "Mes mots à moi", "action": "accept"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bertille a décidé" in page and "Mes mots à moi" in page
    assert suggestion.decisions.count() == 1


def test_an_entry_changed_meanwhile_is_told_before_accepting(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = suggest(
        "correction", entry, entry={"description": "Autre"}, before_entry={"description": "Une aide du lundi."}
    )
    client.force_login(moderator)
    data = typed_values(client.get(item_url(suggestion)).content.decode())
    settle(moderator, suggest("correction", entry, entry={"description": "Encore autre"}), "accept")
    answer = client.post(item_url(suggestion), {**data, "action": "accept"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "La fiche a changé" in page
    again = typed_values(page)
    assert client.post(item_url(suggestion), {**again, "action": "accept"}).status_code == 302


def test_one_sees_who_is_looking(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = suggest("closed", entry)
    amina = add_person("Amina", role="moderator")
    claim(amina, suggestion.pk, now=timezone.now() - timedelta(minutes=2))
    client.force_login(moderator)
    page = client.get(item_url(suggestion)).content.decode()
    assert "Amina regarde cette demande depuis 2 minutes" in page
    assert "Amina regarde cette demande" in client.get(reverse("atlas:desk")).content.decode()
    data = {**typed_values(page), "action": "refuse", "reason_code": "still_right"}
    answer = client.post(item_url(suggestion), data)
    assert answer.status_code == 409 and "Amina" in answer.content.decode() and suggestion.decisions.count() == 0
    assert client.post(item_url(suggestion), {**data, "anyway": "on"}).status_code == 302


def test_a_hold_ends_by_itself_and_is_not_stolen(moderator: Person, entry: Entry) -> None:
    suggestion, now = suggest("closed", entry), timezone.now()
    amina = add_person("Amina", role="moderator")
    assert claim(amina, suggestion.pk, now=now).claimed_by == amina
    assert claim(moderator, suggestion.pk, now=now + timedelta(minutes=9)).claimed_by == amina
    assert claim(moderator, suggestion.pk, now=now + timedelta(minutes=11)).claimed_by == moderator
    suggestion.refresh_from_db()
    assert is_held_by_other(suggestion, amina, now + timedelta(minutes=12))


def test_looking_does_not_write_and_taking_does(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = suggest("closed", entry)
    client.force_login(moderator)
    client.get(item_url(suggestion))
    suggestion.refresh_from_db()
    assert suggestion.claimed_by is None
    assert client.post(reverse("atlas:desk_take", args=[suggestion.pk]))["Location"] == item_url(suggestion)
    suggestion.refresh_from_db()
    assert suggestion.claimed_by == moderator
    client.post(reverse("atlas:desk_release", args=[suggestion.pk]))
    suggestion.refresh_from_db()
    assert suggestion.claimed_by is None


def test_an_appeal_comes_back_once(client: Client, moderator: Person, entry: Entry) -> None:
    suggestion = suggest("closed", entry)
    follow, url = reverse("atlas:follow_code", args=[suggestion.code]), reverse("atlas:appeal", args=[suggestion.code])
    assert client.post(url, {"text": "Si"}).status_code == 422
    settle(moderator, suggestion, "refuse", reason_code="still_right")
    assert client.post(url, {"text": " "}).status_code == 422
    assert client.post(url, {"text": "J’y suis passée hier, le rideau est baissé."}).status_code == 302
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed" and "une personne regarde de nouveau" in client.get(follow).content.decode()
    desk = Client()
    desk.force_login(moderator)
    assert "rideau est baissé" in desk.get(item_url(suggestion)).content.decode()
    settle(moderator, suggestion, "refuse", reason_code="still_right")
    assert client.post(url, {"text": "Encore"}).status_code == 422
    assert "Je ne suis pas d’accord" not in client.get(follow).content.decode()


def test_territories_part_the_desk(client: Client, entry: Entry) -> None:
    here, elsewhere = (
        suggest("closed", entry),
        suggest("new", entry={"name": "Sans lieu"}, place={"address": "quelque part"}),
    )
    stranger = person_of("moderator_elsewhere")
    assert stranger is not None
    client.force_login(stranger)
    page = client.get(reverse("atlas:desk")).content.decode()
    assert "PIMMS" not in page and "Sans lieu" in page  # unknown territory: any moderator's
    assert client.get(item_url(here)).status_code == 404
    assert client.post(item_url(here), {"action": "accept"}).status_code == 404
    assert client.get(item_url(elsewhere)).status_code == 200
    assert "PIMMS" not in b"".join(client.get(reverse("atlas:desk_csv")).streaming_content).decode()


def test_bulk_decisions_tell_what_was_not_done(client: Client, moderator: Person, entry: Entry) -> None:
    good = [suggest("closed", entry), suggest("still_true", entry)]
    done = suggest("wrong", entry)
    settle(moderator, done, "refuse", reason_code="still_right")
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

    made = [suggest("closed", entry).pk for _ in range(7)]
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
     ("etat=nonsense&nature=%00&voie=x", 2), ("territoire=" + "9" * 500, 2)],
)  # fmt: skip
def test_filters_of_the_desk(client: Client, moderator: Person, entry: Entry, query: str, count: int) -> None:
    refused = suggest("wrong", entry)
    settle(moderator, refused, "refuse", reason_code="still_right")
    suggest("closed", entry)
    suggest("new", entry={"name": "Sans lieu"}, place={"address": "quelque part"})
    client.force_login(moderator)
    answer = client.get(f"{reverse('atlas:desk')}?{query}")
    assert answer.status_code == 200
    assert answer.context["found"].total == count if answer.context else True
    assert answer.content.decode().count('name="chosen"') == count


def test_a_territory_is_typed_by_its_name(client: Client, moderator: Person, entry: Entry) -> None:
    territory("commune", "69259", square(-500, -500, 500, 500), name="Vénissieux", postcodes=["69200"])
    suggest("closed", entry)
    suggest("new", entry={"name": "Sans lieu"}, place={"address": "quelque part"})
    client.force_login(moderator)
    for typed, count, shown in (("venissieux", 1, "Vénissieux"), ("69200", 1, "Vénissieux"), ("commune:69259", 1, "Vénissieux"),
                                ("Atlantide", 2, "Atlantide")):  # fmt: skip
        page = client.get(reverse("atlas:desk"), {"territoire": typed}).content.decode()
        assert page.count('name="chosen"') == count
        assert f'value="{shown}" list="territoires"' in page
        assert ("n’est pas connu ici" in page) is (typed == "Atlantide")


def test_the_export_of_decisions_is_complete_and_safe(client: Client, moderator: Person, entry: Entry) -> None:
    for number in range(3):
        settle(moderator, suggest("closed", entry), "refuse", reason=f"=HYPERLINK({number})\nsuite")
    client.force_login(moderator)
    answer = client.get(reverse("atlas:desk_csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == SuggestionDecision.objects.count() == 3
    assert {row["action"] for row in rows} == {"refuse"} and rows[0]["decided_by"] == "Moderator"
    assert all(row["reason"].startswith("'=") for row in rows)


def test_the_map_of_an_item_shows_the_proposed_point(client: Client, moderator: Person, entry: Entry) -> None:
    client.force_login(moderator)
    moved = suggest("correction", entry, place={"lon": 4.89, "lat": 45.705}, place_position=0)
    picture = client.get(reverse("atlas:desk_picture", args=[moved.pk])).content.decode()
    assert picture.startswith("<svg") and "Le point proposé" in picture and "La fiche aujourd’hui" in picture
    nowhere = suggest("new", entry={"name": "Sans lieu"}, place={"address": "quelque part"})
    assert client.get(reverse("atlas:desk_picture", args=[nowhere.pk])).status_code == 404
    assert "desk-picture" not in client.get(item_url(nowhere)).content.decode()


def test_history_shows_differences_word_by_word(client: Client, moderator: Person, entry: Entry) -> None:
    settle(
        moderator,
        suggest("correction", entry, entry={"description": "Une aide du mardi."}),
        "accept",
        reason="Vérifié",
    )
    page = client.get(reverse("atlas:history", args=[entry.pk])).content.decode()
    assert "<del>lundi</del>" in page and "<ins>mardi</ins>" in page and "Vérifié" in page
    assert "Une personne du public" in page and "Moderator" not in page


def test_the_community_publishes_at_the_threshold(settings: Settings, entry: Entry) -> None:
    settings.COMMUNITY_VOTES_NEEDED = 2
    suggestion = suggest("closed", entry)
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
    suggestion = suggest("closed", entry)
    for number in (1, 2):
        vote(suggestion.pk, voter=str(number), agrees=False, address=f"192.0.2.{number}")
    suggestion.refresh_from_db()
    assert suggestion.state == "held"


def test_one_browser_that_drops_its_cookies_is_not_a_community(settings: Settings, entry: Entry) -> None:
    settings.COMMUNITY_VOTES_NEEDED = 3
    suggestion, moderator = suggest("closed", entry), made_moderator()
    for _turn in range(6):
        Client().post(reverse("atlas:give_voice", args=[suggestion.pk]), {"avis": "oui"})
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed" and suggestion.votes.count() == 6, "kept, and decide nothing"
    account = Client()
    account.force_login(moderator)
    account.post(reverse("atlas:give_voice", args=[suggestion.pk]), {"avis": "oui"})
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed", "one from the address, one from an account"
    Client().post(reverse("atlas:give_voice", args=[suggestion.pk]), {"avis": "oui"}, REMOTE_ADDR="192.0.2.9")
    suggestion.refresh_from_db()
    assert suggestion.state == "published"


def test_a_flood_of_voices_decides_nothing(settings: Settings, entry: Entry) -> None:
    settings.COMMUNITY_VOTES_NEEDED, settings.FLOOD_LIMIT = 3, 2
    suggestion = suggest("closed", entry)
    for number in range(6):
        vote(suggestion.pk, voter=str(number), agrees=True, address="192.0.2.1")
    suggestion.refresh_from_db()
    assert suggestion.state == "proposed" and suggestion.votes.count() == 6


def test_the_page_of_voices(client: Client, settings: Settings, entry: Entry) -> None:
    url = reverse("atlas:voices")
    suggestion, secret = suggest("closed", entry), suggest("abusive", entry)
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
