"""Signing in: by code or link, once, shortly, without a password and without telling who exists."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from maillage.core.channels.models import OutboundMessage
from maillage.core.people.actions import (
    LIVE_REQUESTS,
    add_person,
    attempt_by_code,
    attempt_by_link,
    request_sign_in,
    sign_in_link,
)
from maillage.core.people.models import Person, SignInCode
from maillage.core.people.views import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina() -> Person:
    return add_person("Amina", email="Amina@example.org", phone="06 12 34 56 78", role="moderator")


def _last() -> OutboundMessage:
    return OutboundMessage.objects.order_by("-pk")[0]


def person_by_code(secret: str, typed: str, now: datetime | None = None) -> Person | None:
    attempt = attempt_by_code(secret, typed, now)
    return attempt.person if attempt else None


def person_by_link(link: str) -> Person | None:
    attempt = attempt_by_link(link)
    return attempt.person if attempt else None


def _code() -> str:
    return re.findall(r"\b\d{6}\b", _last().body)[0]


def test_by_code_received_by_mail(amina: Person, client: Client) -> None:
    answer = client.post(reverse("people:sign_in"), {"address": " AMINA@example.org", "next": "/atlas/bureau/"})
    assert answer.status_code == 302
    assert (_last().by, _last().to) == ("mail", "amina@example.org")
    answer = client.post(answer["Location"], {"code": f" {_code()[:3]} {_code()[3:]} "})
    assert (answer.status_code, answer["Location"]) == (302, "/atlas/bureau/")
    assert client.session["_auth_user_id"] == str(amina.pk)


def test_by_code_received_by_sms_which_tells_nothing(amina: Person, client: Client) -> None:
    answer = client.post(reverse("people:sign_in"), {"address": "06.12.34.56.78"})
    assert (_last().by, _last().to) == ("sms", "+33612345678")
    assert not re.search(r"amina|maillage|atlas|http", _last().body, re.IGNORECASE)
    assert client.post(answer["Location"], {"code": _code()}).status_code == 302


def test_by_link_which_opening_does_not_use_up(amina: Person, client: Client) -> None:
    url = sign_in_link(amina).replace("http://testserver", "")
    assert client.get(url).status_code == 200
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 302
    assert client.session["_auth_user_id"] == str(amina.pk)
    other = Client()
    assert other.post(url).status_code == 422
    assert "_auth_user_id" not in other.session


def test_a_link_may_lead_to_a_page(amina: Person, client: Client) -> None:
    url = sign_in_link(amina, "/atlas/bureau/").replace("http://testserver", "")
    page = client.get(url).content.decode()
    assert 'name="next" value="/atlas/bureau/"' in page
    assert client.post(url.split("?")[0], {"next": "/atlas/bureau/"})["Location"] == "/atlas/bureau/"


def test_the_same_answer_for_a_stranger(amina: Person, client: Client) -> None:
    known = client.post(reverse("people:sign_in"), {"address": "amina@example.org"})
    unknown = client.post(reverse("people:sign_in"), {"address": "stranger@example.org"})
    assert known.status_code == unknown.status_code == 302
    assert OutboundMessage.objects.count() == 1
    pages = [re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|/code/[^/]+/', "", client.get(one["Location"]).content.decode())
             for one in (known, unknown)]  # fmt: skip
    assert pages[0] == pages[1]
    wrong = [re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|/code/[^/]+/', "",
                    client.post(one["Location"], {"code": "000000x"}).content.decode()) for one in (known, unknown)]  # fmt: skip
    assert wrong[0] == wrong[1]


def test_the_message_is_made_once_the_answer_is_whole(amina: Person, client: Client) -> None:
    """The time of an answer told who has an account: 20 to 90 ms for them, 5 to 15 for a stranger."""
    sending: list[Callable[[], None]] = []
    secret = request_sign_in("amina@example.org", later=sending.append)
    assert len(sending) == 1 and not SignInCode.objects.exists() and not OutboundMessage.objects.exists()
    with CaptureQueriesContext(connection) as known:
        request_sign_in("amina@example.org", later=sending.append)
    with CaptureQueriesContext(connection) as unknown:
        request_sign_in("stranger@example.org", later=sending.append)
    assert len(known) == len(unknown) and len(sending) == 2
    sending[0]()
    assert person_by_code(secret, _code()) == amina
    request = RequestFactory().post("/connexion/", {"address": "amina@example.org"})
    request.session = client.session
    answer = sign_in(request)
    assert answer.status_code == 302 and OutboundMessage.objects.count() == 1, "not yet"
    for closing in answer._resource_closers:  # type: ignore[attr-defined]
        closing()
    assert OutboundMessage.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_requests_that_come_together_send_no_more_messages() -> None:
    add_person("Amina", email="amina@example.org")
    start = threading.Barrier(12)

    def ask() -> None:
        start.wait()
        try:
            request_sign_in("amina@example.org")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _turn in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert OutboundMessage.objects.count() == LIVE_REQUESTS


def test_only_digests_are_kept(amina: Person) -> None:
    secret = request_sign_in("amina@example.org")
    row = SignInCode.objects.get()
    kept = f"{row.request_digest}{row.code_digest}{row.link_digest}"
    link = re.findall(r"/lien/([^/]+)/", _last().body)[0]
    assert not any(one in kept for one in (secret, _code(), link))


def test_a_code_serves_once_and_fifteen_minutes(amina: Person) -> None:
    secret = request_sign_in("amina@example.org")
    later = timezone.now() + timedelta(minutes=16)
    assert person_by_code(secret, _code(), later) is None
    assert person_by_code(secret, _code()) == amina
    assert person_by_code(secret, _code()) is None


def test_five_wrong_tries_end_a_code(amina: Person) -> None:
    secret = request_sign_in("amina@example.org")
    right = _code()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    assert [person_by_code(secret, wrong) for _ in range(5)] == [None] * 5
    assert person_by_code(secret, right) is None


def test_a_code_serves_only_the_form_that_asked(amina: Person) -> None:
    request_sign_in("amina@example.org")
    code = _code()
    assert person_by_code(request_sign_in("stranger@example.org"), code) is None


def test_code_and_link_of_one_message_serve_once_together(amina: Person) -> None:
    secret = request_sign_in("amina@example.org")
    code, link = _code(), re.findall(r"/lien/([^/]+)/", _last().body)[0]
    assert person_by_link(link) == amina
    assert person_by_code(secret, code) is None


def test_nobody_is_flooded_with_messages(amina: Person) -> None:
    for _turn in range(LIVE_REQUESTS + 3):
        request_sign_in("amina@example.org")
    assert OutboundMessage.objects.count() == LIVE_REQUESTS


def test_an_ended_person_does_not_sign_in(amina: Person) -> None:
    secret = request_sign_in("amina@example.org")
    amina.is_active = False
    amina.save()
    assert person_by_code(secret, _code()) is None
    assert request_sign_in("amina@example.org") and OutboundMessage.objects.count() == 1


def test_the_session_key_changes(amina: Person, client: Client) -> None:
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post(sign_in_link(amina).replace("http://testserver", ""))
    assert client.session.session_key != planted
    assert "planted" not in client.session


def test_signing_out_ends_the_session(amina: Person, client: Client) -> None:
    client.force_login(amina)
    assert client.get(reverse("people:sign_out")).status_code == 405
    assert client.post(reverse("people:sign_out")).status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "\\\\elsewhere"]
)
def test_one_never_lands_elsewhere(amina: Person, client: Client, wanted: str) -> None:
    answer = client.post(sign_in_link(amina).replace("http://testserver", ""), {"next": wanted})
    assert answer["Location"] == "/"


def test_no_password_signs_in(amina: Person) -> None:
    assert not amina.has_usable_password()
    assert authenticate(username="amina@example.org", password="") is None


def test_a_typing_error_is_said_and_kept(client: Client) -> None:
    answer = client.post(reverse("people:sign_in"), {"address": "amina(at)example"})
    assert answer.status_code == 422
    assert "ni une adresse e-mail ni un numéro" in answer.content.decode()
    assert 'value="amina(at)example"' in answer.content.decode()


def test_the_session_cookie_is_made_at_sign_in_only(client: Client, settings: Settings) -> None:
    client.get(reverse("people:sign_in"))
    client.post(reverse("people:sign_in"), {"address": "stranger@example.org"})
    assert set(client.cookies) <= {"csrftoken"}
