"""The frame around every page, derived from the manifests: one template variable, `frame`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from maillage.core.rooms import resolve, rooms
from maillage.core.web import accessibility
from maillage.core.web.display import Display, display_of


@dataclass(frozen=True)
class MenuLink:
    """A link of the header; `is_here` on the pages below it."""

    label: str
    url: str
    icon: str
    is_here: bool


@dataclass(frozen=True)
class LanguageLink:
    """The same page in another language."""

    code: str
    name: str
    url: str
    absolute_url: str
    is_current: bool
    direction: str


@dataclass(frozen=True)
class Frame:
    """Everything base.html needs that no view gives."""

    navigation: Sequence[MenuLink]
    workplaces: Sequence[MenuLink]
    person: str
    seen_by: str
    languages: Sequence[LanguageLink]
    language: str
    direction: str
    display: Display
    accessibility: str
    canonical: str
    here: str
    site_address: str
    operator_name: str
    operator_phone: str
    search_url: str
    is_demo: bool


def url_or_empty(name: str) -> str:
    """The address of a named page, or an empty string where the room that owns it is absent."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _navigation(path: str) -> list[MenuLink]:
    links = []
    for manifest in rooms():
        for entry in manifest.navigation:
            url = url_or_empty(entry.url_name)
            if url:
                links.append(MenuLink(_(entry.label), url, entry.icon, path.startswith(url)))
    return links


def _workplaces(request: HttpRequest) -> list[MenuLink]:
    """Pages of work open to this person, in the order of the manifests."""
    if not request.user.is_authenticated:
        return []
    return [
        MenuLink(_(one.label), url, one.icon, request.path.startswith(url))
        for manifest in rooms()
        for one in manifest.workplaces
        if (url := url_or_empty(one.url_name)) and resolve(one.may)(request.user)
    ]


def _languages(request: HttpRequest, address: str) -> list[LanguageLink]:
    links = []
    for code, _name in settings.LANGUAGES:
        url = translate_url(request.get_full_path(), code)
        info = get_language_info(code)
        direction = "rtl" if info["bidi"] else "ltr"
        name = str(info["name_local"]).capitalize()
        links.append(LanguageLink(code, name, url, address + url, code == get_language(), direction))
    return links


def _search_url() -> str:
    """Where the search field leads: the first door's page of the installed rooms."""
    for manifest in rooms():
        for door in manifest.doors:
            if url := url_or_empty(door.url_name):
                return url
    return ""


def build_frame(request: HttpRequest) -> Frame:
    """The frame of this request."""
    language = get_language() or settings.LANGUAGE_CODE
    address = settings.SITE_ADDRESS
    return Frame(
        navigation=_navigation(request.path),
        workplaces=_workplaces(request),
        person=str(request.user) if request.user.is_authenticated else "",
        seen_by=str(getattr(request.user, "seen_by", None) or ""),
        languages=_languages(request, address),
        language=language,
        direction="rtl" if get_language_info(language)["bidi"] else "ltr",
        display=display_of(request),
        accessibility=accessibility.status_sentence(),
        canonical=address + request.path,
        here=request.get_full_path(),
        site_address=address,
        operator_name=settings.OPERATOR_NAME,
        operator_phone=settings.OPERATOR_PHONE,
        search_url=_search_url(),
        is_demo=settings.DEMO,
    )


def page(request: HttpRequest) -> dict[str, object]:
    """Context processor: `frame`, computed only where a template uses it."""
    return {"frame": SimpleLazyObject(lambda: build_frame(request))}
