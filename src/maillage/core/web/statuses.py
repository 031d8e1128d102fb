"""The states that pages show: a word, an icon and a tone together, never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Status:
    """What is shown for one state."""

    word: Promise | str
    icon: str
    tone: str


STATUSES: Final[dict[str, Status]] = {
    "open": Status(_("Ouvert"), "circle-check", "moss"),
    "active": Status(_("En activité"), "circle-check", "moss"),
    "closed": Status(_("Fermé"), "circle-x", "brick"),
    "planned": Status(_("En projet"), "calendar-event", "sky"),
    "unknown": Status(_("Situation inconnue"), "help-circle", "neutral"),
    "proposed": Status(_("En attente de relecture"), "hourglass", "saffron"),
    "held": Status(_("Mis de côté pour relecture"), "clock-pause", "saffron"),
    "published": Status(_("Publié"), "circle-check", "moss"),
    "refused": Status(_("Refusé"), "ban", "brick"),
    "hidden": Status(_("Masqué"), "eye-off", "neutral"),
    "undetermined": Status(_("Non déterminé"), "question-mark", "neutral"),
    "approximate": Status(_("Emplacement approximatif"), "map-pin-question", "saffron"),
    "draft": Status(_("Brouillon"), "pencil", "neutral"),
    "to_review": Status(_("À relire"), "hourglass", "saffron"),
    "reviewed": Status(_("Relu"), "circle-check", "moss"),
}
