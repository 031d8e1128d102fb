"""The second step: asked of whoever decides for others, by a code of an application or on paper, each good once."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from maillage.core.people.actions import add_person, attempt_by_link, give_role, sign_in_link
from maillage.core.people.actions_second_factor import (
    MANY_WRONG,
    new_salt,
    pass_second_factor,
    second_factor_key,
    set_up_second_factor,
)
from maillage.core.people.models import Person, RecoveryCode, SecondFactor, SignInCode

pytestmark = pytest.mark.django_db
STEP = "/connexion/deuxieme-etape/"


@pytest.fixture(autouse=True)
def _asked_for(settings: Settings) -> None:
    settings.SECOND_FACTOR = True


@pytest.fixture
def amina() -> Person:
    return add_person("Amina", email="amina@example.org", role="moderator")


def _path(person: Person, then: str = "") -> str:
    return sign_in_link(person, then).replace("http://testserver", "")


def _signed_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


def _code(salt: str, steps: int = 0) -> str:
    return pyotp.TOTP(second_factor_key(salt)).at(timezone.now() + timedelta(seconds=30 * steps))


def _wrong(salt: str) -> str:
    near = {_code(salt, steps) for steps in range(-3, 4)}
    return next(f"{number:06}" for number in range(20) if f"{number:06}" not in near)


def _set_up(person: Person) -> tuple[str, list[str]]:
    """With the code of the minute before, so that those of now are fresh."""
    salt = new_salt()
    earlier = timezone.now() - timedelta(minutes=2)
    codes = set_up_second_factor(person, salt, pyotp.TOTP(second_factor_key(salt)).at(earlier), earlier)
    assert len(codes) == 10
    return salt, codes


def _attempt(person: Person) -> int:
    link = _path(person).split("/lien/")[1].strip("/")
    attempt = attempt_by_link(link)
    assert attempt is not None
    return attempt.pk


def test_first_time_the_application_is_set_up_and_codes_on_paper_are_shown_once(amina: Person, client: Client) -> None:
    answer = client.post(_path(amina), {"next": "/atlas/bureau/"})
    assert answer["Location"] == STEP
    assert not _signed_in(client)
    page = client.get(STEP).content.decode()
    key = re.findall(r'<bdi dir="ltr">([A-Z2-7 ]+)</bdi>', page)[0].replace(" ", "")
    assert key not in str(list(SecondFactor.objects.values())), "the key is not in the tables"
    wrong = client.post(STEP, {"code": "12"})
    assert wrong.status_code == 422 and not _signed_in(client)
    shown = client.post(STEP, {"code": pyotp.TOTP(key).now()})
    codes = re.findall(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{4}", shown.content.decode())
    assert len(codes) == 10 and 'href="/atlas/bureau/"' in shown.content.decode()
    assert _signed_in(client)
    assert client.get(STEP).status_code == 302, "shown once"
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_next_times_the_code_is_asked(amina: Person, client: Client) -> None:
    salt, _codes = _set_up(amina)
    assert client.post(_path(amina), {"next": "/atlas/bureau/"})["Location"] == STEP
    assert client.post(STEP, {"code": _wrong(salt)}).status_code == 422
    assert not _signed_in(client)
    code = _code(salt)
    answer = client.post(STEP, {"code": f"{code[:3]} {code[3:]}"})
    assert (answer.status_code, answer["Location"]) == (302, "/atlas/bureau/")
    assert _signed_in(client)


def test_a_code_serves_once_and_so_does_an_attempt(amina: Person) -> None:
    salt, _codes = _set_up(amina)
    first = _attempt(amina)
    assert pass_second_factor(first, _code(salt)) == amina
    assert pass_second_factor(first, _code(salt, 1)) is None, "the attempt has served"
    assert pass_second_factor(_attempt(amina), _code(salt)) is None, "the code has served"
    assert pass_second_factor(_attempt(amina), _code(salt, 1)) == amina


def test_figures_of_an_arabic_keyboard_are_figures(amina: Person, client: Client) -> None:
    """They used to end in a fault of the programme: digests of text compare Latin figures only."""
    to_arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    salt, _codes = _set_up(amina)
    client.post(_path(amina))
    assert client.post(STEP, {"code": _wrong(salt).translate(to_arabic)}).status_code == 422
    assert client.post(STEP, {"code": "²" * 6}).status_code == 422
    assert client.post(STEP, {"code": _code(salt).translate(to_arabic)}).status_code == 302 and _signed_in(client)


def test_a_code_on_paper_replaces_the_telephone_once(amina: Person) -> None:
    _salt, codes = _set_up(amina)
    assert pass_second_factor(_attempt(amina), codes[0].lower()) == amina
    assert pass_second_factor(_attempt(amina), codes[0]) is None
    assert RecoveryCode.objects.filter(person=amina, used_at=None).count() == 9


def test_codes_on_paper_are_of_one_person(amina: Person) -> None:
    _salt, codes = _set_up(amina)
    bob = add_person("Bob", email="bob@example.org", role="moderator")
    _set_up(bob)
    assert pass_second_factor(_attempt(bob), codes[0]) is None


def test_wrong_codes_end_an_attempt_and_lock_nobody(amina: Person, client: Client) -> None:
    salt, _codes = _set_up(amina)
    client.post(_path(amina))
    said = [client.post(STEP, {"code": _wrong(salt)}).content.decode() for _turn in range(5)]
    assert "n’est pas bloqué" in said[-1]
    assert client.post(STEP, {"code": _code(salt)}).status_code == 302 and not _signed_in(client)
    for _turn in range(MANY_WRONG):
        pass_second_factor(_attempt(amina), _wrong(salt))
    attempt = _attempt(amina)
    assert pass_second_factor(attempt, _wrong(salt)) is None
    assert pass_second_factor(attempt, _code(salt)) is None, "past many wrong codes an attempt has one try"
    assert pass_second_factor(_attempt(amina), _code(salt)) == amina, "and the person still enters"


def test_an_attempt_ends_after_fifteen_minutes(amina: Person) -> None:
    salt, _codes = _set_up(amina)
    attempt = _attempt(amina)
    later = timezone.now() + timedelta(minutes=16)
    assert pass_second_factor(attempt, pyotp.TOTP(second_factor_key(salt)).at(later), later) is None


def test_an_attempt_whose_first_step_was_not_passed_is_worth_nothing(amina: Person) -> None:
    salt, _codes = _set_up(amina)
    sign_in_link(amina)
    assert pass_second_factor(SignInCode.objects.get().pk, _code(salt)) is None


def test_residents_and_helpers_have_one_step_unless_they_want_two(client: Client) -> None:
    helper = add_person("Bob", email="bob@example.org", role="helper")
    assert client.post(_path(helper))["Location"] == "/"
    assert _signed_in(client)
    _set_up(helper)
    assert Client().post(_path(helper))["Location"] == STEP


def test_whoever_becomes_a_moderator_is_asked_before_the_role_serves(client: Client) -> None:
    helper = add_person("Bob", email="bob@example.org", role="helper")
    client.post(_path(helper))
    give_role(helper, "moderator")
    assert client.get("/atlas/bureau/").status_code == 302
    assert not _signed_in(client), "the session of one step is nobody's"


def test_switched_off_nobody_is_asked(amina: Person, client: Client, settings: Settings) -> None:
    settings.SECOND_FACTOR = False
    assert client.post(_path(amina))["Location"] == "/"


def test_another_secret_key_makes_other_keys(settings: Settings) -> None:
    salt = new_salt()
    before = second_factor_key(salt)
    settings.SECRET_KEY = "another"
    assert second_factor_key(salt) != before


def test_the_person_changes_application_and_makes_new_codes(amina: Person, client: Client) -> None:
    salt, codes = _set_up(amina)
    client.post(_path(amina))
    client.post(STEP, {"code": _code(salt)})
    other = Client()
    other.post(_path(amina))
    other.post(STEP, {"code": codes[0]})
    assert _signed_in(client) and _signed_in(other)
    assert client.get(reverse("people:second_factor")).status_code == 302, "nothing begun"
    assert client.post(reverse("people:second_factor"), {"begin": "1"}).status_code == 302
    page = client.get(reverse("people:second_factor")).content.decode()
    key = re.findall(r'<bdi dir="ltr">([A-Z2-7 ]+)</bdi>', page)[0].replace(" ", "")
    assert client.post(reverse("people:second_factor"), {"code": pyotp.TOTP(key).now()}).status_code == 200
    assert _signed_in(client) and not _signed_in(other), "other devices are closed"
    assert pass_second_factor(_attempt(amina), codes[1]) is None
    shown = client.post(reverse("people:recovery_codes")).content.decode()
    fresh = re.findall(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{4}", shown)
    assert pass_second_factor(_attempt(amina), fresh[0]) == amina
    client.post(reverse("people:second_factor_remove"))
    assert SecondFactor.objects.filter(person=amina).exists(), "not while the settings ask for it"


def test_wrong_answers_of_one_attempt_wait_longer_and_slow_no_other(
    amina: Person, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("maillage.core.moderation.pace.time.sleep", slept.append)
    first = client.post(reverse("people:sign_in"), {"address": "amina@example.org"})["Location"]
    for _turn in range(4):
        client.post(first, {"code": "000000"})
    assert slept == [0.5, 1.0, 2.0]
    other = client.post(reverse("people:sign_in"), {"address": "amina@example.org"})["Location"]
    client.post(other, {"code": "000000"})
    assert slept == [0.5, 1.0, 2.0], "same account, same address, other attempt"
