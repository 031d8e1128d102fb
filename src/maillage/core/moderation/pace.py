"""Pace: how often something came from one address lately. Nobody is refused; the caller holds or answers slowly.

Addresses are never kept: a digest with a salt drawn each day is, for at most 24 hours.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from collections import OrderedDict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from maillage.core.channels.models import Arrival, DailySalt
from maillage.core.clock import SLACK
from maillage.core.engine.sight import seeing_everything

KEPT = timedelta(hours=24)
LONGEST_PAUSE_S = 8.0
_PAUSING = threading.Lock()


def address_of(request: HttpRequest) -> str:
    """Address of the one who asks: the last hop that our own proxies, counted by the settings, vouch for."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = int(settings.TRUSTED_PROXIES)
    if 0 < trusted <= len(hops):
        return _of_one_subscriber(hops[-trusted])
    return _of_one_subscriber(str(request.META.get("REMOTE_ADDR", "")))


def _of_one_subscriber(address: str) -> str:
    """In IPv6, the network: each subscriber is given 2^64 addresses at least, and could come from another each time."""
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))


def is_flood(address: str, kind: str, now: datetime | None = None) -> bool:
    """Notes an arrival and says whether this address is above the limit of the settings.

    Every arrival counts, also those above the limit. Two at the same instant may both be let through: the limit is soft.
    """
    return _earlier(address, kind, timedelta(minutes=int(settings.FLOOD_MINUTES)), now) >= int(settings.FLOOD_LIMIT)


def came_today(address: str, kind: str, now: datetime | None = None) -> bool:
    """Notes an arrival, and says whether another of this kind came from this address today."""
    return _earlier(address, kind, KEPT, now) > 0


def written_too_often(to: str, kind: str, most: int, now: datetime | None = None) -> bool:
    """Notes a letter to an address that nobody has shown to be theirs, and says whether it had `most` of them today."""
    return _earlier(f"to {to}", kind, KEPT, now) >= most


@seeing_everything("arrivals are counted by a digest, for nobody to read")
@transaction.atomic
def _earlier(address: str, kind: str, within: timedelta, now: datetime | None) -> int:
    """How many of this kind came before within this time; notes one more."""
    moment = now or timezone.now()
    forget_arrivals(moment)
    sender = _digest(address, moment)
    rows = Arrival.objects.filter(sender=sender, kind=kind, at__gt=moment - within, at__lte=moment + SLACK)
    earlier = rows.count()
    Arrival.objects.create(sender=sender, kind=kind, at=moment)
    return earlier


def _digest(address: str, moment: datetime) -> str:
    salt, _new = DailySalt.objects.get_or_create(day=moment.date(), defaults={"salt": secrets.token_hex(32)})
    return hmac.new(bytes.fromhex(salt.salt), address.encode(), hashlib.sha256).hexdigest()


def forget_arrivals(now: datetime) -> int:
    """Deletes what is older than a day, salts first: without its salt a digest tells nothing. Returns how many rows.

    What a clock that was ahead dated later than tomorrow goes too: it would be kept until then.
    """
    salts = DailySalt.objects.filter(Q(day__lt=now.date()) | Q(day__gt=(now + KEPT).date())).delete()[0]
    return salts + Arrival.objects.filter(Q(at__lte=now - KEPT) | Q(at__gt=now + KEPT)).delete()[0]


class SlowAnswers:
    """Slows those who try many wrong codes, in this process only, by a short pause before the answer.

    Tries are counted by a name: an address, or better the attempt itself, where there is one. With `growth` above 1 each
    pause is that much longer than the one before, up to LONGEST_PAUSE_S. Right answers are never slowed. One pause runs at
    a time in a process, whatever is slowed: it holds one of its few threads. Beyond that a wrong answer comes at once,
    which tells no more than a slow one: what stops guessing is the number of tries and of codes.
    """

    def __init__(self, *, free_tries: int, within_s: float, pause_s: float, growth: float = 1.0) -> None:
        self.free_tries, self.within_s, self.pause_s, self.growth = free_tries, within_s, pause_s, growth
        self._kept = free_tries if growth == 1.0 else free_tries + 20
        self._salt = secrets.token_bytes(16)
        self._misses: OrderedDict[bytes, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def miss(self, address: str) -> float:
        """Notes a wrong try and pauses where there were too many; returns the seconds paused."""
        beyond = self._note(address) - self.free_tries
        if beyond <= 0 or not _PAUSING.acquire(blocking=False):
            return 0.0
        pause = min(self.pause_s * self.growth ** min(beyond - 1, 20), LONGEST_PAUSE_S)
        try:
            time.sleep(pause)
        finally:
            _PAUSING.release()
        return pause

    def _note(self, address: str) -> int:
        key = hashlib.blake2b(address.encode(), key=self._salt, digest_size=16).digest()
        now = time.monotonic()
        with self._lock:
            recent = [at for at in self._misses.pop(key, []) if at > now - self.within_s][-self._kept :]
            self._misses[key] = [*recent, now]
            while len(self._misses) > 10_000:
                self._misses.popitem(last=False)
            return len(self._misses[key])
