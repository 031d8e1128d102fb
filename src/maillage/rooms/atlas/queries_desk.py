"""Reads of the moderation desk; the viewer comes first, and sees what they may decide on only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from maillage.core.channels.kinds import Channel
from maillage.core.channels.models import LedgerEntry
from maillage.core.errors import Missing, Refused
from maillage.core.exports.tables import Column, Table
from maillage.core.moderation.states import WAITING, State
from maillage.core.people.queries import Viewer
from maillage.core.places.gazetteer import reference_meant
from maillage.rooms.atlas.models import Suggestion, SuggestionDecision, SuggestionKind
from maillage.rooms.atlas.permissions import desk_territories, may_see_desk

PER_PAGE = 25
WAITING_CODE = "waiting"


@dataclass(frozen=True)
class DeskFilters:
    """A question to the desk, as its address tells it; unknown values are dropped."""

    state: str = WAITING_CODE
    kind: str = ""
    channel: str = ""
    territory: str = ""

    def query_string(self) -> str:
        """The address's end; empty for the desk as it opens."""
        pairs = {"etat": self.state if self.state != WAITING_CODE else "", "nature": self.kind, "voie": self.channel,
                 "territoire": self.territory}  # fmt: skip
        return urlencode({name: value for name, value in pairs.items() if value})


def desk_filters_from(parameters: Mapping[str, str]) -> DeskFilters:
    """Reads the address."""
    state, kind, channel = (parameters.get(name, "") for name in ("etat", "nature", "voie"))
    return DeskFilters(
        state=state if state in (*State.values, "appeal", "all") else WAITING_CODE,
        kind=kind if kind in SuggestionKind.values else "",
        channel=channel if channel in Channel.values else "",
        territory=parameters.get("territoire", "")[:40].strip(),
    )


def with_territory_named(viewer: Viewer, filters: DeskFilters) -> DeskFilters:
    """The same question with the code of the territory whose name was typed; one of the viewer's own, where several bear it.

    Raises Invalid, in words, where no territory or several are meant.
    """
    if not filters.territory or ":" in filters.territory:
        return filters
    own = desk_territories(viewer) or frozenset()
    return replace(filters, territory=reference_meant(filters.territory, own))


def _visible(viewer: Viewer) -> Q:
    """Suggestions of the viewer's territories, and those of unknown territory."""
    if not may_see_desk(viewer):
        raise Refused(_("Cette page est réservée aux modérateurs."))
    territories = desk_territories(viewer)
    return Q() if territories is None else Q(territories__overlap=sorted(territories)) | Q(territories=[])


def desk_rows(viewer: Viewer, filters: DeskFilters) -> QuerySet[Suggestion]:
    """Suggestions that meet the question, oldest first: who came first is read first."""
    rows = Suggestion.objects.filter(_visible(viewer))
    if filters.state == WAITING_CODE:
        rows = rows.filter(state__in=WAITING)
    elif filters.state == "appeal":
        rows = rows.filter(state__in=WAITING, appealed_at__isnull=False)
    elif filters.state != "all":
        rows = rows.filter(state=filters.state)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.channel:
        rows = rows.filter(channel=filters.channel)
    if filters.territory:
        rows = rows.filter(territories__contains=[filters.territory])
    return rows.select_related("entry", "claimed_by").order_by("created_at", "pk")


@dataclass(frozen=True)
class DeskPage:
    """A part of the queue; `next_cursor` is "" at its end."""

    rows: list[Suggestion]
    total: int
    next_cursor: str


def desk_page(viewer: Viewer, filters: DeskFilters, cursor: str = "", size: int = PER_PAGE) -> DeskPage:
    """One page of the queue, after the row that the cursor names."""
    rows = desk_rows(viewer, filters)
    found = list(_after(rows, cursor)[: size + 1])
    return DeskPage(found[:size], rows.count(), cursor_of(found[size - 1]) if len(found) > size else "")


def cursor_of(suggestion: Suggestion) -> str:
    """Names a row of the queue: its instant and number."""
    return f"{suggestion.created_at.isoformat()}_{suggestion.pk}"


def _after(rows: QuerySet[Suggestion], cursor: str) -> QuerySet[Suggestion]:
    instant, _sign, number = cursor.partition("_")
    try:
        at, pk = datetime.fromisoformat(instant), int(number[:18])
    except ValueError:
        return rows
    if at.tzinfo is None:
        return rows
    return rows.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk))


def neighbours(
    viewer: Viewer, filters: DeskFilters, suggestion: Suggestion
) -> tuple[Suggestion | None, Suggestion | None]:
    """The rows before and after one in the queue, whether or not it still is in it."""
    rows = desk_rows(viewer, filters)
    before = Q(created_at__lt=suggestion.created_at) | Q(created_at=suggestion.created_at, pk__lt=suggestion.pk)
    previous = rows.filter(before).order_by("-created_at", "-pk").first()
    return previous, _after(rows, cursor_of(suggestion)).first()


def desk_suggestion(viewer: Viewer, suggestion_id: int) -> Suggestion:
    """One suggestion in full; Missing outside the viewer's territories."""
    rows = Suggestion.objects.filter(_visible(viewer)).select_related("entry", "claimed_by", "decided_by", "entered_by")
    found = rows.filter(pk=suggestion_id).first()
    if found is None:
        raise Missing(_("Cette demande n’existe pas, ou elle n’est pas de votre territoire."))
    return found


def decisions_on(suggestion: Suggestion) -> list[SuggestionDecision]:
    """Decisions already taken, oldest first."""
    return list(suggestion.decisions.select_related("by", "revision").order_by("pk"))


def ledger_of(suggestion: Suggestion) -> LedgerEntry | None:
    """How it came."""
    return LedgerEntry.objects.select_related("entered_by").filter(subject=f"atlas:suggestion:{suggestion.pk}").first()


DECISION_COLUMNS = (
    "decision", "decided_at", "suggestion", "kind", "channel", "sheet", "entry", "entry_name", "territories", "action",
    "state_before", "state_after", "reason_code", "reason", "edited_before_accepting", "decided_by", "by_community", "revision",
)  # fmt: skip


def decision_table(viewer: Viewer) -> Table[list[str]]:
    """Every decision on suggestions that the viewer may see, oldest first, read as it is written out."""
    seen = Suggestion.objects.filter(_visible(viewer))  # before the answer begins: a refusal must still be one
    return Table("decisions", [_column(position) for position in range(len(DECISION_COLUMNS))], _decision_lines(seen))


def _column(position: int) -> Column[list[str]]:
    return Column(DECISION_COLUMNS[position], DECISION_COLUMNS[position], lambda row: row[position])


def _decision_lines(seen: QuerySet[Suggestion]) -> Iterator[list[str]]:
    rows = SuggestionDecision.objects.filter(suggestion__in=seen).order_by("at", "pk")
    for one in rows.select_related("suggestion", "suggestion__entry", "by", "revision").iterator(chunk_size=1000):
        suggestion, entry = one.suggestion, one.suggestion.entry
        yield [
            str(one.pk), one.at.isoformat(), str(suggestion.pk), suggestion.kind, suggestion.channel,
            suggestion.sheet_reference, str(entry.pk) if entry else "", entry.name if entry else "",
            " ".join(suggestion.territories), one.action, one.state_before, one.state_after, one.reason_code, one.reason,
            "yes" if one.was_edited else "no", one.by.display_name if one.by else "", "yes" if one.by_community else "no",
            str(one.revision.number) if one.revision else "",
        ]  # fmt: skip
