"""Sessions: opened when a person was recognised, written down so that they see and close them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from maillage.core.engine.sight import seeing_everything
from maillage.core.journal.actions import record
from maillage.core.people.models import Device, Person

_SESSIONS = "sessions are opened and closed here, for the one person named"
A_DAY = timedelta(days=1)
# The family only, in the order in which browsers name each other: Edge says that it is Chrome, which says Safari.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
             ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrom", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
            ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip


def device_label(user_agent: str) -> str:
    """What a person recognises of their device, as "Firefox, Android"; "" when nothing is known."""
    found = [next((name for sign, name in known if re.search(sign, user_agent)), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name)


@seeing_everything(_SESSIONS)
@transaction.atomic
def open_device(person: Person, session_key: str, user_agent: str) -> Device:
    """Writes down a session that has just begun."""
    device = Device.objects.create(person=person, session_key=session_key, label=device_label(user_agent[:400]))
    record(action="people.signed_in", subject=f"people:person:{person.pk}", actor=person)
    return device


@seeing_everything(_SESSIONS)
@transaction.atomic
def close_device(person: Person, device_id: int) -> bool:
    """Ends one session of this person, at once, wherever it is; returns whether there was one."""
    device = Device.objects.filter(person=person, pk=device_id).first()
    if device is None:
        return False
    _end([device])
    record(action="people.device_closed", subject=f"people:person:{person.pk}", actor=person)
    return True


@seeing_everything(_SESSIONS)
@transaction.atomic
def close_devices(person: Person, *, but: str = "") -> int:
    """Ends every session of a person, but the one of this key; returns how many."""
    devices = list(Device.objects.filter(person=person).exclude(session_key=but).order_by("pk"))
    _end(devices)
    if devices:
        record(action="people.devices_closed", subject=f"people:person:{person.pk}", details={"devices": len(devices)})
    return len(devices)


@seeing_everything(_SESSIONS)
def forget_session(session_key: str | None) -> None:
    """A session ended by its own person leaves no device behind."""
    Device.objects.filter(session_key=session_key or "").delete()


@seeing_everything(_SESSIONS)
def delete_ended_devices(now: datetime | None = None) -> int:
    """Deletes sessions that ended by themselves, and the devices whose session has gone; returns how many devices.

    A session that would last longer than any may was opened while the clock was ahead: it ends too.
    """
    from django.contrib.sessions.backends.db import SessionStore

    SessionStore.clear_expired()
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE) + A_DAY
    Session.objects.filter(expire_date__gt=(now or timezone.now()) + longest).delete()
    return Device.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()[0]


def _end(devices: list[Device]) -> None:
    Session.objects.filter(session_key__in=[one.session_key for one in devices]).delete()
    Device.objects.filter(pk__in=[one.pk for one in devices]).delete()
