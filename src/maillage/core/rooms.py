"""Rooms and their manifests: each room says in one value what it brings; the house derives the rest.

A manifest is data. It names functions by dotted string, resolved late (`resolve`) and verified by a system check, so that
a wrong name stops the start. This is the only module that imports by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.core.checks import CheckMessage, Error


@dataclass(frozen=True)
class NavigationLink:
    """An entry of the header; `label` is a French msgid, `icon` a name of the sprite."""

    label: str
    url_name: str
    icon: str


@dataclass(frozen=True)
class Workplace:
    """A page for those who work here, shown to a signed-in person when `may` (dotted, person -> bool) says so."""

    label: str
    url_name: str
    icon: str
    may: str


@dataclass(frozen=True)
class Door:
    """A big door of the front page."""

    label: str
    sentence: str
    url_name: str
    icon: str
    query: str = ""


@dataclass(frozen=True)
class MapLayer:
    """A layer of the map: `tiles_url_name` answers vector tiles for (z, x, y) and the list's query string."""

    code: str
    label: str
    tiles_url_name: str
    icon: str
    colour: str


@dataclass(frozen=True)
class Processing:
    """One processing of personal data, as the public register shows it. French msgids."""

    code: str
    purpose: str
    legal_ground: str
    data: Sequence[str]
    people: str
    recipients: str
    retention: str
    retention_days: int | None
    controller: str = "L’exploitant de cette installation"


@dataclass(frozen=True)
class PersonalData:
    """Functions (dotted) for one kind of rows about persons: export(person) -> list[dict], erase(person) -> int."""

    export: str
    erase: str


@dataclass(frozen=True)
class Retention:
    """A job that deletes or anonymises: `run` (dotted) takes `now` and returns how many rows it changed."""

    code: str
    run: str
    days: int


@dataclass(frozen=True)
class Seed:
    """Data shipped with the product: `load` (dotted) is idempotent and returns a line that tells what it did."""

    code: str
    label: str
    load: str


@dataclass(frozen=True)
class TerritoryLink:
    """A page of a room about one territory; `url_name` takes `kwargs` and `query`, where {kind} and {code} are filled.

    `kinds` restricts it to some kinds of territory; empty means all.
    """

    label: str
    url_name: str
    icon: str
    query: str = ""
    kwargs: Sequence[tuple[str, str]] = ()
    kinds: Sequence[str] = ()


@dataclass(frozen=True)
class QuickRoute:
    """Addresses answered before the middlewares: those that begin with `under`, after the room's prefix.

    `answer` is a dotted core.web.whole.QuickAnswer; the view of the address answers the same where it gives None.
    """

    under: str
    answer: str


@dataclass(frozen=True)
class Room:
    """The manifest of a room, or of a part of core that has pages (`is_core`)."""

    code: str
    label: str
    sentence: str
    is_core: bool = False
    urls: str | None = None
    url_prefix: str = ""
    api_router: str | None = None
    navigation: Sequence[NavigationLink] = ()
    workplaces: Sequence[Workplace] = ()
    doors: Sequence[Door] = ()
    map_layers: Sequence[MapLayer] = ()
    search_documents: str | None = None
    news: str | None = None
    figures: str | None = None
    site_map: str | None = None
    processings: Sequence[Processing] = ()
    personal_data: Sequence[PersonalData] = ()
    retentions: Sequence[Retention] = ()
    seeds: Sequence[Seed] = ()
    exports: str | None = None
    # Called, in the same transaction, after territories changed: recomputes what the room derives from them.
    territories_changed: str | None = None
    # Returns how many things the room shows in each territory: {"kind:code": n}; territories without any are absent.
    territory_counts: str | None = None
    territory_links: Sequence[TerritoryLink] = ()
    # Returns the room's read model (core.readmodel.live.Live), which the worker keeps from growing old.
    read_model: str | None = None
    # What others may count, without importing this room: see core/observed.py.
    observed: str | None = None
    participants: str | None = None
    quick: Sequence[QuickRoute] = ()
    # Offered after a contribution to any room: "?piece=<code of that room>" is added to the address.
    after_contribution: Sequence[NavigationLink] = ()
    extra_names: Sequence[str] = field(default_factory=tuple)


def resolve(dotted: str) -> Callable[..., Any]:
    """The function that a manifest names; raises ImportError or AttributeError when it lies."""
    module, _, name = dotted.rpartition(".")
    return cast("Callable[..., Any]", getattr(import_module(module), name))


@cache
def _manifest(module: str) -> Room:
    return cast("Room", import_module(f"{module}.room").ROOM)


def rooms() -> list[Room]:
    """Manifests in the order of settings, core's first."""
    return [_manifest(module) for module in (*settings.CORE_MANIFESTS, *settings.ROOMS)]


def room(code: str) -> Room | None:
    """The manifest with this code, or None where that room is not installed."""
    return next((one for one in rooms() if one.code == code), None)


def _dotted_names(manifest: Room) -> list[str]:
    singles = [manifest.search_documents, manifest.news, manifest.figures, manifest.site_map, manifest.exports]
    singles += [manifest.api_router, manifest.territories_changed, manifest.territory_counts]
    singles += [manifest.read_model, manifest.observed, manifest.participants]
    pairs = [name for one in manifest.personal_data for name in (one.export, one.erase)]
    jobs = [one.run for one in manifest.retentions] + [one.load for one in manifest.seeds]
    doorkeepers = [one.may for one in manifest.workplaces] + [one.answer for one in manifest.quick]
    return [name for name in (*singles, *pairs, *jobs, *doorkeepers, *manifest.extra_names) if name]


def check_manifests(**_kwargs: object) -> list[CheckMessage]:
    """System check: every dotted name of every manifest resolves."""
    faults: list[CheckMessage] = []
    for manifest in rooms():
        for name in _dotted_names(manifest):
            try:
                resolve(name)
            except (ImportError, AttributeError) as fault:
                faults.append(
                    Error(f"Manifest of {manifest.code}: {name} cannot be resolved ({fault})", id="rooms.E001")
                )
    return faults
