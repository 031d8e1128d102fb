"""The dictionary of indicators: the list, one page each, and the files."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.errors import Invalid
from maillage.core.exports.spreadsheet import TooManyRows
from maillage.core.places.sheets import plural_of
from maillage.core.web.pages import Crumb, Page
from maillage.core.web.wording import number
from maillage.rooms.observatory import indicators_export
from maillage.rooms.observatory.models_indicators import Indicator
from maillage.rooms.observatory.permissions import may_load_indicators
from maillage.rooms.observatory.profile import (
    method_label,
    topic_label,
    uncertainty_text,
    value_text,
    vintage_text,
)
from maillage.rooms.observatory.queries_dictionary import (
    PAGE_SIZE,
    Slice,
    dictionary,
    indicator_named,
    slices,
    topics,
    values_of,
)
from maillage.rooms.observatory.views_profiles import observatory_crumb


def dictionary_crumb() -> Crumb:
    """The way back to the dictionary."""
    return Crumb(_("Indicateurs"), reverse("observatory:indicators"))


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator, by topic; ?q= looks into names and definitions, ?theme= keeps one topic."""
    typed, topic = request.GET.get("q", "").strip()[:200], request.GET.get("theme", "")[:40]
    known = topics()
    topic = topic if topic in known else ""
    lines = dictionary(typed, topic)
    groups: dict[str, list[object]] = {}
    for one in lines:
        groups.setdefault(topic_label(one.row.topic), []).append(one)
    here = reverse("observatory:indicators")
    context = {
        "page": Page(
            title=_("Indicateurs"),
            description=_(
                "Le dictionnaire des chiffres : ce que chacun veut dire, d’où il vient, pour quels territoires."
            ),
            crumbs=(observatory_crumb(),),
            kind="list",
            indexed=not typed,
        ),
        "typed": typed,
        "topic": topic,
        "tabs": [(_("Tous"), sum(known.values()), here, not topic)]
        + [
            (topic_label(one), count, f"{here}?{urlencode({'theme': one})}", one == topic)
            for one, count in known.items()
        ],
        "groups": sorted(groups.items()),
        "count": len(lines),
        "exports": _exports("observatory:indicators_export"),
        "may_load": may_load_indicators(request.user),
    }
    return render(request, "observatory/indicators.html", context)


def _exports(url_name: str, **kwargs: str) -> list[tuple[str, str]]:
    return [
        (label, reverse(url_name, kwargs={**kwargs, "file_format": code}))
        for code, label in indicators_export.FORMATS.items()
    ]


@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: what it is, and its values by territory; ?tranche= chooses kind, list, year and method."""
    row = indicator_named(code)
    found = slices(row)
    chosen = next((one for one in found if one.key == request.GET.get("tranche")), found[0] if found else None)
    number_text = request.GET.get("page", "1")
    place = max(1, int(number_text)) if number_text.isdecimal() and len(number_text) < 6 else 1
    lines = values_of(row, chosen, (place - 1) * PAGE_SIZE) if chosen else []
    context = {
        "page": Page(
            title=row.label, description=row.definition, crumbs=(observatory_crumb(), dictionary_crumb()), kind="wide"
        ),
        "row": row,
        "topic": topic_label(row.topic),
        "slices": [
            (_slice_text(one), f"?{urlencode({'tranche': one.key})}", one == chosen, one.count) for one in found
        ],
        "chosen": _slice_text(chosen) if chosen else "",
        "lines": [(one, _text(row, one.value), uncertainty_text(one.low, one.high, row.decimals)) for one in lines],
        "notes": sorted({one.note for one in lines if one.note}),
        "summary": _summary(chosen, place, len(lines)),
        "previous_url": _page_url(chosen, place - 1) if chosen and place > 1 else "",
        "next_url": _page_url(chosen, place + 1) if chosen and place * PAGE_SIZE < chosen.count else "",
        "exports": _exports("observatory:indicator_export", code=code),
    }
    return render(request, "observatory/indicator.html", context)


def _text(row: Indicator, value: float) -> str:
    return value_text(value, row.unit, row.decimals)


def _slice_text(one: Slice) -> str:
    parts = [plural_of(one.kind), _("liste de {year}").format(year=one.generation) if one.generation else ""]
    parts += [vintage_text(one.vintage), method_label(one.method).lower()]
    return ", ".join(part for part in parts if part)


def _page_url(chosen: Slice, place: int) -> str:
    return f"?{urlencode({'tranche': chosen.key, 'page': place})}"


def _summary(chosen: Slice | None, place: int, shown: int) -> str:
    if chosen is None or not shown:
        return ""
    first = (place - 1) * PAGE_SIZE
    return _("{first} à {last} sur {total}").format(
        first=number(first + 1), last=number(first + shown), total=number(chosen.count)
    )


@require_safe
def indicator_export(request: HttpRequest, code: str, file_format: str) -> HttpResponseBase:
    """Every value of one indicator as a file."""
    return _answer(request, file_format, indicator_named(code))


@require_safe
def indicators_export_all(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """Every value of every indicator as a file."""
    return _answer(request, file_format, None)


def _answer(request: HttpRequest, file_format: str, row: Indicator | None) -> HttpResponseBase:
    page = reverse("observatory:indicator", args=[row.code]) if row else reverse("observatory:indicators")
    try:
        return indicators_export.answer(file_format, request.build_absolute_uri(page), row)
    except TooManyRows as fault:
        raise Invalid(_("Il y a plus de lignes qu’un classeur ne peut en tenir. Prenez le format CSV.")) from fault
