"""Sessions: each is shown to its person, who closes it from anywhere; codes that lock nobody out."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from maillage.core.channels.models import OutboundMessage
from maillage.core.people.actions import (
    LIVE_REQUESTS,
    SHORT_CODES_A_DAY,
    add_person,
    attempt_by_code,
    disable_person,
    enable_person,
    request_sign_in,
    sign_in_link,
)
from maillage.core.people.actions_devices import delete_ended_devices, device_label
from maillage.core.people.models import Device, Person, SignInCode

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36 Edg/120"
)
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile Safari/604"


@pytest.fixture
def amina() -> Person:
    return add_person("Amina", email="amina@example.org", phone="0612345678", role="moderator")


def _on(person: Person, agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post(sign_in_link(person).replace("http://testserver", "")).status_code == 302
    return client


def _is_in(client: Client) -> bool:
    return client.get(reverse("people:account")).status_code == 200


@pytest.mark.parametrize(
    "agent, label",
    [(FIREFOX, "Firefox, Android"), (EDGE, "Edge, Windows"), (SAFARI, "Safari, iPhone"), ("", ""), ("curl/8", "")],
)
def test_a_device_is_known_by_its_families(agent: str, label: str) -> None:
    assert device_label(agent) == label


def test_devices_are_shown_and_one_is_closed_from_another(amina: Person) -> None:
    phone, desk = _on(amina), _on(amina, EDGE)
    page = desk.get(reverse("people:account")).content.decode()
    assert "Firefox, Android" in page and "Edge, Windows" in page
    lost = Device.objects.get(label="Firefox, Android")
    assert desk.post(reverse("people:device_close", args=[lost.pk])).status_code == 302
    assert _is_in(desk) and not _is_in(phone)
    assert "Firefox, Android" not in desk.get(reverse("people:account")).content.decode()


def test_nobody_closes_the_device_of_another(amina: Person) -> None:
    bob = _on(add_person("Bob", email="bob@example.org"))
    hers = _on(amina)
    assert bob.post(reverse("people:device_close", args=[Device.objects.get(person=amina).pk])).status_code == 404
    assert _is_in(hers)
    assert "Firefox" in bob.get(reverse("people:account")).content.decode()


def test_all_others_are_closed_at_once(amina: Person) -> None:
    first, second, here = _on(amina), _on(amina), _on(amina)
    here.post(reverse("people:devices_close"))
    assert [_is_in(one) for one in (first, second, here)] == [False, False, True]


def test_signing_out_and_the_end_of_a_session_leave_no_device(amina: Person) -> None:
    client = _on(amina)
    client.post(reverse("people:sign_out"))
    assert not Device.objects.exists()
    _on(amina)
    Session.objects.all().delete()
    assert delete_ended_devices() == 1 and not Device.objects.exists()


def test_a_closed_account_is_out_everywhere_at_once(amina: Person) -> None:
    operator = add_person("Olga", role="operator")
    client = _on(amina)
    disable_person(amina, by=operator)
    assert not _is_in(client)
    assert not Session.objects.exists()
    enable_person(amina, by=operator)
    assert _is_in(_on(amina))


def test_own_data_are_a_file(amina: Person) -> None:
    answer = _on(amina).get(reverse("people:own_data"))
    assert "attachment" in answer["Content-Disposition"]
    assert {row["kind"] for row in answer.json()["people"]} == {"person", "device", "role"}
    assert "amina@example.org" in answer.content.decode()


def test_whoever_asks_for_codes_in_my_place_does_not_lock_me_out(amina: Person, client: Client) -> None:
    """The attacker has used up the messages that I may receive; the last one signs me in from my own form."""
    for _turn in range(LIVE_REQUESTS + 2):
        request_sign_in("0612345678")
    assert OutboundMessage.objects.count() == LIVE_REQUESTS
    mine = client.post(reverse("people:sign_in"), {"address": "0612345678"})["Location"]
    assert OutboundMessage.objects.count() == LIVE_REQUESTS
    long_code = re.findall(r"(?:\d{3} ){4}\d{3}", OutboundMessage.objects.order_by("-pk")[0].body)[0]
    assert client.post(mine, {"code": long_code}).status_code == 302
    assert _is_in(client)
    assert attempt_by_code("another form", long_code) is None, "once"


def test_six_digits_are_not_tried_day_after_day(amina: Person) -> None:
    for turn in range(SHORT_CODES_A_DAY):
        request_sign_in("amina@example.org")
        SignInCode.objects.filter(person=amina).update(created_at=_hours_ago(turn + 1))
    request_sign_in("amina@example.org")
    assert SignInCode.objects.exclude(long_code_digest="").latest("pk").code_digest == ""


def _hours_ago(hours: int) -> object:
    from datetime import timedelta

    from django.utils import timezone

    return timezone.now() - timedelta(hours=hours)
