"""What is computed from an entry: its territories, its relation to the QPV, its search document."""

from __future__ import annotations

from collections.abc import Iterable

from maillage.core.places.queries import lineage_of_commune, qpv_relation, territories_at
from maillage.core.search.index import Document, drop_documents, put_documents
from maillage.core.web import glossary
from maillage.rooms.atlas.models import Entry, InQpv, Place

# How far the true place may be from the point; a point known to the neighbourhood only stays undetermined.
UNCERTAINTY_M = {"address": 25.0, "street": 150.0}


def refresh_entry(entry_id: int) -> None:
    """Recomputes what follows from one entry."""
    refresh_entries([entry_id])


def refresh_entries(entry_ids: Iterable[int]) -> int:
    """Recomputes what follows from these entries; returns how many were read."""
    entries = list(Entry.objects.filter(pk__in=list(entry_ids)).prefetch_related("places").order_by("pk"))
    for entry in entries:
        _situate(entry)
    Entry.objects.bulk_update(entries, ["territories", "in_qpv"], batch_size=500)
    put_documents(_document(entry) for entry in entries if entry.is_published)
    drop_documents("atlas", "entry", [entry.pk for entry in entries if not entry.is_published])
    return len(entries)


def refresh_all_entries() -> int:
    """Recomputes every entry, as after new contours were loaded."""
    return refresh_entries(Entry.objects.order_by("pk").values_list("pk", flat=True))


def _situate(entry: Entry) -> None:
    places = list(entry.places.all())
    codes: list[str] = []
    for place in places:
        codes += _situate_place(place)
    Place.objects.bulk_update(places, ["in_qpv", "qpv_code"])
    entry.territories = sorted(set(codes))
    entry.in_qpv = sorted({place.in_qpv for place in places}) or [InQpv.UNDETERMINED]


def _situate_place(place: Place) -> list[str]:
    """Territory codes of a point; its relation to the QPV is told only where the point is precise enough to tell.

    The commune that the source states wins over a simplified contour.
    """
    place.in_qpv, place.qpv_code = InQpv.UNDETERMINED, ""
    codes = lineage_of_commune(place.commune_code) if place.commune_code else []
    if place.lon is None or place.lat is None:
        return codes
    if (uncertainty_m := UNCERTAINTY_M.get(place.precision)) is not None:
        relation = qpv_relation(
            lon=place.lon, lat=place.lat, uncertainty_m=uncertainty_m, commune_code=place.commune_code
        )
        place.in_qpv, place.qpv_code = relation.state, relation.code
    if not place.commune_code:
        found = territories_at(lon=place.lon, lat=place.lat, uncertainty_m=uncertainty_m or 0.0)
        codes += [f"{one.kind}:{one.code}" for one in found if one.is_certain and one.kind not in {"qpv", "qva"}]
    if place.in_qpv == InQpv.IN and place.qpv_code:
        codes.append(f"qpv:{place.qpv_code}")
    return codes


def _document(entry: Entry) -> Document:
    labels = [glossary.label("theme", theme, "fr") for theme in entry.themes]
    labels += [glossary.label("public", public, "fr") for public in entry.publics]
    labels += [glossary.label("digital_means", means, "fr") for means in entry.digital_means]
    places = [f"{place.label} {place.quarter} {place.commune} {place.address}" for place in entry.places.all()]
    actors = [str(actor.get("name", "")) for actor in entry.actors]
    return Document(
        room="atlas",
        kind="entry",
        object_id=entry.pk,
        title=entry.name,
        key_words=" ".join([*entry.other_names, entry.summary, entry.operator, entry.name_in_study, *places]),
        text=" ".join([entry.description, entry.area_text, *labels, *actors]),
    )
