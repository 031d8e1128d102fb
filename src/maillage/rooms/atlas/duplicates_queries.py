"""Reads about duplicates: the pairs that wait, two entries side by side, what was merged, where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from maillage.core.errors import Missing, Refused
from maillage.core.people.queries import Viewer
from maillage.kernels.matching.scoring import PROPOSED
from maillage.rooms.atlas.actions_save import snapshot_of
from maillage.rooms.atlas.duplicates_fields import Side, partner_of
from maillage.rooms.atlas.duplicates_models import CandidatePair, MergeRecord, PairState
from maillage.rooms.atlas.freshness import last_said
from maillage.rooms.atlas.models import Entry, Place
from maillage.rooms.atlas.permissions import desk_territories, may_see_desk

PER_PAGE = 20
SCORES = (40, 50, 60, 75, 90)


@dataclass(frozen=True)
class DuplicateFilters:
    """A question to the list of pairs, as its address tells it; unknown values are dropped."""

    state: str = PairState.PROPOSED
    score: int = int(PROPOSED)
    source: str = ""
    territory: str = ""

    def query_string(self) -> str:
        """The address's end; empty for the list as it opens."""
        pairs = {"etat": self.state if self.state != PairState.PROPOSED else "", "source": self.source,
                 "score": str(self.score) if self.score != int(PROPOSED) else "", "territoire": self.territory}  # fmt: skip
        return urlencode({name: value for name, value in pairs.items() if value})


def duplicate_filters_from(parameters: Mapping[str, str]) -> DuplicateFilters:
    """Reads the address."""
    state, score = parameters.get("etat", ""), parameters.get("score", "")
    return DuplicateFilters(
        state=state if state in PairState.values else PairState.PROPOSED,
        score=int(score) if score.isdecimal() and len(score) < 4 and int(score) in SCORES else int(PROPOSED),
        source=parameters.get("source", "")[:80].replace("\0", ""),
        territory=parameters.get("territoire", "")[:40].replace("\0", "").strip(),
    )


@dataclass(frozen=True)
class PairPage:
    """A part of the list; `next_cursor` is "" at its end."""

    rows: list[CandidatePair]
    total: int
    next_cursor: str


def pair_rows(viewer: Viewer, filters: DuplicateFilters) -> QuerySet[CandidatePair]:
    """Pairs that meet the question and that the viewer may decide on, likeliest first."""
    rows = CandidatePair.objects.filter(_decidable(viewer), state=filters.state)
    if filters.state == PairState.PROPOSED:
        rows = rows.filter(left__is_published=True, right__is_published=True, score__gte=filters.score)
    if filters.source:
        rows = rows.filter(Q(left__source__code=filters.source) | Q(right__source__code=filters.source))
    if filters.territory:
        here = [filters.territory]
        rows = rows.filter(Q(left__territories__contains=here) | Q(right__territories__contains=here))
    return rows.order_by("-score", "pk")


def _decidable(viewer: Viewer, names: tuple[str, str] = ("left", "right")) -> Q:
    """Both entries are of the viewer's territories, or of unknown territory."""
    if not may_see_desk(viewer):
        raise Refused(_("Cette page est réservée aux modérateurs."))
    territories = desk_territories(viewer)
    if territories is None:
        return Q()
    mine = sorted(territories)
    one, other = (Q(**{f"{name}__territories__overlap": mine}) | Q(**{f"{name}__territories": []}) for name in names)
    return one & other


