"""Reads about freshness: which entries nobody confirmed for long, by whom they may be asked, how rounds stand."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core import signing
from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Left, Length
from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.engine.sight import seeing_everything
from maillage.core.errors import Missing, Refused
from maillage.core.people.queries import HELPING, Viewer, territories_where
from maillage.rooms.atlas.filters import Filters, filters_from
from maillage.rooms.atlas.freshness_models import Answer, ContactStop, FreshnessRequest, FreshnessRound, Way
from maillage.rooms.atlas.models import Entry, Place
from maillage.rooms.atlas.permissions import desk_territories, may_enter_for_others, may_see_desk
from maillage.rooms.atlas.queries import matching

REST_DAYS = 183  # a contact is asked once in six months at most
LINK_DAYS = 60
MOST_ENTRIES = 2_000
MOST_IN_A_LETTER = 10
SALT = "atlas.freshness"
AGES = (("unknown", None), ("0", 0), ("1", 12), ("2", 24), ("3", 36))
NO_CONTACT, STOPPED, ASKED_LATELY, TOO_MANY = "no_contact", "stopped", "asked_lately", "too_many"


@dataclass(frozen=True)
class Asked:
    """A question to the freshness of the atlas: entries of the list not confirmed for so many months, by which way."""

    way: str = Way.PHONE
    months: int = 12
    question: str = ""
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True)
class Contact:
    """Somebody to ask about some entries."""

    address: str
    digest: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Plan:
    """Whom a round would ask, and how many entries it leaves out, by reason."""

    contacts: tuple[Contact, ...]
    left_out: Counter[str]
    old: int

    @property
    def entries(self) -> int:
        """How many entries would be asked about."""
        return sum(len(one.entries) for one in self.contacts)


def asked_from(parameters: QueryDict) -> Asked:
    """Reads an address or a form; `question` keeps the filters of the list only."""
    kept = QueryDict(mutable=True)
    for name, values in parameters.lists():
        if name not in ("voie", "mois", "titre", "csrfmiddlewaretoken", "sure", "apres"):
            kept.setlist(name, [value.replace("\0", "") for value in values])
    way, months = parameters.get("voie", ""), parameters.get("mois", "")
    filters = filters_from(kept)
    return Asked(
        way=way if way in Way.values else Way.PHONE,
        months=min(int(months[:3]), 120) if months.isdecimal() else 12,
        question=filters.query_string()[:400],
        filters=filters,
    )


def digest_of(address: str) -> str:
    """The name under which a contact is remembered: the same for calls and SMS to one number."""
    return salted_hmac(SALT, address, algorithm="sha256").hexdigest()


def contact_of(entry: Entry, way: str) -> str:
    """The address by which an entry's place is asked, "" when there is none fit for this way."""
    for place in entry.places.all():
        address = email_as_typed(place.email) if way == Way.MAIL else phone_as_typed(place.phone)
        if address and (way != Way.SMS or is_mobile(address)):
            return address
    return ""


def is_mobile(number: str) -> bool:
    """Whether a French number receives SMS."""
    return number.startswith(("+336", "+337", "+262692", "+262693", "+590690", "+596696", "+594694", "+262639"))


def _require_moderator(viewer: Viewer) -> None:
    if not may_see_desk(viewer):
        raise Refused(_("Cette page est réservée aux modérateurs."))


