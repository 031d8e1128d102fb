"""The telephone list of a round: for a volunteer, with boxes to tick; as PDF/UA and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.exports.printing import Document, pdf_of, printable
from maillage.core.web.dates import long_date
from maillage.core.web.wording import telephone_text
from maillage.rooms.atlas.cards import language
from maillage.rooms.atlas.freshness import age_in_words
from maillage.rooms.atlas.freshness_letters import said_of
from maillage.rooms.atlas.freshness_models import Answer, FreshnessRequest, FreshnessRound

TEMPLATE = Path(__file__).parent / "print" / "freshness_calls.typ"


@dataclass(frozen=True)
class Line:
    """One entry of a call."""

    request: FreshnessRequest
    name: str
    said: list[str]
    age: str


@dataclass(frozen=True)
class Call:
    """One number to call, for one entry or several."""

    number: int
    phone: str
    dial: str
    lines: list[Line]


def calls_of(requests: Sequence[FreshnessRequest]) -> list[Call]:
    """The calls of a round, in order; several entries of one number are one call."""
    grouped = [(contact, list(rows)) for contact, rows in groupby(requests, key=lambda row: row.contact)]
    return [
        Call(rank, telephone_text(contact), contact, [_line(row) for row in rows])
        for rank, (contact, rows) in enumerate(grouped, start=1)
    ]


def _line(request: FreshnessRequest) -> Line:
    return Line(request, request.entry.name, said_of(request.entry), age_in_words(request.entry))


def script() -> list[str]:
    """What the volunteer says, in three steps."""
    return [
        _("« Bonjour, je vous appelle pour l’annuaire des lieux et initiatives. Avez-vous une minute ? »"),
        _("Lisez ce que dit la fiche : adresse, horaires, activité. « Est-ce toujours vrai ? »"),
        _("Cochez une case. S’il y a un changement, écrivez-le avec les mots de la personne. Remerciez."),
    ]


def boxes() -> list[tuple[str, str]]:
    """The answers, as boxes."""
    return [(value, str(label)) for value, label in Answer.choices]


def list_pdf(one: FreshnessRound, requests: Sequence[FreshnessRequest], made_at: datetime) -> bytes:
    """The list on A4. Raises PrintingProblem when fonts or template are at fault."""
    typing_url = f"{settings.SITE_ADDRESS}{reverse('atlas:freshness_typing', args=[one.pk])}"
    calls = calls_of(requests)
    count = ngettext("%(count)s appel", "%(count)s appels", len(calls)) % {"count": len(calls)}
    data = {
        "lang": language(),
        "title": one.title,
        "author": settings.OPERATOR_NAME or "Maillage",
        "kicker": _("Liste d’appels n° %(number)s") % {"number": one.pk},
        "made": _("%(count)s · imprimée le %(date)s") % {"count": count, "date": long_date(made_at.date())},
        "script_title": _("Comment faire"),
        "script": script(),
        "boxes": [label for _value, label in boxes()],
        "note": _("Ce qui a changé :"),
        "back": _("À recopier ici, ou à rendre à la personne qui vous a confié la liste :"),
        "url": typing_url,
        "qr_alt": _("Code QR vers la page de saisie : %(address)s") % {"address": typing_url},
        "private": _("Cette liste sert à vérifier l’annuaire. Détruisez-la une fois recopiée."),
        "calls": [_as_data(call) for call in calls],
    }
    made: dict[str, Any] = printable(data)
    return pdf_of(Document(TEMPLATE, made, {"qr.svg": _qr(typing_url)}), made_at)


def _as_data(call: Call) -> dict[str, Any]:
    lines = [
        {
            "code": line.request.code,
            "name": line.name,
            "said": line.said,
            "age": line.age,
            "asked": _asked(line.request),
        }
        for line in call.lines
    ]
    return {"number": call.number, "phone": call.phone, "lines": lines}


def _asked(request: FreshnessRequest) -> str:
    return _("Déjà appelé : personne n’a répondu") if request.answer == Answer.UNREACHED else ""


def _qr(text: str) -> str:
    code: str = segno.make(text, error="m", micro=False).svg_inline(border=2, scale=4)
    return code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns" not in code else code
