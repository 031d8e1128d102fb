"""Carrying out an accepted suggestion on the atlas, and undoing it. The caller holds the suggestion's row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid, Missing
from maillage.core.intake.models import Source
from maillage.core.places.queries import departement_of, territory
from maillage.rooms.atlas.actions_index import refresh_entry
from maillage.rooms.atlas.actions_save import (
    ENTRY_FIELDS,
    EntryData,
    Origin,
    PlaceData,
    changes_between,
    snapshot_of,
    write_entry,
)
from maillage.rooms.atlas.models import Entry, Revision, Suggestion, SuggestionKind
from maillage.rooms.atlas.proposal import Proposal

CONTRIBUTIONS = "contributions"
CONTRIBUTIONS_LICENCE = "Licence Ouverte 2.0"
BY_HAND = "Indiqué par une personne"  # as kept in the data, in French like the sources' own words
CENTRE = "Centre de la commune"


def locked_entry(entry_id: int) -> Entry:
    """The entry, held until the end of the transaction."""
    entry = Entry.objects.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise Missing(_("Cette fiche n’existe plus."))
    return entry


def apply_suggestion(suggestion: Suggestion, proposal: Proposal, origin: Origin) -> Revision | None:
    """Does what was suggested; returns the new revision, or None where nothing had to change.

    Raises Invalid where it cannot be done, in words for the moderator.
    """
    if suggestion.kind == SuggestionKind.NEW:
        return _create(suggestion, proposal, origin)
    entry = locked_entry(suggestion.entry_id or 0)
    if entry.merged_into_id:
        raise Invalid(_("Cette fiche a été fusionnée avec une autre entre-temps."))
    if suggestion.kind == SuggestionKind.DUPLICATE:
        return merge(entry, proposal.duplicate_of or 0, origin)
    if suggestion.kind == SuggestionKind.ABUSIVE and proposal.is_empty:
        return revise(entry, {"is_published": False, "hidden_reason": origin.reason or _("Contenu signalé")}, origin)
    if not entry.is_published:
        raise Invalid(_("Cette fiche n’est plus publiée : elle ne peut pas être corrigée."))
    if suggestion.kind == SuggestionKind.STILL_TRUE:
        return revise(entry, {"confirmed_on": timezone.localdate()}, origin)
    return change(entry, _completed(suggestion, proposal), origin)


def _completed(suggestion: Suggestion, proposal: Proposal) -> Proposal:
    """A closure carries its date and a reason, as every closed entry does."""
    if suggestion.kind != SuggestionKind.CLOSED:
        return proposal
    closed = {"status": "closed", "status_as_of": timezone.localdate().isoformat(),
              "status_reason": _("Signalé fermé, raison non précisée")}  # fmt: skip
    given = {name: value for name, value in proposal.entry.items() if value}
    return Proposal(entry={**closed, **given}, place=proposal.place, place_position=proposal.place_position)


def contributions_source() -> Source:
    """The source of what people add, made when first needed."""
    source, _new = Source.objects.get_or_create(
        code=CONTRIBUTIONS, defaults={"name": "Contributions du public", "licence": CONTRIBUTIONS_LICENCE}
    )
    return source


def _create(suggestion: Suggestion, proposal: Proposal, origin: Origin) -> Revision:
    values = dict(proposal.entry)
    name = str(values.pop("name", "")).strip()
    if not name:
        raise Invalid(_("Il manque le nom."), {"name": [_("Écrivez le nom.")]})
    place = _placed(PlaceData(label=name), {**proposal.place, "label": proposal.place.get("label") or name})
    data = EntryData(
        external_id=f"suggestion-{suggestion.pk}",
        name=name,
        kind=str(values.pop("kind", "") or "place"),
        summary=str(values.pop("summary", "")),
        fields=_only_fields(values),
        places=(place,),
    )
    source = contributions_source()
    # Accepted again after an undoing that hid it: the same entry becomes visible again.
    known = Entry.objects.select_for_update().filter(source=source, external_id=data.external_id).first()
    entry = known or Entry(source=source, external_id=data.external_id)
    entry.hidden_reason = ""
    write_entry(entry, data, origin)
    suggestion.entry = entry
    refresh_entry(entry.pk)
    return _last_revision(entry)


def _only_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in ENTRY_FIELDS}


def change(entry: Entry, proposal: Proposal, origin: Origin) -> Revision | None:
    """Writes proposed values over an entry and the place concerned; None when they are already there."""
    before = snapshot_of(entry)
    values = {name: before[name] for name in ENTRY_FIELDS} | _only_fields(proposal.entry)
    places = [PlaceData(**place) for place in before["places"]]
    if proposal.place:
        position = proposal.place_position
        if position is None or not 0 <= position < len(places):
            position = len(places)
            places.append(PlaceData(label=str(values["name"])))
        places[position] = _placed(places[position], proposal.place)
    data = EntryData(
        external_id=entry.external_id,
        name=str(values.pop("name")),
        kind=str(values.pop("kind")),
        summary=str(values.pop("summary")),
        fields=values,
        places=tuple(places),
    )
    if write_entry(entry, data, origin) is None:
        return None
    refresh_entry(entry.pk)
    return _last_revision(entry)


def _placed(place: PlaceData, values: Mapping[str, Any]) -> PlaceData:
    """The place with proposed values; what those make untrue is emptied, what they imply is filled."""
    known = {name: value for name, value in values.items() if name in PlaceData.__dataclass_fields__}
    merged = {**place.__dict__, **known}
    if "opening_hours_text" in known and known["opening_hours_text"] != place.opening_hours_text:
        merged["opening_hours"] = known.get("opening_hours", "")
    if "commune_code" in known:
        merged["departement"] = _departement_name(merged["commune_code"]) or merged["departement"]
    if "lon" in known or "lat" in known:
        has_point = merged["lon"] is not None and merged["lat"] is not None
        merged |= {"precision": "address", "obtained": BY_HAND} if has_point else {"precision": "", "obtained": ""}
        merged |= {} if has_point else {"lon": None, "lat": None}
    elif merged["commune_code"] and merged["lon"] is None:
        merged |= _centre_of(merged["commune_code"])
    return PlaceData(**merged)


def _departement_name(commune_code: str) -> str:
    if not commune_code:
        return ""
    try:
        return territory(kind="departement", code=departement_of(commune_code)).name
    except Missing:
        return ""


def _centre_of(commune_code: str) -> dict[str, Any]:
    """The middle of the commune, where the gazetteer knows it: better than no point, and marked so."""
    for kind in ("arrondissement", "commune"):
        try:
            found = territory(kind=kind, code=commune_code)
        except Missing:
            continue
        if found.lon is not None and found.lat is not None:
            return {"lon": found.lon, "lat": found.lat, "precision": "commune", "obtained": CENTRE}
    return {}


def revise(entry: Entry, values: Mapping[str, Any], origin: Origin) -> Revision:
    """Sets columns that no source writes (visibility, merging, confirmation), with a revision."""
    tracked = ("is_published", "merged_into", "confirmed_on")
    before = {**snapshot_of(entry), **_plain(entry, tracked)}
    for name, value in values.items():
        setattr(entry, name, value)
    entry.version += 1
    entry.save()
    after = {**snapshot_of(entry), **_plain(entry, tracked)}
    revision = Revision.objects.create(
        entry=entry, number=entry.version, snapshot=after, changes=changes_between(before, after), reason=origin.reason,
        source_text=origin.source_text, channel=origin.channel, who=origin.who, suggestion=origin.suggestion,
    )  # fmt: skip
    refresh_entry(entry.pk)
    return revision


def _plain(entry: Entry, names: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {"is_published": entry.is_published, "merged_into": entry.merged_into_id}
    values["confirmed_on"] = entry.confirmed_on.isoformat() if entry.confirmed_on else None
    return {name: values[name] for name in names}


def merge(entry: Entry, target_id: int, origin: Origin) -> Revision:
    """Hides a duplicate behind the entry that stays; what was merged into it follows, so that no address turns round."""
    target = locked_entry(target_id)
    if target.merged_into_id:
        target = locked_entry(target.merged_into_id)
    if target.pk == entry.pk:
        raise Invalid(_("Une fiche ne peut pas être le doublon d’elle-même."))
    if not target.is_published:
        raise Invalid(_("La fiche à garder n’est pas publiée."))
    Entry.objects.filter(merged_into=entry).update(merged_into=target)
    reason = _("Doublon de la fiche « %(name)s »") % {"name": target.name}
    return revise(entry, {"is_published": False, "merged_into": target, "hidden_reason": reason}, origin)


def revert(revision: Revision, origin: Origin) -> Revision | None:
    """Undoes one revision field by field; raises Invalid when one of its fields was changed again since."""
    entry = locked_entry(revision.entry_id)
    now = {**snapshot_of(entry), **_plain(entry, ("is_published", "merged_into", "confirmed_on"))}
    if revision.number == 1:
        return revise(entry, {"is_published": False, "hidden_reason": origin.reason or _("Décision annulée")}, origin)
    changes = {one["field"]: one for one in revision.changes}
    since = [name for name, one in changes.items() if now.get(name) != one["after"]]
    if since:
        raise Invalid(_("La fiche a encore changé depuis : corrigez-la plutôt que d’annuler."))
    written = [name for name in changes if name in ENTRY_FIELDS or name == "places"]
    if not written:
        return revise(entry, _visibility_before(changes), origin)
    return _restore(entry, {name: changes[name]["before"] for name in written}, origin)


def _visibility_before(changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Columns as they were before a hiding, a merging or a confirmation."""
    values: dict[str, Any] = {}
    if "is_published" in changes:
        values |= {"is_published": changes["is_published"]["before"], "hidden_reason": ""}
    if "merged_into" in changes:
        values["merged_into"] = None
    if "confirmed_on" in changes:
        day = changes["confirmed_on"]["before"]
        values["confirmed_on"] = date.fromisoformat(day) if day else None
    return values


def _restore(entry: Entry, values: Mapping[str, Any], origin: Origin) -> Revision | None:
    before = {**snapshot_of(entry), **values}
    fields = {name: before[name] for name in ENTRY_FIELDS if name not in ("name", "kind", "summary")}
    data = EntryData(entry.external_id, before["name"], before["kind"], before["summary"], fields,
                     tuple(PlaceData(**place) for place in before["places"]))  # fmt: skip
    if write_entry(entry, data, origin) is None:
        return None
    refresh_entry(entry.pk)
    return _last_revision(entry)


def _last_revision(entry: Entry) -> Revision:
    return Revision.objects.get(entry=entry, number=entry.version)
