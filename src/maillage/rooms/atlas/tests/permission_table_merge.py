"""Permissions of duplicates and of freshness; part of `permission_table.py`.

Nobody is sent to sign in, resident and helper are refused, and a pair of another territory is not there.
"""

from __future__ import annotations

from django.utils import timezone

from maillage.rooms.atlas.actions_apply import merge
from maillage.rooms.atlas.actions_save import Origin
from maillage.rooms.atlas.duplicates_models import CandidatePair, MergeRecord
from maillage.rooms.atlas.freshness_models import FreshnessRequest, FreshnessRound
from maillage.rooms.atlas.freshness_queries import token_of
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.makers import at, make_entry
from tests.helpers.permissions import Row, asked, sent


def samples() -> dict[str, object]:
    """Two entries of Vénissieux that may be one, and two that were merged."""
    place = at(4.886, 45.7036, commune="Vénissieux", commune_code="69259")
    entries = [make_entry(f"Maison {name}", places=(place,)) for name in ("une", "deux", "trois", "quatre")]
    one, other, kept, absorbed = (Entry.objects.get(pk=entry.pk) for entry in entries)
    pair = CandidatePair.objects.create(left=one, right=other, score=80, found_at=timezone.now())
    revision = merge(absorbed, kept.pk, Origin(channel="web"))
    done = MergeRecord.objects.create(kept=kept, absorbed=absorbed, absorbed_revision=revision)
    calls = FreshnessRound.objects.create(title="Appels", way="phone", months=12, territories=one.territories)
    asked_of = FreshnessRequest.objects.create(
        round=calls, entry=one, contact="+33472000001", contact_digest="x", code="AAAAA"
    )
    return {
        "merge_round": calls.pk,
        "merge_token": token_of(asked_of.pk),
        "merge_pair": pair.pk,
        "merge_done": done.pk,
        "merge_entry": one.pk,
        "merge_absorbed": absorbed.pk,
    }


def _work(method: str, name: str, kwargs: dict[str, object], *statuses: int) -> list[Row]:
    persons = ("nobody", "resident", "helper", "moderator", "moderator_elsewhere", "operator")
    make = asked if method == "GET" else sent
    return make(f"atlas:{name}", kwargs, **dict(zip(persons, statuses, strict=True)))


_ROUND, _TOKEN = {"round_id": "$merge_round"}, {"token": "$merge_token"}
_PAIR, _MERGE = {"pair_id": "$merge_pair"}, {"merge_id": "$merge_done"}

ROWS = [
    *_work("GET", "duplicates", {}, 302, 403, 403, 200, 200, 200),
    *_work("GET", "duplicates_search", {}, 302, 405, 405, 405, 405, 405),
    *_work("POST", "duplicates_search", {}, 302, 403, 403, 302, 302, 302),
    *_work("GET", "duplicates_many", {}, 302, 405, 405, 405, 405, 405),
    *_work("POST", "duplicates_many", {}, 302, 403, 403, 422, 422, 422),
    *_work("GET", "duplicates_all", {}, 302, 405, 405, 405, 405, 405),
    *_work("POST", "duplicates_all", {}, 302, 403, 403, 200, 200, 200),
    *_work("GET", "duplicate_pair", _PAIR, 302, 403, 403, 200, 404, 200),
    *_work("POST", "duplicate_pair", _PAIR, 302, 403, 403, 422, 404, 422),
    *_work("GET", "duplicate_pair", {"pair_id": 999999}, 302, 403, 403, 404, 404, 404),
    *_work("GET", "merges", {}, 302, 403, 403, 200, 200, 200),
    *_work("GET", "merge_undo", _MERGE, 302, 405, 405, 405, 405, 405),
    *_work("POST", "merge_undo", _MERGE, 302, 403, 403, 302, 404, 302),
    *asked("atlas:origins", {"entry_id": "$merge_entry"}, everybody=200),
    *asked("atlas:origins", {"entry_id": "$merge_absorbed"}, everybody=302),
    *asked("atlas:origins", {"entry_id": 999999}, everybody=404),
    # Freshness: helpers see the telephone rounds and type answers; only moderators make a round.
    *_work("GET", "freshness", {}, 302, 403, 200, 200, 200, 200),
    *_work("GET", "freshness_new", {}, 302, 403, 403, 200, 200, 200),
    *_work("POST", "freshness_new", {}, 302, 403, 403, 422, 422, 422),
    *_work("GET", "freshness_round", _ROUND, 302, 403, 200, 200, 404, 200),
    *_work("GET", "freshness_list", _ROUND, 302, 403, 200, 200, 404, 200),
    *_work("GET", "freshness_pdf", _ROUND, 302, 403, 200, 200, 404, 200),
    *_work("GET", "freshness_typing", _ROUND, 302, 403, 200, 200, 404, 200),
    *_work("POST", "freshness_typing", _ROUND, 302, 403, 302, 302, 404, 302),
    *asked("atlas:freshness_answer", _TOKEN, everybody=200),
    *asked("atlas:freshness_answer", {"token": "forged"}, everybody=404),
    *sent("atlas:freshness_answer", _TOKEN, everybody=422),
]
