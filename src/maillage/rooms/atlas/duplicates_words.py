"""Why a pair may be one place, in the words of those who decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from maillage.core.web.wording import distance
from maillage.rooms.atlas.duplicates_models import CandidatePair

Reason = Mapping[str, Any]


@dataclass(frozen=True)
class ReasonWords:
    """A reason as shown: what it says, how many points, for (+) or against (−)."""

    text: str
    points: str
    speaks: str


def reason_words(pair: CandidatePair) -> list[ReasonWords]:
    """The reasons of a pair, strongest first."""
    return [_one(reason) for reason in pair.reasons if reason.get("criterion") in _WORDS]


def _one(reason: Reason) -> ReasonWords:
    points = float(reason["points"])
    sign = "for" if points > 0 else "against" if points < 0 else "nothing"
    return ReasonWords(_WORDS[reason["criterion"]](reason), f"{points:+.0f}".replace("-", "−"), sign)


def _name(reason: Reason) -> str:
    likeness = round(float(reason["value"]))
    if likeness >= 97:
        return _("noms identiques")
    if likeness >= 60:
        return _("noms proches : %(percent)s %%") % {"percent": likeness}
    return _("noms différents : %(percent)s %% de ressemblance") % {"percent": likeness}


def _signed(yes: Callable[[], str], no: Callable[[], str]) -> Callable[[Reason], str]:
    return lambda reason: yes() if float(reason["points"]) > 0 else no()


def _phone(reason: Reason) -> str:
    points = float(reason["points"])
    if points < 0:
        return _("téléphones différents")
    return _("même téléphone") if points >= 20 else _("même téléphone, partagé par plusieurs lieux")


def _siret(reason: Reason) -> str:
    points = float(reason["points"])
    if points < 0:
        return _("SIRET différents")
    return _("même SIRET") if points >= 20 else _("même organisme selon le SIRET, qui a plusieurs lieux")


def _email(reason: Reason) -> str:
    return _("même adresse e-mail") if float(reason["points"]) >= 20 else _("e-mails du même organisme")


def _address(reason: Reason) -> str:
    points = float(reason["points"])
    if points < 0:
        return _("adresses différentes")
    return _("même adresse") if points >= 20 else _("même rue")


def _natures(reason: Reason) -> str:
    sides = [", ".join(_nature(word) for word in reason.get(side) or []) for side in ("left", "right")]
    return _("natures différentes : %(left)s / %(right)s") % {"left": sides[0], "right": sides[1]}


def _nature(word: str) -> str:
    known = {
        "mairie": _("mairie"), "mediatheque": _("médiathèque"), "ccas": _("CCAS"), "cias": _("CIAS"), "mjc": _("MJC"),
        "centresocial": _("centre social"), "franceservices": _("France services"), "missionlocale": _("mission locale"),
        "infojeunes": _("information jeunesse"), "epn": _("espace public numérique"), "mds": _("service social départemental"),
        "comcom": _("communauté de communes"), "agglo": _("agglomération"), "departement": _("département"),
        "laposte": _("bureau de poste"), "poleemploi": _("France Travail"), "croixrouge": _("Croix-Rouge"),
        "chambreagri": _("chambre d’agriculture"), "capemploi": _("Cap emploi"), "tierslieu": _("tiers-lieu"),
        "regiequartier": _("régie de quartier"), "secourspop": _("Secours populaire"), "secourscath": _("Secours catholique"),
        "restocoeur": _("Restos du cœur"), "famillesrurales": _("Familles rurales"), "fablab": _("atelier de fabrication"),
        "college": _("collège"), "lycee": _("lycée"), "ecole": _("école"), "hopital": _("hôpital"),
    }  # fmt: skip
    return known.get(word, word.upper() if len(word) <= 5 else word)


def _distance(reason: Reason) -> str:
    metres = float(reason["value"])
    return _("au même point") if metres < 5 else distance(metres)


_WORDS: Mapping[str, Callable[[Reason], str]] = {
    "name": _name,
    "distance": _distance,
    "commune": _signed(lambda: _("même commune"), lambda: _("communes différentes")),
    "phone": _phone,
    "siret": _siret,
    "email": _email,
    "page": lambda _reason: _("même page internet"),
    "address": _address,
    "natures": _natures,
    "numbers": lambda _reason: _("numéros différents dans les noms"),
}


def in_one_line(reasons: Sequence[ReasonWords]) -> str:
    """The reasons as one sentence, for a list read aloud."""
    return ", ".join(one.text for one in reasons)
