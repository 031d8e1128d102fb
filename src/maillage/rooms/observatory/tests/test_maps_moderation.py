"""Moderators list what they read; a map changed since is not on the list in its new words; floods are held, not refused."""

from __future__ import annotations

import pytest
from django.test import Client

from maillage.core.errors import Invalid, Refused
from maillage.core.journal.models import JournalLine
from maillage.core.moderation.states import State
from maillage.core.people.models import Membership, Person
from maillage.rooms.observatory.actions_maps import (
    MOST_FLAGS,
    Saving,
    decide_map,
    flag_map,
    save_map,
    save_version,
    secret_for,
)
from maillage.rooms.observatory.models_maps import ComposedMap
from maillage.rooms.observatory.queries_maps import MOST_ON_DESK, listed_maps, maps_to_moderate
from maillage.rooms.observatory.tests.makers_maps import QUERY, saved, unemployment

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator() -> Person:
    person = Person.objects.create_person("Modératrice")
    Membership.objects.create(person=person, role="moderator", territory_code="")
    return person


def test_a_map_is_listed_in_the_version_that_was_read(moderator: Person, client: Client) -> None:
    unemployment()
    row, secret = saved(title="Lue")
    decide_map(code=row.code, decision="list", version=1, moderator=moderator)
    save_version(secret=secret, saving=Saving("autre", QUERY, title="Changée depuis"))
    assert [one.version.title for one in listed_maps()] == ["Lue"]
    assert "Changée depuis" not in client.get("/observatoire/cartes/").content.decode()
    assert [one.saved.version.title for one in maps_to_moderate().shown] == ["Changée depuis"]


DECISIONS = [("list", "published", 200), ("unlist", "refused", 200), ("hide", "hidden", 404), ("show", "proposed", 200)]


@pytest.mark.parametrize("decision, state, status", DECISIONS)
def test_what_each_decision_does(moderator: Person, client: Client, decision: str, state: str, status: int) -> None:
    unemployment()
    row, _secret = saved()
    client.post(f"/observatoire/cartes/{row.code}/signaler/", {"message": "Oh", "form_key": "k"})
    client.force_login(moderator)
    sent = {"decision": decision, "version": 1, "reason": "vu"}
    assert client.post(f"/observatoire/cartes/relecture/{row.code}/", sent).status_code == 302
    row.refresh_from_db()
    assert row.state == state and row.decided_by == moderator and not row.flags.filter(is_settled=False).exists()
    assert client.get(f"/observatoire/cartes/{row.code}/").status_code == status
    line = JournalLine.objects.get(action="observatory.map_decided")
    assert line.details == {"decision": decision, "version": 1}


def test_the_maker_of_a_hidden_map_reads_why(moderator: Person, client: Client) -> None:
    unemployment()
    row, secret = saved(title="Une")
    decide_map(code=row.code, decision="hide", version=1, moderator=moderator, reason="Un nom y est écrit")
    text = client.get(f"/observatoire/cartes/la-mienne/{secret}/").content.decode()
    assert "a masqué cette carte" in text and "Un nom y est écrit" in text


def test_who_does_not_moderate_decides_nothing() -> None:
    unemployment()
    row, _secret = saved()
    with pytest.raises(Refused):
        decide_map(code=row.code, decision="hide", version=1, moderator=Person.objects.create_person("Alice"))


@pytest.mark.parametrize("decision, version", [("burn", 1), ("list", 7)])
def test_a_decision_that_does_not_exist(moderator: Person, decision: str, version: int) -> None:
    unemployment()
    row, _secret = saved()
    with pytest.raises(Invalid):
        decide_map(code=row.code, decision=decision, version=version, moderator=moderator)


def test_a_flood_is_held_and_nobody_is_refused(client: Client, settings: object) -> None:
    unemployment()
    settings.FLOOD_LIMIT = 2  # type: ignore[attr-defined]
    rows = [save_map(saving=Saving(f"clé {place}", QUERY, address="198.51.100.7")) for place in range(4)]
    assert [one.state for one in rows] == [State.PROPOSED, State.PROPOSED, State.HELD, State.HELD]
    assert client.get(f"/observatoire/cartes/{rows[3].code}/").status_code == 404
    text = client.get(f"/observatoire/cartes/la-mienne/{secret_for('clé 3')}/").content.decode()
    assert "attend qu’une personne la lise" in text


def test_a_flood_keeps_no_moderator_from_their_page(moderator: Person, client: Client, settings: object) -> None:
    unemployment()
    settings.FLOOD_LIMIT = 1  # type: ignore[attr-defined]
    rows = [save_map(saving=Saving(f"clé {place}", QUERY, address="198.51.100.7")) for place in range(MOST_ON_DESK + 5)]
    honest = save_map(saving=Saving("autre", QUERY, title="Une vraie carte", address="192.0.2.1"))
    for number in range(MOST_FLAGS + 5):
        flag_map(code=rows[0].code, message=f"Oh {number}", key=f"f{number}")
    assert rows[0].flags.count() == MOST_FLAGS
    client.force_login(moderator)
    text = client.get("/observatoire/cartes/relecture/").content.decode()
    assert text.count('class="card-title"') == MOST_ON_DESK and "36 cartes attendent" in text
    assert text.index(f"/{rows[0].code}/") < text.index(f"/{honest.code}/") < text.index(f"/{rows[1].code}/")


def test_the_secret_is_not_kept() -> None:
    row, secret = saved()
    assert secret not in str(ComposedMap.objects.filter(pk=row.pk).values().get())
