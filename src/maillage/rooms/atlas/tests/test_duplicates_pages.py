"""The pages of duplicates, without JavaScript: from the list to a merging and back."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from maillage.core.people.models import Person
from maillage.core.people.tests.makers import person_of
from maillage.rooms.atlas.duplicates_find import find_duplicates
from maillage.rooms.atlas.duplicates_models import CandidatePair, MergeRecord
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.test_duplicates import made
from tests.helpers.budgets import assert_same_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator(client: Client) -> Person:
    person = person_of("moderator")
    assert person is not None
    client.force_login(person)
    return person


def make_pair(number: int = 1) -> tuple[Entry, Entry]:
    where = {"lon": 4.886 + number / 100, "address": f"{number} rue des Essais"}
    word = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 26] * 6 + "EIOUY"[number // 26] * 3
    one = made("ancien", f"MJC {word}", phone=f"04720000{number:02d}", source_on="2019-03", **where)
    other = made("recent", f"Maison des jeunes et de la culture {word}", email="mjc@exemple.fr", source_on="2022-11",
                 phone=f"04720001{number:02d}", **where)  # fmt: skip
    return one, other


def the_pair() -> CandidatePair:
    find_duplicates()
    return CandidatePair.objects.get()


def test_from_the_list_to_a_merging_and_back(client: Client, moderator: Person) -> None:
    one, other = make_pair()
    pair = the_pair()
    page = client.get(reverse("atlas:duplicates")).content.decode()
    assert one.name in page and other.name in page
    assert "noms identiques" in page
    url = reverse("atlas:duplicate_pair", args=[pair.pk])
    assert (
        'phone" value="kept" checked' in client.get(url).content.decode()
    )  # the newer entry is better filled: it stays
    page = client.get(url, {"garder": one.pk}).content.decode()
    assert 'name="choix-place.0.phone" value="absorbed" checked' in page
    assert "mjc@exemple.fr" in page
    answer = client.post(url, {"merge": "1", "keep": str(one.pk), "choix-place.0.phone": "kept"}, follow=True)
    assert "n’en font plus qu’une" in answer.content.decode()
    done = MergeRecord.objects.get()
    assert Entry.objects.get(pk=one.pk).places.get().phone == "0472000001"
    page = client.get(reverse("atlas:origins", args=[one.pk])).content.decode()
    assert "Recent, novembre 2022" in page  # the mail
    assert "Autre valeur connue" in page  # the telephone that was not chosen
    assert other.name in client.get(reverse("atlas:merges")).content.decode()
    answer = client.post(reverse("atlas:merge_undo", args=[done.pk]), follow=True)
    assert "de nouveau visibles" in answer.content.decode()
    assert Entry.objects.filter(is_published=True).count() == 2


def test_two_places_and_taking_it_back(client: Client, moderator: Person) -> None:
    make_pair()
    pair = the_pair()
    url = reverse("atlas:duplicate_pair", args=[pair.pk])
    client.post(url, {"apart": "1"})
    assert "Aucune paire ici" in client.get(reverse("atlas:duplicates")).content.decode()
    assert "deux lieux différents" in client.get(url).content.decode()
    client.post(url, {"again": "1"})
    assert CandidatePair.objects.get().state == "proposed"


def test_a_decision_that_cannot_be_is_told(client: Client, moderator: Person) -> None:
    make_pair()
    pair = the_pair()
    url = reverse("atlas:duplicate_pair", args=[pair.pk])
    assert client.post(url).status_code == 422
    assert client.post(url, {"merge": "1", "keep": "99999999"}).status_code == 422
    client.post(url, {"merge": "1"})
    answer = client.post(url, {"merge": "1"})
    assert answer.status_code == 422
    assert "déjà plus qu’une" in answer.content.decode()


def test_ticked_pairs(client: Client, moderator: Person) -> None:
    make_pair(1)
    make_pair(2)
    find_duplicates()
    url = reverse("atlas:duplicates_many")
    assert client.post(url, {"action": "merge"}).status_code == 422
    chosen = list(CandidatePair.objects.order_by("pk").values_list("pk", flat=True))
    assert client.post(url, {"action": "nonsense", "chosen": chosen}).status_code == 422
    answer = client.post(url, {"action": "merge", "chosen": chosen}, follow=True)
    assert "2 paires décidées" in answer.content.decode()
    assert MergeRecord.objects.count() == 2


def test_all_above_a_score_asks_first(client: Client, moderator: Person) -> None:
    make_pair(1)
    make_pair(2)
    find_duplicates()
    url = reverse("atlas:duplicates_all")
    page = client.post(url, {"score": "60"}).content.decode()
    assert "2 paires ont un score de 60 ou plus" in page
    assert not MergeRecord.objects.exists()
    assert "2 paires décidées" in client.post(url, {"score": "60", "sure": "1"}, follow=True).content.decode()
    assert MergeRecord.objects.count() == 2


def test_the_search_is_given_to_the_worker(client: Client, moderator: Person) -> None:
    answer = client.post(reverse("atlas:duplicates_search"), follow=True)
    assert "La recherche est demandée" in answer.content.decode()
    from procrastinate.contrib.django.models import ProcrastinateJob

    assert ProcrastinateJob.objects.filter(task_name="atlas.find_duplicates").count() == 1
    client.post(reverse("atlas:duplicates_search"))  # asked twice, done once
    assert ProcrastinateJob.objects.filter(task_name="atlas.find_duplicates").count() == 1


def test_pages_go_on_without_losing_or_repeating(client: Client, moderator: Person) -> None:
    for number in range(1, 26):
        make_pair(number)
    find_duplicates()
    first = client.get(reverse("atlas:duplicates"), {"score": "40"}).content.decode()
    (following,) = re.findall(r'href="([^"]*apres=[^"]*)"', first)
    second = client.get(following.replace("&amp;", "&")).content.decode()
    pairs = [re.findall(r'name="chosen" value="(\d+)"', page) for page in (first, second)]
    assert len(pairs[0]) == 20
    assert len({*pairs[0], *pairs[1]}) == len(pairs[0]) + len(pairs[1]) == CandidatePair.objects.count()


@pytest.mark.parametrize(
    "query",
    [
        "?score=9999999999",
        "?etat=x&score=-1",
        "?apres=zzz_1",
        "?territoire=%00",
        "?source=%27",
        "?score=080" + "9" * 5000,
    ],
)
def test_odd_addresses_give_the_list(client: Client, moderator: Person, query: str) -> None:
    assert client.get(reverse("atlas:duplicates") + query).status_code == 200


def test_the_list_asks_as_often_for_two_as_for_twenty(client: Client, moderator: Person) -> None:
    made_so_far = iter(range(1, 99))

    def make_rows(count: int) -> None:
        for _each in range(count):
            make_pair(next(made_so_far))
        find_duplicates()

    assert_same_statements(client, reverse("atlas:duplicates") + "?score=40", make_rows)
