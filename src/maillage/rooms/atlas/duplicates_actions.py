"""Deciding on duplicates: one place, two places, undoing. A person decides; nothing is merged by itself unless a setting asks."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.channels.kinds import Channel
from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.journal.actions import record
from maillage.core.people.models import Person
from maillage.core.people.queries import Viewer
from maillage.rooms.atlas.actions_apply import merge, revert
from maillage.rooms.atlas.actions_index import refresh_entry
from maillage.rooms.atlas.actions_save import ENTRY_FIELDS, EntryData, Origin, PlaceData, snapshot_of, write_entry
from maillage.rooms.atlas.duplicates_fields import combined
from maillage.rooms.atlas.duplicates_models import CandidatePair, MergeRecord, PairState
from maillage.rooms.atlas.duplicates_queries import DuplicateFilters, filling_of, proposed_ids, side_of
from maillage.rooms.atlas.models import Entry, Revision
from maillage.rooms.atlas.permissions import may_decide, may_see_desk, role_shown

LOG = logging.getLogger(__name__)
MOST_AT_ONCE = 200  # more than these are left to the worker, so that no page waits for minutes


@dataclass(frozen=True)
class ManyResult:
    """How many pairs were decided, and why the others were not."""

    done: int
    not_done: tuple[tuple[int, str], ...]


@transaction.atomic
def merge_pair(
    viewer: Viewer, pair_id: int, *, keep: int | None = None, chosen: Mapping[str, str] | None = None
) -> MergeRecord:
    """Makes one entry of a pair. `keep` is the entry that stays (the better filled one otherwise), `chosen` see `combined`.

    Raises Invalid where it cannot be done, Missing outside the viewer's territories.
    """
    pair = _locked(viewer, pair_id)
    by = viewer if isinstance(viewer, Person) else None
    return _merge(pair, by, keep, chosen or {})


def _merge(pair: CandidatePair, by: Person | None, keep: int | None, chosen: Mapping[str, str]) -> MergeRecord:
    kept, absorbed = _kept_and_absorbed(pair, keep)
    sides = side_of(kept), side_of(absorbed)
    made = combined(*sides, chosen)
    origin = Origin(
        channel=Channel.WEB,
        source_text=sides[1].source,
        who=role_shown(by) if by else "",
        reason=_("Fusion avec la fiche « %(name)s » (%(source)s)") % {"name": absorbed.name, "source": sides[1].source},
    )
    kept_revision = _write(kept, made.snapshot, origin)
    moved = list(Entry.objects.filter(merged_into=absorbed).order_by("pk").values_list("pk", flat=True))
    absorbed_revision = merge(absorbed, kept.pk, origin)
    done = MergeRecord.objects.create(
        kept=kept, absorbed=absorbed, pair=pair, choices=made.origins, moved=moved, kept_revision=kept_revision,
        absorbed_revision=absorbed_revision, by=by,
    )  # fmt: skip
    _settle(pair, PairState.SAME, by)
    record(action="atlas.entries_merged", subject=f"atlas:entry:{kept.pk}", actor=by, channel=Channel.WEB,
           details={"absorbed": absorbed.pk, "score": pair.score, "merge": done.pk})  # fmt: skip
    return done


def _kept_and_absorbed(pair: CandidatePair, keep: int | None) -> tuple[Entry, Entry]:
    """The two entries, held; where one was merged meanwhile, the entry that stands for it."""
    ids = sorted({one.merged_into_id or one.pk for one in (pair.left, pair.right)})
    if len(ids) == 1:
        raise Invalid(_("Ces deux fiches n’en font déjà plus qu’une."))
    rows = {one.pk: one for one in Entry.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    entries = [rows[pk] for pk in ids]
    if not all(one.is_published for one in entries):
        raise Invalid(_("Une de ces fiches n’est plus publiée."))
    wanted = keep or _better(entries)
    stays = {pair.left_id: pair.left.merged_into_id, pair.right_id: pair.right.merged_into_id}.get(wanted) or wanted
    if stays not in rows:
        raise Invalid(_("Choisissez la fiche à garder."))
    return rows[stays], next(one for one in entries if one.pk != stays)


def _better(entries: list[Entry]) -> int:
    """The entry of the source trusted more, else the better filled, else the older."""
    return min(entries, key=lambda one: (side_of(one).trust, -filling_of(one), one.pk)).pk


def _write(entry: Entry, snapshot: Mapping[str, object], origin: Origin) -> Revision | None:
    """Writes a snapshot over an entry; None where it changes nothing."""
    values = {name: snapshot[name] for name in ENTRY_FIELDS if name not in ("name", "kind", "summary")}
    places = tuple(PlaceData(**place) for place in snapshot["places"])  # type: ignore[attr-defined]
    data = EntryData(
        entry.external_id, str(snapshot["name"]), str(snapshot["kind"]), str(snapshot["summary"]), values, places
    )
    if write_entry(entry, data, origin) is None:
        return None
    refresh_entry(entry.pk)
    return Revision.objects.get(entry=entry, number=entry.version)


def _locked(viewer: Viewer, pair_id: int) -> CandidatePair:
    """The pair, held; Missing where the viewer may not decide on both entries."""
    if not may_see_desk(viewer):
        raise Refused(_("Cette page est réservée aux modérateurs."))
    found = (
        CandidatePair.objects.select_for_update(of=("self",)).select_related("left", "right").filter(pk=pair_id).first()
    )
    if found is None or not all(may_decide(viewer, one.territories) for one in (found.left, found.right)):
        raise Missing(_("Cette paire n’existe pas, ou elle n’est pas de votre territoire."))
    return found


def _settle(pair: CandidatePair, state: str, by: Person | None) -> None:
    pair.state, pair.decided_by, pair.decided_at = state, by, timezone.now()
    pair.save(update_fields=["state", "decided_by", "decided_at"])


@transaction.atomic
def tell_apart(viewer: Viewer, pair_id: int) -> CandidatePair:
    """Says that two entries are two places: remembered, never proposed again."""
    pair = _locked(viewer, pair_id)
    if pair.state == PairState.SAME:
        raise Invalid(_("Ces fiches sont fusionnées : annulez d’abord la fusion."))
    by = viewer if isinstance(viewer, Person) else None
    _settle(pair, PairState.DIFFERENT, by)
    record(action="atlas.entries_told_apart", subject=f"atlas:pair:{pair.pk}", actor=by, channel=Channel.WEB,
           details={"left": pair.left_id, "right": pair.right_id, "score": pair.score})  # fmt: skip
    return pair


@transaction.atomic
def propose_again(viewer: Viewer, pair_id: int) -> CandidatePair:
    """Takes back "two places": the pair waits again."""
    pair = _locked(viewer, pair_id)
    if pair.state != PairState.DIFFERENT:
        raise Invalid(_("Cette paire attend déjà une décision, ou elle est fusionnée."))
    _settle(pair, PairState.PROPOSED, viewer if isinstance(viewer, Person) else None)
    record(action="atlas.pair_proposed_again", subject=f"atlas:pair:{pair.pk}", channel=Channel.WEB,
           actor=viewer if isinstance(viewer, Person) else None)  # fmt: skip
    return pair


@dataclass(frozen=True)
class Undone:
    """A merging taken back; `left_alone` are fields of the kept entry that somebody changed since."""

    record: MergeRecord
    left_alone: tuple[str, ...]


@transaction.atomic
def undo_merge(viewer: Viewer, merge_id: int) -> Undone:
    """Makes two entries of one again, each with its fields; what was changed since the merging is not touched."""
    rows = MergeRecord.objects.select_for_update(of=("self",)).select_related("kept", "absorbed", "pair")
    done = rows.filter(pk=merge_id).first()
    if not may_see_desk(viewer):
        raise Refused(_("Cette page est réservée aux modérateurs."))
    if done is None or not all(may_decide(viewer, one.territories) for one in (done.kept, done.absorbed)):
        raise Missing(_("Cette fusion n’existe pas, ou elle n’est pas de votre territoire."))
    if done.undone_at or done.absorbed_revision is None:
        raise Invalid(_("Cette fusion est déjà annulée."))
    if done.absorbed.merged_into_id != done.kept_id:
        raise Invalid(_("La fiche gardée a été fusionnée à son tour : annulez d’abord cette fusion-là."))
    by = viewer if isinstance(viewer, Person) else None
    origin = Origin(
        channel=Channel.WEB, who=role_shown(by) if by else "", reason=_("Fusion annulée : ce sont deux lieux")
    )
    left_alone = _give_back(done, origin)
    revert(done.absorbed_revision, origin)
    Entry.objects.filter(pk__in=done.moved, merged_into=done.kept).update(merged_into=done.absorbed)
    done.undone_at, done.undone_by = timezone.now(), by
    done.save(update_fields=["undone_at", "undone_by"])
    if done.pair:
        _settle(done.pair, PairState.PROPOSED, by)
    record(action="atlas.merge_undone", subject=f"atlas:entry:{done.kept_id}", actor=by, channel=Channel.WEB,
           details={"absorbed": done.absorbed_id, "merge": done.pk, "left_alone": len(left_alone)})  # fmt: skip
    return Undone(done, left_alone)


def _give_back(done: MergeRecord, origin: Origin) -> tuple[str, ...]:
    """Takes off the kept entry what the merging had put there, field by field; returns what somebody changed since."""
    if done.kept_revision is None:
        return ()
    entry = Entry.objects.select_for_update().get(pk=done.kept_id)
    if not entry.is_published:  # writing would show it again
        return tuple(change["field"] for change in done.kept_revision.changes)
    now = snapshot_of(entry)
    result, left_alone = dict(now), list[str]()
    for change in done.kept_revision.changes:
        name, before, after = change["field"], change["before"], change["after"]
        if name == "places" and now["places"] != after:
            result["places"], touched = _places_before(now["places"], before or [], after or [])
            left_alone += touched
        elif now.get(name) == after:
            result[name] = before
        else:
            left_alone.append(name)
    _write(entry, result, origin)
    return tuple(left_alone)


def _places_before(
    now: list[dict[str, object]], before: list[dict[str, object]], after: list[dict[str, object]]
) -> tuple[list[dict[str, object]], list[str]]:
    """Places as before the merging, but for the details changed since; all stay where places came or went since."""
    if len(now) != len(after):
        return now, ["places"]
    result, touched = list[dict[str, object]](), list[str]()
    for position, place in enumerate(now):
        old = before[position] if position < len(before) else None
        changed = [name for name in place if place[name] != after[position].get(name)]
        touched += changed
        if old is not None:
            result.append({**old, **{name: place[name] for name in changed}})
        elif changed:
            result.append(place)  # came by the merging, and somebody corrected it since
    return result, touched


def decide_many(viewer: Viewer, pair_ids: Iterable[int], action: str) -> ManyResult:
    """The same decision on several pairs, each in its own transaction; what cannot be done is told."""
    if action not in ("merge", "apart"):
        raise Invalid(_("Choisissez une décision."))
    done, not_done = 0, list[tuple[int, str]]()
    for pair_id in pair_ids:
        try:
            if action == "merge":
                merge_pair(viewer, pair_id)
            else:
                tell_apart(viewer, pair_id)
            done += 1
        except (Invalid, Missing) as fault:
            not_done.append((pair_id, str(fault)))
    return ManyResult(done, tuple(not_done))


def merge_all_above(viewer: Viewer, filters: DuplicateFilters) -> ManyResult | None:
    """Merges every waiting pair of a question; None where they are so many that the worker does it."""
    from maillage.rooms.atlas.duplicates_tasks import merge_later  # tasks call this module

    ids = proposed_ids(viewer, filters)
    if len(ids) <= MOST_AT_ONCE or not isinstance(viewer, Person):
        return decide_many(viewer, ids, "merge")
    merge_later.defer(person_id=viewer.pk, pair_ids=ids)
    return None


def merge_by_setting() -> int:
    """Merges without a person the pairs from the score of the setting AUTO_MERGE_SCORE on; 0, the default, merges none."""
    threshold = int(getattr(settings, "AUTO_MERGE_SCORE", 0))
    if not threshold:
        return 0
    done = 0
    rows = CandidatePair.objects.filter(state=PairState.PROPOSED, score__gte=threshold).order_by("-score", "pk")
    for pair_id in list(rows.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                pair = (
                    CandidatePair.objects.select_for_update(of=("self",))
                    .select_related("left", "right")
                    .get(pk=pair_id)
                )
                _merge(pair, None, None, {})
            done += 1
        except Invalid as fault:
            LOG.info("pair %s not merged: %s", pair_id, fault)
    return done
