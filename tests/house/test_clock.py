"""The clock was ahead and was put right: nothing holds, nor is counted, for as long as it had been ahead."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.periodic import PeriodicDeferrer, PeriodicRegistry
from pytest_django.fixtures import Settings

from maillage.core.channels.actions import deliver_waiting_messages, queue_letter
from maillage.core.channels.gateways import Letter
from maillage.core.channels.models import Arrival, DailySalt, OutboundMessage
from maillage.core.moderation.pace import is_flood
from maillage.core.people.actions import add_person, attempt_by_link, request_sign_in, sign_in_link
from maillage.core.people.actions_devices import delete_ended_devices
from maillage.core.people.actions_second_factor import live_attempt
from maillage.core.people.models import Device, Person, SignInCode
from maillage.house.periodic import SteadyDeferrer

HOUR, DAYS = timedelta(hours=1), timedelta(days=2)
Move = Callable[[timedelta], None]


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Sets by how much the clock is ahead."""
    real_now, real_time = timezone.now, time.time

    def move(by: timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: real_now() + by)
        monkeypatch.setattr(time, "time", lambda: real_time() + by.total_seconds())

    return move


@pytest.fixture
def amina(db: None) -> Person:
    return add_person("Amina", email="amina@example.org", role="operator")


def link_of(person: Person) -> str:
    return sign_in_link(person).rstrip("/").rsplit("/", 1)[1]


@pytest.mark.parametrize("by", [HOUR, DAYS])
def test_what_signed_in_while_it_was_ahead_does_not_any_more(amina: Person, ahead: Move, by: timedelta) -> None:
    ahead(by)
    used, left = attempt_by_link(link_of(amina)), link_of(amina)
    assert used is not None and live_attempt(used.pk)
    ahead(timedelta())
    assert attempt_by_link(left) is None and live_attempt(used.pk) is None
    assert attempt_by_link(link_of(amina)) is not None


def test_a_clock_a_little_ahead_of_ours_does_no_harm(amina: Person, ahead: Move) -> None:
    ahead(timedelta(minutes=2))
    link = link_of(amina)
    ahead(timedelta())
    assert attempt_by_link(link) is not None


def test_nobody_waits_two_days_for_a_code(amina: Person, ahead: Move) -> None:
    ahead(DAYS)
    for _turn in range(9):
        request_sign_in("amina@example.org")
    ahead(timedelta())
    sent = SignInCode.objects.count()
    request_sign_in("amina@example.org")
    new = SignInCode.objects.order_by("-pk")[0]
    assert SignInCode.objects.count() == sent + 1 and new.code_digest, "a code of six digits, as on any day"


@pytest.mark.django_db
def test_letters_leave_whatever_time_they_bear(ahead: Move) -> None:
    for key in ("new", "tried", "tried lately"):
        queue_letter(Letter(key, "mail", "a@example.org", "t", "b"))
    rows = OutboundMessage.objects.order_by("pk")
    rows.update(next_try_at=timezone.now() + DAYS)
    rows.exclude(idempotency_key="new").update(tries=1)
    rows.filter(idempotency_key="tried lately").update(next_try_at=timezone.now() + HOUR)
    assert deliver_waiting_messages() == 2
    assert rows.get(state="waiting").idempotency_key == "tried lately", "a wait that is one"


@pytest.mark.django_db
def test_arrivals_of_later_are_not_a_flood_and_are_not_kept(settings: Settings) -> None:
    settings.FLOOD_LIMIT, noon = 2, datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert [is_flood("192.0.2.1", "vote", noon + HOUR) for _turn in range(4)] == [False, False, True, True]
    assert not is_flood("192.0.2.1", "vote", noon)
    is_flood("192.0.2.1", "vote", noon + DAYS)
    is_flood("192.0.2.1", "vote", noon)
    assert not Arrival.objects.filter(at__gt=noon + HOUR).exists()
    assert not DailySalt.objects.filter(day__gt=noon.date()).exists()


