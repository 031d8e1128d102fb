"""Pace: floods are noticed, nobody is refused, no address is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django.fixtures import Settings as SettingsWrapper

from maillage.core.channels.models import Arrival, DailySalt
from maillage.core.moderation.pace import SlowAnswers, address_of, forget_arrivals, is_flood


@pytest.mark.django_db
def test_above_the_limit_it_is_a_flood_for_this_address_only(settings: SettingsWrapper) -> None:
    settings.FLOOD_LIMIT, settings.FLOOD_MINUTES = 3, 10
    assert [is_flood("192.0.2.7", "suggestion") for _ in range(5)] == [False, False, False, True, True]
    assert not is_flood("192.0.2.8", "suggestion")
    assert not is_flood("192.0.2.7", "vote")


@pytest.mark.django_db
def test_the_flood_ends_with_the_window(settings: SettingsWrapper) -> None:
    settings.FLOOD_LIMIT, settings.FLOOD_MINUTES = 1, 10
    noon = timezone.now().replace(hour=12)
    assert not is_flood("192.0.2.7", "suggestion", noon)
    assert is_flood("192.0.2.7", "suggestion", noon + timedelta(minutes=9))
    assert not is_flood("192.0.2.7", "suggestion", noon + timedelta(minutes=20))


@pytest.mark.django_db
def test_addresses_are_digests_that_a_new_day_makes_meaningless() -> None:
    noon = timezone.now().replace(hour=12)
    is_flood("192.0.2.7", "suggestion", noon)
    first = Arrival.objects.get()
    assert "192.0.2.7" not in first.sender and len(first.sender) == 64
    is_flood("192.0.2.7", "suggestion", noon + timedelta(days=1, hours=-1))
    assert Arrival.objects.exclude(pk=first.pk).get().sender != first.sender
    assert DailySalt.objects.count() == 1
    forget_arrivals(noon + timedelta(days=2, hours=1))
    assert not Arrival.objects.exists() and not DailySalt.objects.exists()


def test_only_our_own_proxies_are_believed(settings: SettingsWrapper) -> None:
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}, REMOTE_ADDR="10.0.0.1"
    )
    settings.TRUSTED_PROXIES = 0
    assert address_of(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert address_of(request) == "198.51.100.4"
    settings.TRUSTED_PROXIES = 5
    assert address_of(request) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:fffe", "2001:db8:1:2::/64"),
        ("[2001:DB8:1:3::1]", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_who_has_a_network_to_themselves_is_counted_once(settings: SettingsWrapper, address: str, counted: str) -> None:
    settings.TRUSTED_PROXIES = 1
    request = RequestFactory().get("/", headers={"X-Forwarded-For": address}, REMOTE_ADDR="::1")
    assert address_of(request) == counted
    settings.TRUSTED_PROXIES = 0
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


def test_many_wrong_tries_are_slowed_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("maillage.core.moderation.pace.time.sleep", slept.append)
    slow = SlowAnswers(free_tries=3, within_s=60, pause_s=1.5)
    assert [slow.miss("192.0.2.7") for _ in range(5)] == [0.0, 0.0, 0.0, 1.5, 1.5]
    assert slow.miss("192.0.2.8") == 0.0
    assert slept == [1.5, 1.5]


def test_pauses_hold_one_thread_of_a_process_whatever_is_slowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process has four: twenty-four wrong codes at once used to stop the whole site for sixteen seconds."""
    codes, sign_in = (SlowAnswers(free_tries=0, within_s=60, pause_s=1.0) for _ in range(2))
    inner: list[float] = []

    def asleep(_seconds: float) -> None:
        inner.extend(one.miss("192.0.2.7") for one in (codes, sign_in))

    monkeypatch.setattr("maillage.core.moderation.pace.time.sleep", asleep)
    assert codes.miss("192.0.2.7") == 1.0
    assert inner == [0.0, 0.0]
    assert sign_in.miss("192.0.2.7") == 1.0, "and the next is slowed again"
