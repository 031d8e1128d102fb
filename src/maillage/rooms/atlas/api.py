"""The programming interface of the atlas: read everything that the pages show, and suggest as a person would."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Header, Path, Query, Router

from maillage.core.errors import Invalid
from maillage.core.exports.interface import ERRORS, open_to_other_sites, problems
from maillage.core.moderation.codes import code_as_shown
from maillage.core.moderation.pace import address_of
from maillage.core.web import glossary
from maillage.rooms.atlas import cards, exports, queries, queries_export
from maillage.rooms.atlas.actions import send_suggestion
from maillage.rooms.atlas.api_schemas import (
    EntriesOut,
    EntriesQuestion,
    EntryOut,
    FacetOut,
    Question,
    RevisionOut,
    SearchOut,
    SearchQuestion,
    SuggestionIn,
    SuggestionOut,
)
from maillage.rooms.atlas.api_suggestions import sending_of
from maillage.rooms.atlas.facets import facet_counts
from maillage.rooms.atlas.filters import FACETS, Filters, filters_from

EntryId = Annotated[int, Path(ge=1, le=2**62, description="Identifier of the entry")]


def router() -> Router:
    """Every address of the atlas under /api/v1/atlas/."""
    made = Router()
    made.add_decorator(open_to_other_sites, mode="view")
    made.get("/entries", response=EntriesOut, openapi_extra=problems(422), summary="Entries, by pages")(entries)
    made.get("/entries/{entry_id}", response=EntryOut, openapi_extra=problems(404, 422), summary="One entry")(entry)
    made.get(
        "/entries/{entry_id}/history",
        response=list[RevisionOut],
        openapi_extra=problems(404, 422),
        summary="Its history",
    )(history)
    made.get("/facets", response=list[FacetOut], openapi_extra=problems(422), summary="Exact counts per filter")(facets)
    made.get("/search", response=SearchOut, openapi_extra=problems(422), summary="Search by words")(search)
    made.post("/suggestions", response={201: SuggestionOut}, openapi_extra=problems(*ERRORS), summary="Suggest")(
        suggest
    )
    return made


def _filters(question: Question) -> Filters:
    """The question as the list understands it; what it would leave out is refused here, and named."""
    pairs: list[tuple[str, str]] = []
    for name, value in question.model_dump(exclude={"size", "cursor", "modified_since"}, exclude_none=True).items():
        pairs += [(name, str(one)) for one in (value if isinstance(value, list) else [value]) if str(one)]
    filters = filters_from(QueryDict(urlencode(pairs)))
    if filters.not_understood:
        faults = {name: ["not understood"] for name in filters.not_understood}
        raise Invalid(_("Une partie de la question n’est pas comprise."), faults)
    return filters


def _next(path: str, question: Question, cursor: str) -> str | None:
    """Full address of the next page."""
    if not cursor:
        return None
    asked = question.model_dump(mode="json", exclude_defaults=True) | {"cursor": cursor}
    return f"{settings.SITE_ADDRESS}{path}?{urlencode(asked, doseq=True)}"


def entries(request: HttpRequest, question: Query[EntriesQuestion]) -> dict[str, Any]:
    """Entries that meet the filters. With `modified_since`, by date of change, and what a copy must drop."""
    filters, since = _filters(question), question.modified_since
    found = queries_export.portion(filters, cursor=question.cursor, size=question.size, modified_since=since)
    withdrawn = queries_export.withdrawn_since(since) if since and not question.cursor else []
    return {
        "total": queries_export.total(filters, since),
        "next": _next(request.path, question, found.next_cursor),
        "entries": [exports.entry_record(one) for one in found.entries],
        "withdrawn": [
            {"id": one.pk, "withdrawn_at": one.modified_at, "merged_into": one.merged_into_id} for one in withdrawn
        ],
    }


def entry(request: HttpRequest, entry_id: EntryId) -> dict[str, Any]:
    """One entry with its places and source; a merged one gives the entry that holds it."""
    found = queries.sheet(entry_id)
    if found.merged_into_id is not None:
        found = queries.sheet(found.merged_into_id)
    return exports.entry_record(found)


def history(request: HttpRequest, entry_id: EntryId) -> list[dict[str, Any]]:
    """What changed, newest first; who did it is told by role, never by name."""
    return [
        {
            "number": one.number, "at": one.at, "who": one.who, "channel": one.channel, "reason": one.reason,
            "source": one.source_text, "changes": one.changes,
        }
        for one in queries_export.history(queries.sheet(entry_id))
    ]  # fmt: skip


def facets(request: HttpRequest, question: Query[Question]) -> list[dict[str, Any]]:
    """For each filter and value, how many entries one would see by choosing it."""
    counts = facet_counts(_filters(question))
    return [
        {
            "name": name,
            "label": _(cards.LEGENDS[name]),
            "values": [
                {
                    "value": one.value,
                    "label": glossary.label(FACETS[name][2], one.value),
                    "count": one.count,
                    "is_chosen": one.is_chosen,
                }
                for one in counts[name]
            ],
        }
        for name in FACETS
    ]


def search(request: HttpRequest, question: Query[SearchQuestion]) -> dict[str, Any]:
    """Entries by relevance; everyday words are widened, typing errors forgiven."""
    filters = _filters(question)
    page = queries.page_of(filters, question.cursor, question.size)
    return {
        "total": page.total,
        "next": _next(request.path, question, page.next_cursor),
        "corrected": dict(page.query.corrections) if page.query else {},
        "also": list(page.query.means) if page.query else [],
        "found": [
            {
                "id": one.pk, "name": one.name, "summary": one.summary, "url": exports.sheet_address(one),
                "where": cards.where(list(one.places.all()), one.area_text), "distance_m": getattr(one, "distance_m", None),
                "status": one.status, "themes": one.themes,
            }
            for one in page.entries
        ],
    }  # fmt: skip


def suggest(
    request: HttpRequest,
    body: SuggestionIn,
    idempotency_key: Annotated[
        str,
        Header(alias="Idempotency-Key", max_length=200, description="The same words with the same key are sent once."),
    ] = "",
) -> dict[str, Any]:
    """A new place, a correction, a report: kept until a person has read it. The code follows it."""
    sent = send_suggestion(sending_of(body, idempotency_key, address_of(request)))
    shown = code_as_shown(sent.code)
    follow = f"{settings.SITE_ADDRESS}{reverse('atlas:follow_code', args=[shown])}"
    return {"code": shown, "state": sent.state, "follow_url": follow}
