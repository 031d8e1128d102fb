"""What the atlas lets others count: its published entries, and who took part in it. Named in the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.urls import reverse

from maillage.core.engine.sight import seeing_everything
from maillage.core.moderation.states import State
from maillage.core.observed import ObservedThing, Participation
from maillage.rooms.atlas.models import Entry, Place, Suggestion, SuggestionVote

# Dimension → column of an entry: lists, then single values.
LISTS = {
    "theme": "themes",
    "actor_kind": "actor_kinds",
    "digital_means": "digital_means",
    "innovation_kind": "innovation_kinds",
    "public": "publics",
    "city_figure": "city_figures",
    "in_qpv": "in_qpv",
}
SINGLES = {"service_nature": "service_nature", "scale": "scale", "mediation": "mediation", "status": "status"}
_COLUMNS = (
    *(
        "pk",
        "name",
        "slug",
        "source__code",
        "territories",
        "study_pages",
        "external_id",
        "related",
        "dates",
        "ended_on",
    ),
    *LISTS.values(),
    *SINGLES.values(),
)


def observed_entries() -> Iterator[ObservedThing]:
    """Published entries in the order of their identifiers, with their first located point."""
    points = _first_points()
    towns = _towns()
    numbers = dict(Entry.objects.published().order_by().values_list("external_id", "pk"))
    # The address of a sheet, made once: a hundred thousand calls of reverse() take seconds.
    start, end = reverse("atlas:sheet", kwargs={"entry_id": 0, "slug": "-"}).split("0--")
    rows = Entry.objects.published().order_by("pk").values(*_COLUMNS)
    for row in rows.iterator(chunk_size=2000):
        lon, lat = points.get(row["pk"], (None, None))
        yield ObservedThing(
            room="atlas",
            id=row["pk"],
            name=row["name"],
            url=f"{start}{row['pk']}-{row['slug']}{end}",
            source=row["source__code"],
            facets=_facets(row),
            territories=tuple(row["territories"]),
            lon=lon,
            lat=lat,
            pages=tuple(row["study_pages"]),
            related=tuple(f"atlas:{numbers[one]}" for one in row["related"] if one in numbers),
            towns=towns.get(row["pk"], ()),
            years=_years(row),
        )


def _facets(row: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {name: tuple(row[column]) for name, column in LISTS.items() if row[column]}
    return lists | {name: (str(row[column]),) for name, column in SINGLES.items() if row[column]}


def _years(row: dict[str, Any]) -> tuple[tuple[int, str], ...]:
    """Years of the dates that the entry states, with what happened; a plan is none."""
    told = [(str(one.get("when", "")), str(one.get("kind", ""))) for one in row["dates"]]
    told.append((row["ended_on"], "ended"))
    return tuple(sorted({(int(when[:4]), kind) for when, kind in told if when[:4].isdigit() and kind != "planned"}))


def _towns() -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, dict[str, str]] = {}
    rows = Place.objects.exclude(commune_code="").order_by("entry_id", "position", "pk")
    for entry, code, name in rows.values_list("entry_id", "commune_code", "commune").iterator(chunk_size=5000):
        found.setdefault(entry, {}).setdefault(f"commune:{code}", name)
    return {entry: tuple(places.items()) for entry, places in found.items()}


def _first_points() -> dict[int, tuple[float, float]]:
    rows = Place.objects.exclude(lon=None).order_by("entry_id", "-position", "-pk")
    found = rows.values_list("entry_id", "lon", "lat")
    return {entry: (lon, lat) for entry, lon, lat in found if lon is not None and lat is not None}


def participations() -> Iterator[Participation]:
    """Suggestions and voices, one row each: what, by which channel, in which month and town; nothing of who.

    What a flood left aside is not counted. Nobody is asked who they are here, so there are no attributes.
    """
    sent = Suggestion.objects.exclude(state=State.HELD).annotate(month=TruncMonth("created_at"))
    given = SuggestionVote.objects.annotate(month=TruncMonth("at"))
    for kind, rows, territories in (("suggestion", sent, "territories"), ("voice", given, "suggestion__territories")):
        groups = rows.values_list("channel", "month", territories).annotate(count=Count("pk"))
        groups = groups.order_by("channel", "month", territories)
        with seeing_everything("contributions are counted by channel, month and town, nothing of who"):
            found = list(groups)
        for channel, month, places, count in found:
            for _one in range(count):
                yield Participation("atlas", kind, channel, f"{month:%Y-%m}", _town(places), {})


def _town(territories: Iterable[str]) -> str:
    """The arrondissement, else the commune, never finer; "" when it is not known or there are several."""
    for kind in ("arrondissement:", "commune:"):
        towns = {one for one in territories if one.startswith(kind)}
        if towns:
            return towns.pop() if len(towns) == 1 else ""
    return ""
