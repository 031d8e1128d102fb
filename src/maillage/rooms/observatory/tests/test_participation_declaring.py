"""Saying who one is: without account, optional, once; sheets typed by a helper; folded after a year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from maillage.core.errors import Invalid, Refused
from maillage.core.journal.models import JournalLine
from maillage.core.people.actions import add_person
from maillage.core.people.models import Person
from maillage.core.privacy.actions import run_retentions
from maillage.rooms.observatory import actions_participation as actions
from maillage.rooms.observatory.models_participation import ParticipationDeclaration, ParticipationTally
from maillage.rooms.observatory.participation_summary import participation_summary
from maillage.rooms.observatory.tests.participation_makers import VENISSIEUX, declare, make_towns

pytestmark = pytest.mark.django_db
URL = "/observatoire/participation/"
TAKING = actions.Taking("secret", "atlas", VENISSIEUX, "2026-11")


def sent(client: Client, **data: str) -> tuple[int, str]:
    answer = client.post(f"{URL}dire/", {"cle": "k1", "piece": "atlas", "commune": "Vénissieux"} | data)
    return answer.status_code, answer.content.decode()


def test_anyone_may_say_who_they_are(client: Client) -> None:
    make_towns()
    page = client.get(f"{URL}dire/?piece=atlas&territoire={VENISSIEUX}").content.decode()
    assert 'value="atlas"' in page and 'value="Vénissieux"' in page and "rien n’est lié" in page
    assert sent(client, age="25_39", housing="hlm")[0] == 302
    row = ParticipationDeclaration.objects.get()
    assert (row.age, row.housing, row.gender, row.room, row.territory, row.channel) == (
        "25_39", "hlm", "", "atlas", VENISSIEUX, "web",
    )  # fmt: skip
    assert row.month == timezone.localdate().strftime("%Y-%m")


def test_sent_twice_is_counted_once_and_the_last_answer_stays(client: Client) -> None:
    make_towns()
    sent(client, age="25_39")
    sent(client, age="25_39")
    sent(client, age="40_64")
    assert ParticipationDeclaration.objects.get().age == "40_64"
    sent(client, cle="k2", age="40_64")
    assert ParticipationDeclaration.objects.count() == 2


def test_what_cannot_be_taken_is_said_field_by_field(client: Client) -> None:
    make_towns()
    status, page = sent(client)
    assert status == 422 and "Répondez à une question au moins" in page
    status, page = sent(client, age="42 ans")
    assert status == 422 and "Ce choix n’existe pas." in page
    status, page = sent(client, commune="Ailleurs-sur-Rien", age="25_39")
    assert status == 422 and "Aucune commune de ce nom" in page
    assert not ParticipationDeclaration.objects.exists()


def test_nothing_leads_from_a_row_to_somebody() -> None:
    row = actions.declare_participation(taking=TAKING, answers={"age": "15_24"})
    names = {field.name for field in ParticipationDeclaration._meta.get_fields()}
    assert names == {"id", "form_key", "room", "channel", "month", "territory", "people", "sheet_reference", "is_held",
                     "age", "gender", "housing", "qpv", "activity", "language"}  # fmt: skip
    assert not any(field.is_relation for field in ParticipationDeclaration._meta.get_fields())
    line = JournalLine.objects.get(action="observatory.participation_declared")
    assert line.actor is None and str(row.pk) not in f"{line.subject}{line.details}"
    with pytest.raises(FieldDoesNotExist):
        ParticipationDeclaration._meta.get_field("created_at")


def test_a_place_finer_than_a_town_does_not_enter_the_table() -> None:
    with pytest.raises(IntegrityError):
        declare(1, territory="qpv:QN06901M", age="15_24")


def test_a_flood_from_one_address_is_set_aside_and_counted_by_a_moderator(client: Client) -> None:
    for number in range(25):
        taking = actions.Taking(f"k{number}", "atlas", VENISSIEUX, "2026-11")
        actions.declare_participation(taking=taking, answers={"age": "15_24"}, address="192.0.2.7")
    held = ParticipationDeclaration.objects.filter(is_held=True).count()
    assert held == 15 and participation_summary().held == 15
    assert participation_summary().people == 10  # the rest of the towns, together
    assert "15 réponses arrivées en rafale" in client.get(URL).content.decode()
    with pytest.raises(Refused):
        actions.count_held_declarations(moderator=add_person("Hélène", role="helper"))
    client.force_login(add_person("Modérateur", role="moderator"))
    assert client.post(f"{URL}mises-de-cote/").status_code == 302
    assert participation_summary().people == 25


@pytest.fixture
def helper() -> Person:
    make_towns()
    return add_person("Hélène", email="helene@example.org", role="helper")


def sheet(**data: str) -> dict[str, str]:
    head = {
        "cle": "f1",
        "feuille": "F-12",
        "piece": "meeting",
        "canal": "meeting",
        "commune": "Vénissieux",
        "mois": "2026-10",
    }
    return head | {"l-TOTAL_FORMS": "12", "l-INITIAL_FORMS": "0"} | data


def test_a_helper_types_a_sheet_and_types_it_again(client: Client, helper: Person) -> None:
    client.force_login(helper)
    lines = {"l-0-people": "8", "l-0-age": "15_24", "l-1-people": "1", "l-1-gender": "woman", "l-2-people": "1"}
    assert client.post(f"{URL}saisir/", sheet(**lines)).status_code == 302
    assert sum(ParticipationDeclaration.objects.values_list("people", flat=True)) == 9
    assert set(ParticipationDeclaration.objects.values_list("channel", "month", "sheet_reference")) == {
        ("meeting", "2026-10", "F-12")
    }
    assert client.post(f"{URL}saisir/", sheet(**lines | {"l-0-people": "7"})).status_code == 302
    assert sum(ParticipationDeclaration.objects.values_list("people", flat=True)) == 8
    assert JournalLine.objects.filter(action="observatory.participation_sheet_typed").count() == 2


@pytest.mark.parametrize(
    "data, said",
    [
        ({"l-0-people": "0", "l-0-age": "15_24"}, "Au moins 1 personne"),
        ({"l-0-people": "9000", "l-0-age": "15_24"}, "Au plus 500 personnes"),
        ({"l-0-age": "vieux"}, "Ce choix n’existe pas"),
        ({"l-0-age": "15_24", "mois": "octobre"}, "par exemple 2026-11"),
        ({"l-0-age": "15_24", "mois": "2199-01"}, "pas encore venu"),
        ({"l-0-age": "15_24", "mois": "2001-01"}, "trop ancien"),
        ({"l-0-age": "15_24", "feuille": ""}, "référence de la feuille"),
        ({"l-0-age": "15_24", "canal": "api"}, "Ce choix n’existe pas"),
        ({}, "Aucune case n’est cochée"),
    ],
)
def test_a_sheet_that_cannot_be_taken_leaves_nothing(
    client: Client, helper: Person, data: dict[str, str], said: str
) -> None:
    client.force_login(helper)
    answer = client.post(f"{URL}saisir/", sheet(**data))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not ParticipationDeclaration.objects.exists()


def test_only_helpers_type_sheets() -> None:
    with pytest.raises(Refused):
        actions.type_participation_sheet(
            helper=add_person("Alice"), taking=TAKING, rows=[actions.SheetRow({"age": "15_24"})]
        )


def test_an_action_takes_no_answer_of_its_own_invention() -> None:
    with pytest.raises(Invalid):
        actions.declare_participation(taking=TAKING, answers={"religion": "any"})


def test_after_a_year_only_totals_are_left_and_the_figures_stay(
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    make_towns()
    old = (timezone.now() - timedelta(days=800)).strftime("%Y-%m")
    declare(30, age="25_39", gender="woman", month=old)
    declare(20, age="65_79", month=old)
    declare(12, age="25_39", month=timezone.localdate().strftime("%Y-%m"))
    before = participation_summary(VENISSIEUX)
    assert run_retentions(timezone.now())["observatory.participation"] == 2
    assert ParticipationDeclaration.objects.get().people == 12
    tallies = set(ParticipationTally.objects.values_list("question", "answer", "people"))
    assert {("", "", 50), ("age", "25_39", 30), ("gender", "", 20), ("gender", "woman", 30)} <= tallies
    after = participation_summary(VENISSIEUX)
    assert after.people == before.people == 62 and after.questions[0].answers == before.questions[0].answers
    assert run_retentions(timezone.now())["observatory.participation"] == 0


def test_the_sheet_to_print_has_every_answer(client: Client) -> None:
    page = client.get(f"{URL}feuille/").content.decode()
    assert "HLM (logement social)" in page and "80 ans ou plus" in page and "N’écrivez pas votre nom" in page
