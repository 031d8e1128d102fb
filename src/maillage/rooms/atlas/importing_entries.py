"""A cleaned row of a directory turned into an entry of the atlas. What our fields do not hold goes to the description."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from maillage.core.intake.listing import Listing
from maillage.core.intake.tables.clean_text import one_line
from maillage.rooms.atlas.actions_save import EntryData, PlaceData
from maillage.rooms.atlas.importing_words import codes_of, not_understood

LONGEST_SUMMARY = 240
STATED = "Coordonnées données par la source"  # as kept in the data, in French like the sources' own words


@dataclass(frozen=True)
class Defaults:
    """What the rows of a source have in common."""

    kind: str = "place"
    published_on: str = ""


def entry_data(one: Listing, external_id: str, defaults: Defaults) -> EntryData:
    """The entry that a row makes; its place is completed later from the communes."""
    words = [*one.themes, *one.services]
    said_on = one.date or defaults.published_on
    fields: dict[str, Any] = {
        "description": _description(one),
        "themes": codes_of("theme", words),
        "publics": codes_of("public", one.publics),
        "digital_means": codes_of("digital_means", one.services),
        "operator": one.operator[:300],
        # A directory of some day lists what was open that day; without a date nothing is claimed.
        "status": "active" if said_on else "unknown",
        "status_as_of": said_on[:10],
    }
    return EntryData(
        external_id=external_id,
        name=one.name,
        kind=defaults.kind,
        summary=_summary(one),
        fields=fields,
        places=_places(one, said_on),
    )


def _summary(one: Listing) -> str:
    """One line: the source's own, or the beginning of its description, or what it offers."""
    text = one.summary or _first_sentence(one.description)
    if not text and one.services:
        text = ", ".join(one.services[:4])
    return shortened(text, LONGEST_SUMMARY)


def _first_sentence(text: str) -> str:
    found = re.match(r".{20,}?[.!?](?=\s|$)", one_line(text))
    return found[0] if found else one_line(text)


def shortened(text: str, limit: int) -> str:
    """A text cut at a word, with the sign that says so."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - 1].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"


def _description(one: Listing) -> str:
    parts = [one.description]
    if len(one.summary) > LONGEST_SUMMARY:
        parts.insert(0, one.summary)
    lines = [
        _line("Services", one.services),
        _line("Thèmes selon la source", not_understood("theme", one.themes)),
        _line("Publics selon la source", not_understood("public", one.publics)),
        *(f"{_heading(name)} : {text}" for name, text in one.extras),
    ]
    parts.append("\n".join(line for line in lines if line))
    return "\n\n".join(part for part in parts if part)


def _heading(name: str) -> str:
    """A column's heading as people write: "fields.labels_nationaux" → "Labels nationaux"."""
    text = re.sub(r"\s*\*\s*$", "", re.sub(r"^(?:\w+\.)+(?=\w)", "", name).replace("_", " ")).strip(" :")
    return text[:1].upper() + text[1:]


def _line(label: str, items: Iterable[str]) -> str:
    text = " ; ".join(items)
    return f"{label} : {text}" if text else ""


def _places(one: Listing, said_on: str) -> tuple[PlaceData, ...]:
    """The place, when the row says anything of where it is or how to reach it."""
    if not (
        one.has_place or one.lon is not None or one.phone or one.email or one.website or one.hours or one.hours_text
    ):
        return ()
    has_point = one.lon is not None
    return (
        PlaceData(
            label=one.name[:200],
            address=one.address[:300],
            postcode=one.postcode,
            commune=one.city[:120],
            commune_code=one.commune_code,
            departement=one.department[:80],
            lon=one.lon,
            lat=one.lat,
            precision=_precision(one) if has_point else "",
            obtained=STATED if has_point else "",
            phone=one.phone[:30],
            email=one.email[:254],
            website=one.website[:400],
            opening_hours=one.hours,
            opening_hours_text=one.hours_text,
            source_text=one.source_name[:300],
            source_on=said_on[:10],
        ),
    )


def _precision(one: Listing) -> str:
    """How precise a point is, by its decimals: the fourth is about ten metres."""
    if one.decimals >= 4:
        return "address" if one.address or one.decimals >= 5 else "street"
    return {3: "street", 2: "neighbourhood"}.get(one.decimals, "commune")