def with_last_said(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries with `said`: as `freshness.last_said`, by the database; and `asked_last`, when a contact was last asked."""
    by_place = Place.objects.filter(entry=OuterRef("pk")).order_by().values("entry").annotate(last=Max("source_on"))
    confirmed = Coalesce(Cast("confirmed_on", CharField()), Value(""))
    known = Greatest(confirmed, "status_as_of", Coalesce(Subquery(by_place.values("last")), Value("")))
    requests = (
        FreshnessRequest.objects.filter(entry=OuterRef("pk"), answer="")
        .order_by()
        .values("entry")
        .annotate(last=Max("asked_at"))
    )
    return rows.annotate(known=known).annotate(
        said=Case(When(known="", then=F("source__published_on")), default=F("known"), output_field=CharField()),
        asked_last=Subquery(requests.values("last"), output_field=DateTimeField()),
    )


def _older_than(rows: QuerySet[Entry], months: int, today: date) -> QuerySet[Entry]:
    """Surely older: "2022" is compared with the year of the limit only."""
    dated = with_last_said(rows).annotate(limit=Left(_limit(today, months), Length("said")))
    return dated.filter(Q(said="") | Q(said__lt=F("limit")))


def _limit(today: date, months: int) -> Value:
    """The day after the one so many months ago: what sorts before it, as far as it is known, is surely as old."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])) + timedelta(days=1)
    return Value(day.isoformat(), output_field=CharField())


def _within_reach(viewer: Viewer, rows: QuerySet[Entry]) -> QuerySet[Entry]:
    territories = desk_territories(viewer)
    return rows if territories is None else rows.filter(territories__overlap=sorted(territories))


def old_entries(viewer: Viewer, asked: Asked, today: date | None = None) -> QuerySet[Entry]:
    """Published entries of a question that nobody confirmed for long; of the viewer's territories; oldest first."""
    _require_moderator(viewer)
    rows = _within_reach(viewer, matching(asked.filters)).exclude(status="closed")
    rows = _older_than(rows, asked.months, today or timezone.localdate())
    in_order = Prefetch("places", Place.objects.order_by("position", "pk"))
    return rows.select_related("source").prefetch_related(in_order).order_by("said", "pk")  # type: ignore[misc]  # annotated


@dataclass(frozen=True)
class AgeCount:
    """How many entries have an age: `years` is None for those whose date is not known, 3 for three years and more."""

    years: int | None
    count: int


def counts_by_age(viewer: Viewer, asked: Asked, today: date | None = None) -> list[AgeCount]:
    """How old the entries of a question are. One statement."""
    _require_moderator(viewer)
    now = today or timezone.localdate()
    rows = with_last_said(_within_reach(viewer, matching(asked.filters)).exclude(status="closed"))
    limits = {years: _limit(now, 12 * years) for years in (1, 2, 3)}
    rows = rows.annotate(**{f"limit{years}": Left(limit, Length("said")) for years, limit in limits.items()})
    older = {f"older{years}": Count("pk", filter=~Q(said="") & Q(said__lt=F(f"limit{years}"))) for years in limits}
    found = rows.aggregate(total=Count("pk"), unknown=Count("pk", filter=Q(said="")), **older)
    dated = found["total"] - found["unknown"]
    return [
        AgeCount(0, dated - found["older1"]), AgeCount(1, found["older1"] - found["older2"]),
        AgeCount(2, found["older2"] - found["older3"]), AgeCount(3, found["older3"]), AgeCount(None, found["unknown"]),
    ]  # fmt: skip


def plan_of(viewer: Viewer, asked: Asked, today: date | None = None) -> Plan:
    """Whom a round would ask: each contact once, oldest entries first; those who said stop or were asked lately are left out."""
    rows = old_entries(viewer, asked, today)
    told = Place.objects.filter(entry=OuterRef("pk")).exclude(**{"email" if asked.way == Way.MAIL else "phone": ""})
    reachable = rows.filter(Exists(told))
    old, known = rows.count(), reachable.count()
    chosen = list(reachable[:MOST_ENTRIES])
    left_out = Counter({NO_CONTACT: old - known, TOO_MANY: known - len(chosen)})
    by_contact: dict[str, list[Entry]] = defaultdict(list)
    for entry in chosen:
        if address := contact_of(entry, asked.way):
            by_contact[address].append(entry)
        else:
            left_out[NO_CONTACT] += 1
    digests = {address: digest_of(address) for address in by_contact}
    refused = resting(digests.values())
    contacts = []
    for address, entries in by_contact.items():
        if reason := refused.get(digests[address]):
            left_out[reason] += len(entries)
            continue
        most = {Way.SMS: 1, Way.MAIL: MOST_IN_A_LETTER}.get(Way(asked.way), len(entries))
        left_out[TOO_MANY] += max(0, len(entries) - most)
        contacts.append(Contact(address, digests[address], tuple(entries[:most])))
    return Plan(tuple(contacts), Counter({reason: count for reason, count in left_out.items() if count}), old)


@seeing_everything("whom nobody may write to now is known by digests only, whoever asked them")
def resting(digests: Iterable[str]) -> dict[str, str]:
    """Contacts that may not be asked now, and why."""
    wanted, since = list(digests), timezone.now() - timedelta(days=REST_DAYS)
    lately = FreshnessRequest.objects.filter(contact_digest__in=wanted, asked_at__gt=since)
    stopped = ContactStop.objects.filter(contact_digest__in=wanted)
    found = dict.fromkeys(lately.order_by().values_list("contact_digest", flat=True).distinct(), ASKED_LATELY)
    return found | dict.fromkeys(stopped.order_by().values_list("contact_digest", flat=True), STOPPED)


def _visible_rounds(viewer: Viewer) -> QuerySet[FreshnessRound]:
    """Rounds of the viewer's territories; helpers see those that are asked by telephone."""
    moderates = may_see_desk(viewer)
    if not moderates and not may_enter_for_others(viewer):
        raise Refused(_("Cette page est réservée aux aidants et aux modérateurs."))
    rows = FreshnessRound.objects.all() if moderates else FreshnessRound.objects.filter(way=Way.PHONE)
    territories = desk_territories(viewer) if moderates else territories_where(viewer, HELPING)
    return rows if territories is None else rows.filter(territories__overlap=sorted(territories))


def rounds(viewer: Viewer, limit: int = 50) -> list[FreshnessRound]:
    """The last rounds, with how many were asked (`asked`) and answered (`answered`)."""
    rows = _visible_rounds(viewer).annotate(
        asked=Count("requests"), answered=Count("requests", filter=~Q(requests__answer=""))
    )
    return list(rows.select_related("by").order_by("-at", "-pk")[:limit])


def round_of(viewer: Viewer, round_id: int) -> FreshnessRound:
    """One round; Missing where it is not the viewer's."""
    found = _visible_rounds(viewer).filter(pk=round_id).first()
    if found is None:
        raise Missing(_("Cette tournée n’existe pas, ou elle n’est pas de votre territoire."))
    return found


def requests_of(one: FreshnessRound, *, only_open: bool = False) -> list[FreshnessRequest]:
    """The entries of a round, in the order of the printed list: by number, then by name."""
    rows = one.requests.select_related("entry__source", "suggestion", "entered_by").prefetch_related(
        Prefetch("entry__places", Place.objects.order_by("position", "pk"))
    )
    if only_open:
        rows = rows.filter(answer__in=("", Answer.UNREACHED))
    return sorted(rows.order_by("pk"), key=lambda row: (row.contact, bytes(row.entry.sort_key), row.pk))


def answer_counts(one: FreshnessRound) -> dict[str, int]:
    """How many gave each answer; "" for those that are awaited."""
    rows = one.requests.order_by().values_list("answer").annotate(count=Count("pk"))
    return {str(answer): int(count) for answer, count in rows}


def token_of(request_id: int) -> str:
    """The signed end of the link by which a contact answers without account."""
    return signing.dumps(request_id, salt=SALT)


@seeing_everything("the signature of the link names the one row")
def request_of_token(token: str) -> FreshnessRequest:
    """The request that a link names. Missing where it was forged, is too old, or its entry is no longer there."""
    try:
        request_id = signing.loads(token, salt=SALT, max_age=timedelta(days=LINK_DAYS))
    except signing.BadSignature:
        raise Missing(_("Ce lien n’est plus valable.")) from None
    rows = FreshnessRequest.objects.select_related("entry__source", "entry__merged_into").prefetch_related(
        "entry__places"
    )
    found = rows.filter(pk=request_id).first()
    if found is None or not (found.entry.is_published or found.entry.merged_into_id):
        raise Missing(_("Cette fiche n’existe plus."))
    return found


@seeing_everything("a number that answers is shown nothing but what it was asked")
def open_requests_of(digest: str) -> list[FreshnessRequest]:
    """What a contact was asked and has not answered, last first, while an answer makes sense."""
    since = timezone.now() - timedelta(days=REST_DAYS)
    rows = FreshnessRequest.objects.filter(contact_digest=digest, asked_at__gt=since, answer__in=("", Answer.UNREACHED))
    return list(rows.select_related("entry").order_by("-pk"))


@seeing_everything("a date is told, not who was asked")
def waiting_since(entry: Entry) -> date | None:
    """Since when an entry's contact was asked without an answer; None when nothing is awaited."""
    row = FreshnessRequest.objects.filter(entry=entry, answer="").order_by("-asked_at").first()
    return timezone.localdate(row.asked_at) if row else None
