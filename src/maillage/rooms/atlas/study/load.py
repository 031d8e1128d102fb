"""Puts the study's files into the tables: idempotent, one transaction, a revision only where something changed."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from maillage.core.intake.models import Run, Source
from maillage.rooms.atlas.actions_index import refresh_entries
from maillage.rooms.atlas.actions_save import EntryData, PlaceData, hide_absent_entries, save_imported_entry
from maillage.rooms.atlas.study import schema

SOURCE_CODE = "etude-2018"
SOURCE_NAME = "Repenser la ville intelligente dans les quartiers prioritaires (Métropole de Lyon, 2018)"


def load_study() -> str:
    """Loads every initiative of the study's files; returns a line that tells what was done."""
    initiatives = schema.all_initiatives()
    with transaction.atomic():
        source, _created = Source.objects.update_or_create(
            code=SOURCE_CODE,
            defaults={
                "name": SOURCE_NAME,
                "published_on": "2018",
                "licence": "Faits cités de l’étude, textes de Maillage",
            },
        )
        run = Run.objects.create(source=source, rows_in=len(initiatives))
        changed = [
            entry.pk for one in initiatives if (entry := save_imported_entry(source, entry_data(one), SOURCE_NAME))
        ]
        gone = hide_absent_entries(source, {one.id for one in initiatives})
        run.kept, run.unchanged = len(changed), len(initiatives) - len(changed)
        run.save()
        refresh_entries(changed)
    return f"étude de 2018 : {len(initiatives)} initiatives lues, {len(changed)} nouvelles ou changées, {gone} retirées"


def _rows(items: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [item.model_dump(exclude_none=True) for item in items]


def entry_data(one: schema.Initiative) -> EntryData:
    """The fields of an entry for one initiative of the files."""
    operators = [actor.name for actor in one.actors if actor.role == "operator"]
    return EntryData(
        external_id=one.id,
        name=one.name,
        kind=one.kind,
        summary=one.summary,
        fields={
            "other_names": list(one.other_names),
            "name_in_study": one.name_in_study[:300],
            "description": one.description,
            "themes": list(one.themes),
            "scale": one.scale,
            "actor_kinds": list(dict.fromkeys(actor.kind for actor in one.actors)),
            "publics": list(one.publics),
            "digital_means": list(one.digital_means),
            "innovation_kinds": list(one.innovation_kinds),
            "city_figures": list(one.city_figures),
            "service_nature": one.service_nature or "",
            "mediation": one.mediation or "",
            "status": one.status.value,
            "status_as_of": one.status.as_of,
            "status_reason": one.status.reason or "",
            "ended_on": one.status.ended_on or "",
            "operator": ", ".join(operators)[:300],
            "actors": _rows(one.actors),
            "area_text": (one.area_text or "")[:200],
            "dates": _rows(one.dates),
            "figures": _rows(one.figures),
            "funding": _rows(one.funding),
            "links": _rows(one.links),
            "corrections": _rows(one.corrections),
            "related": list(one.related),
            "part_of": one.part_of or "",
            "study_pages": list(one.pages),
        },
        places=tuple(_place(place) for place in one.places),
    )


def _place(place: schema.Place) -> PlaceData:
    contact = place.contact
    sources = [text for text in (place.added_from, contact.source if contact else None) if text]
    return PlaceData(
        label=place.label,
        address=place.address or "",
        quarter=place.quarter or "",
        commune=place.commune or "",
        commune_code=place.commune_code or "",
        departement=place.departement or "",
        lon=place.lon,
        lat=place.lat,
        precision=place.precision or "",
        obtained=place.obtained or "",
        in_qpv_as_stated=place.in_qpv_as_stated or "",
        phone=(contact.phone or "") if contact else "",
        email=(contact.email or "") if contact else "",
        opening_hours=place.opening_hours_osm or "",
        opening_hours_text=place.opening_hours_text or "",
        source_text="; ".join(dict.fromkeys(sources))[:300],
        source_on=contact.as_of if contact else "",
    )
