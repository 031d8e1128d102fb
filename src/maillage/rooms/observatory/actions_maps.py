"""Writes about composed maps: save, save again, withdraw, flag, decide. One transaction and one line of the journal each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from maillage.core.channels.actions import Arriving, enter_in_ledger
from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.journal.actions import record
from maillage.core.moderation.codes import new_code
from maillage.core.moderation.pace import is_flood
from maillage.core.moderation.states import State
from maillage.core.people.models import Person
from maillage.rooms.observatory.models_maps import ComposedMap, ComposedMapFlag, ComposedMapVersion
from maillage.rooms.observatory.permissions import may_moderate_maps
from maillage.rooms.observatory.queries_maps import READABLE, map_to_decide

MOST_VERSIONS = 200
MOST_FLAGS = 40
DECISIONS = {"list": State.PUBLISHED, "unlist": State.REFUSED, "hide": State.HIDDEN, "show": State.PROPOSED}


@dataclass(frozen=True)
class Saving:
    """A map on its way in. The same `key` gives the same map, however often it is sent."""

    key: str
    query: str
    title: str = ""
    author: str = ""
    note: str = ""
    hypothesis: str = ""
    arriving: Arriving = field(default_factory=Arriving)
    address: str = ""


def key_of(form_key: str, *content: str) -> str:
    """Key of what was sent with a form: changed content sent again with the same form is something else."""
    return hashlib.sha256("\x1f".join([form_key, *content]).encode("utf-8", "surrogatepass")).hexdigest()


def secret_for(key: str) -> str:
    """The edit secret of a map: drawn from its key, which nobody else knows, so that a map sent twice has one secret."""
    return salted_hmac("maillage.observatory.composed_map", key, algorithm="sha256").hexdigest()[:32]


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def save_map(*, saving: Saving) -> ComposedMap:
    """Keeps a new map with its first version; held when its address sends a flood."""
    for _attempt in range(3):  # a code drawn twice is possible, once in billions
        found = ComposedMap.objects.filter(idempotency_key=saving.key).first()
        if found is not None:
            return found
        try:
            with transaction.atomic():
                return _keep(saving)
        except IntegrityError:
            continue
    return ComposedMap.objects.get(idempotency_key=saving.key)


def _keep(saving: Saving) -> ComposedMap:
    floods = bool(saving.address) and is_flood(saving.address, "composed_map")
    row = ComposedMap.objects.create(
        code=new_code(),
        secret_digest=digest_of(secret_for(saving.key)),
        idempotency_key=saving.key,
        channel=saving.arriving.channel,
        state=State.HELD if floods else State.PROPOSED,
    )
    _add_version(row, 1, saving)
    enter_in_ledger(f"observatory:map:{row.pk}", saving.arriving)
    _note("map_saved", row, saving.arriving.channel, version=1, state=str(row.state))
    return row


def _add_version(row: ComposedMap, number: int, saving: Saving) -> ComposedMapVersion:
    return ComposedMapVersion.objects.create(
        map=row, number=number, query=saving.query, title=saving.title, author=saving.author, note=saving.note,
        hypothesis=saving.hypothesis, idempotency_key=saving.key,
    )  # fmt: skip


def _note(action: str, row: ComposedMap, channel: str, actor: Person | None = None, **details: str | int) -> None:
    record(
        action=f"observatory.{action}",
        subject=f"observatory:map:{row.pk}",
        actor=actor,
        channel=channel,
        details=details,
    )


@transaction.atomic
def save_version(*, secret: str, saving: Saving) -> ComposedMapVersion:
    """Adds a version to the map whose edit secret this is; raises Missing for another secret, Invalid beyond 200 versions."""
    row = _locked_by_secret(secret)
    found = ComposedMapVersion.objects.filter(idempotency_key=saving.key, map=row).first()
    if found is not None:
        return found
    latest = row.versions.aggregate(Max("number"))["number__max"] or 0
    if latest >= MOST_VERSIONS:
        raise Invalid(_("Cette carte a déjà {n} versions : enregistrez-en une nouvelle.").format(n=MOST_VERSIONS))
    version = _add_version(row, latest + 1, saving)
    _note("map_version_saved", row, saving.arriving.channel, version=version.number)
    return version


def _locked_by_secret(secret: str) -> ComposedMap:
    rows = ComposedMap.objects.select_for_update().exclude(state=State.WITHDRAWN)
    row = rows.filter(secret_digest=digest_of(secret)).first()
    if row is None:
        raise Missing(_("Cette adresse de modification ne correspond à aucune carte."))
    return row


@transaction.atomic
def withdraw_map(*, secret: str) -> None:
    """Takes a map back for good: its address answers no more, and what its maker wrote is deleted."""
    row = _locked_by_secret(secret)
    row.state, row.listed_version = State.WITHDRAWN, None
    row.save()
    row.versions.all().delete()
    row.flags.all().delete()
    _note("map_withdrawn", row, "web")


@transaction.atomic
def flag_map(*, code: str, message: str, key: str) -> ComposedMapFlag:
    """Tells the moderators that a map is a problem; it stays readable until one of them decides.

    Beyond MOST_FLAGS that wait for them they know: what is said then is not kept, and the last one kept is returned.
    """
    row = ComposedMap.objects.filter(code=code, state__in=READABLE).first()
    if row is None:
        raise Missing(code)
    waiting = row.flags.filter(is_settled=False).order_by("-id")
    if (last := waiting.first()) is not None and waiting.count() >= MOST_FLAGS:
        return last
    flag, is_new = ComposedMapFlag.objects.get_or_create(idempotency_key=key, defaults={"map": row, "message": message})
    if is_new:
        _note("map_flagged", row, "web")
    return flag


@transaction.atomic
def decide_map(*, code: str, decision: str, version: int, moderator: Person, reason: str = "") -> ComposedMap:
    """Lists a map in the version that was read, keeps it off the list, hides it or shows it again; settles its flags.

    Raises Refused for somebody who does not moderate, Invalid for another decision or a version that does not exist.
    """
    if not may_moderate_maps(moderator):
        raise Refused(_("Seule la modération décide des cartes."))
    row = ComposedMap.objects.select_for_update().get(pk=map_to_decide(code).pk)
    if decision not in DECISIONS or not row.versions.filter(number=version).exists():
        raise Invalid(_("Cette décision n’existe pas, ou cette version a disparu."))
    row.state = DECISIONS[decision]
    row.listed_version = version if decision == "list" else None
    row.decided_by, row.decided_at, row.decision_reason = moderator, timezone.now(), reason
    row.save()
    row.flags.update(is_settled=True)
    _note("map_decided", row, "desk", moderator, decision=decision, version=version)
    return row