def test_a_session_never_lasts_longer_than_any_may(amina: Person, ahead: Move) -> None:
    browser = Client()
    browser.post(sign_in_link(amina).replace("http://testserver", ""))
    assert delete_ended_devices() == 0 and Session.objects.count() == 1
    ahead(timedelta(days=3000))
    late = Client()
    late.post(sign_in_link(amina).replace("http://testserver", ""))
    ahead(timedelta())
    assert Device.objects.count() == 2 and delete_ended_devices() == 1
    assert Session.objects.get().session_key == browser.session.session_key


def test_nobody_sees_as_another_for_longer_than_half_an_hour(amina: Person, ahead: Move) -> None:
    bob, client = add_person("Bob", email="bob@example.org", role="resident"), Client()
    client.force_login(amina, backend="maillage.core.people.backend.ByCode")
    ahead(HOUR)
    client.post(reverse("administration:see_as", args=[bob.pk]))
    assert client.get(reverse("web:home")).wsgi_request.user == bob
    ahead(timedelta())
    assert client.get(reverse("web:home")).wsgi_request.user == amina


@pytest.mark.django_db
def test_an_item_of_the_desk_is_not_held_for_two_days(ahead: Move) -> None:
    from maillage.core.people.tests.makers import person_of
    from maillage.rooms.atlas.actions_desk import claim, is_held_by_other
    from maillage.rooms.atlas.tests.deciding import made_entry, made_moderator, suggest

    moderator, other, asked = made_moderator(), person_of("operator"), suggest("closed", made_entry())
    assert other is not None
    ahead(DAYS)
    assert is_held_by_other(claim(moderator, asked.pk), other, timezone.now())
    ahead(timedelta())
    asked.refresh_from_db()
    assert not is_held_by_other(asked, other, timezone.now())
    assert is_held_by_other(claim(moderator, asked.pk), other, timezone.now()), "taken again, it is held as ever"


MINUTE = 60
START = datetime(2026, 11, 26, 12, 0, 20, tzinfo=UTC).timestamp()


def due(deferrer: PeriodicDeferrer, at: float) -> list[tuple[str, int]]:
    """Which jobs are due, and how many minutes after the start."""
    first = START - 20
    return [(one.cron, round((moment - first) / MINUTE)) for one, moment in deferrer.get_previous_tasks(at)]


@pytest.fixture
def registry() -> PeriodicRegistry:
    from maillage.core.channels.tasks import deliver_messages

    made = PeriodicRegistry()
    for cron in ("* * * * *", "20 3 * * *"):
        task: Any = deliver_messages
        made.register_task(task, cron=cron, periodic_id=cron, configure_kwargs={})
    return made


def test_jobs_of_each_minute_go_on_when_the_clock_goes_back(registry: PeriodicRegistry) -> None:
    steady, plain = SteadyDeferrer(registry), PeriodicDeferrer(registry)
    for one in (steady, plain):
        assert due(one, START) == [("* * * * *", 0)]
    back = START - 2 * 86_400
    assert due(plain, back + MINUTE) == [], "what procrastinate does: when it changes, this module may go"
    assert due(steady, back) == [("* * * * *", -2 * 1440)]
    assert due(steady, back + MINUTE) == [("* * * * *", 1 - 2 * 1440)]
    assert due(steady, back + MINUTE + 1) == [], "each instant once"
    night = back - 12 * 3600 + 3 * 3600 + 1200  # twenty past three
    assert due(steady, night)[-1] == ("20 3 * * *", round((night - START) / MINUTE))


def test_a_jump_forward_is_one_job_and_not_one_for_each_minute(registry: PeriodicRegistry) -> None:
    steady = SteadyDeferrer(registry)
    due(steady, START)
    assert due(steady, START + 2 * 86_400) == [("* * * * *", 2 * 1440)]
    assert due(steady, START + 2 * 86_400 - 30) == [], "a little back is no jump"
    assert due(steady, START - 20 + 2 * 86_400 + 2 * MINUTE) == [("* * * * *", 2 * 1440 + 2)], "at the very instant"


def test_the_worker_takes_it() -> None:
    from procrastinate import periodic

    from maillage.house.periodic import install

    before = periodic.PeriodicDeferrer
    try:
        install()
        assert periodic.PeriodicDeferrer is SteadyDeferrer
    finally:
        periodic.PeriodicDeferrer = before  # type: ignore[misc]