def pair_page(viewer: Viewer, filters: DuplicateFilters, cursor: str = "", size: int = PER_PAGE) -> PairPage:
    """One page of the list, after the pair that the cursor names ("score_number")."""
    rows = pair_rows(viewer, filters)
    total = rows.count()
    score, _sign, number = cursor.partition("_")
    if score.isdecimal() and number.isdecimal():
        at, pk = int(score[:3]), int(number[:18])
        rows = rows.filter(Q(score__lt=at) | Q(score=at, pk__gt=pk))
    found = list(_whole(rows)[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return PairPage(found[:size], total, f"{last.score}_{last.pk}" if last else "")


def _whole(rows: QuerySet[CandidatePair]) -> QuerySet[CandidatePair]:
    in_order = Place.objects.order_by("position", "pk")
    return rows.select_related("left__source", "right__source", "decided_by").prefetch_related(
        Prefetch("left__places", in_order), Prefetch("right__places", in_order)
    )


def proposed_ids(viewer: Viewer, filters: DuplicateFilters) -> list[int]:
    """The numbers of all waiting pairs of a question, likeliest first."""
    return list(pair_rows(viewer, filters).filter(state=PairState.PROPOSED).values_list("pk", flat=True))


def score_counts(viewer: Viewer) -> list[tuple[int, int]]:
    """How many pairs wait from each score on."""
    waiting = CandidatePair.objects.filter(
        _decidable(viewer), state=PairState.PROPOSED, left__is_published=True, right__is_published=True
    )
    counts = waiting.aggregate(**{f"s{score}": Count("pk", filter=Q(score__gte=score)) for score in SCORES})
    return [(score, int(counts[f"s{score}"])) for score in SCORES]


def sources_of_pairs() -> list[tuple[str, str]]:
    """Sources that have a pair, by name."""
    rows = CandidatePair.objects.order_by().values_list("left__source__code", "left__source__name").distinct()
    others = CandidatePair.objects.order_by().values_list("right__source__code", "right__source__name").distinct()
    return sorted({*rows, *others}, key=lambda one: one[1].casefold())


def pair_for(viewer: Viewer, pair_id: int) -> CandidatePair:
    """One pair in full; Missing outside the viewer's territories."""
    found = _whole(CandidatePair.objects.filter(_decidable(viewer), pk=pair_id)).first()
    if found is None:
        raise Missing(_("Cette paire n’existe pas, ou elle n’est pas de votre territoire."))
    return found


def pair_after(viewer: Viewer, filters: DuplicateFilters, pair: CandidatePair) -> CandidatePair | None:
    """The next of the list."""
    return pair_rows(viewer, filters).filter(Q(score__lt=pair.score) | Q(score=pair.score, pk__gt=pair.pk)).first()


def merges_page(viewer: Viewer, cursor: str = "", size: int = PER_PAGE) -> tuple[list[MergeRecord], str]:
    """What was merged, last first, and the cursor of the rest ("" at the end)."""
    rows = MergeRecord.objects.filter(_decidable(viewer, ("kept", "absorbed")))
    if cursor.isdecimal():
        rows = rows.filter(pk__lt=int(cursor[:18]))
    rows = rows.select_related("kept__source", "absorbed__source", "by", "undone_by").order_by("-pk")
    found = list(rows[: size + 1])
    return found[:size], str(found[size - 1].pk) if len(found) > size else ""


def side_of(entry: Entry) -> Side:
    """An entry as the rules of merging see it."""
    order = list(getattr(settings, "SOURCE_ORDER", ()))
    code = entry.source.code
    return Side(entry.pk, entry.source.name, order.index(code) if code in order else len(order), last_said(entry),
                snapshot_of(entry))  # fmt: skip


def filling_of(entry: Entry) -> int:
    """How many things an entry tells."""
    snapshot = snapshot_of(entry)
    own = sum(bool(value) for name, value in snapshot.items() if name != "places")
    return own + sum(bool(value) for place in snapshot["places"] for value in place.values())


@dataclass(frozen=True)
class Origin:
    """Where a shown value comes from; `others` are what merged entries say otherwise, each with its source and date."""

    field: str
    value: object
    source: str
    date: str
    others: tuple[tuple[object, str, str], ...]


SHOWN = ("name", "summary", "description", "operator", "status")
SHOWN_OF_PLACE = ("address", "commune", "phone", "email", "website", "opening_hours", "opening_hours_text")


def origins_of(entry: Entry) -> list[Origin]:
    """For each thing that an entry shows: who said it, when, and what the entries merged into it say otherwise."""
    merges = list(
        MergeRecord.objects.filter(kept=entry, undone_at=None).select_related("absorbed__source").prefetch_related(
            Prefetch("absorbed__places", Place.objects.order_by("position"))
        ).order_by("pk")
    )  # fmt: skip
    told: dict[str, Mapping[str, object]] = {}
    for one in merges:
        told |= one.choices
    snapshot, own = snapshot_of(entry), (entry.source.name, last_said(entry))
    others = [(snapshot_of(one.absorbed), one.absorbed.source.name, last_said(one.absorbed)) for one in merges]
    found = [
        _origin(name, name, snapshot[name], told, own, [(one[name], *rest) for one, *rest in others]) for name in SHOWN
    ]
    for position, place in enumerate(snapshot["places"]):
        said = [(one["places"][there], *rest) for one, *rest in others for there in [partner_of(place, one["places"])]
                if there is not None]  # fmt: skip
        for name in SHOWN_OF_PLACE:
            key = f"place.{position}.{_group_of(name)}"
            found.append(_origin(key, name, place[name], told, own, [(one.get(name), *rest) for one, *rest in said]))
    return [one for one in found if one.value or one.others]


def _group_of(name: str) -> str:
    return {"opening_hours_text": "opening_hours"}.get(name, name)


Said = tuple[object, str, str]  # a value, its source, its date


def _origin(
    key: str,
    name: str,
    value: object,
    told: Mapping[str, Mapping[str, object]],
    own: tuple[str, str],
    others: list[Said],
) -> Origin:
    """A value that the kept entry no longer has from a merging is its own again."""
    source, date = own
    mark = told.get(key) or told.get(".".join(key.split(".")[:2]), {})
    says_so = [one for one in others if one[0] == value and one[1] == mark.get("source")]
    if mark and (says_so or mark.get("value") == value):
        source, date = str(mark["source"]), str(mark["date"])
    differing = tuple(one for one in others if one[0] and one[0] != value)
    return Origin(name, value, source, date, differing)
