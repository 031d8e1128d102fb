"""How old an entry is, and what it is worth: in words for the sheet and the lists, as a score for those who keep it true."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.exports import data_inclusion
from maillage.core.web.dates import long_date
from maillage.core.web.wording import telephone_digits
from maillage.rooms.atlas.exports_standards import INCLUSION_PUBLICS, INCLUSION_THEMES, street_of
from maillage.rooms.atlas.models import Entry

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
LONGEST_DESCRIPTION = 10_000


@dataclass(frozen=True)
class Quality:
    """data·inclusion's score of an entry, 0 to 1, with its criteria in words; those that do not apply are absent."""

    score: float
    criteria: tuple[tuple[str, float], ...]

    @property
    def percent(self) -> int:
        """The score out of 100."""
        return round(100 * self.score)

    @property
    def missing(self) -> list[str]:
        """What lacks altogether."""
        return [label for label, value in self.criteria if value == 0]


def last_said(entry: Entry) -> str:
    """When a source, or somebody, last said that an entry is so; partial dates as they are, "" when not known."""
    said = [entry.status_as_of, entry.confirmed_on.isoformat() if entry.confirmed_on else ""]
    said += [place.source_on for place in entry.places.all()]
    return max([one for one in said if one] or [entry.source.published_on])


def latest_day(said: str) -> date | None:
    """The last day that a partial date may mean: an age is never overstated. None where it is no date."""
    found = _PARTIAL.match(said or "")
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 12), int(found[3] or 0)
    try:
        return date(year, month, day or _days_of(year, month))
    except ValueError:
        return None


def _days_of(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


def years_since(said: str, today: date | None = None) -> int | None:
    """Whole years since a date, surely passed; None where the date is not known."""
    day = latest_day(said)
    if day is None:
        return None
    now = today or timezone.localdate()
    return max(0, now.year - day.year - ((now.month, now.day) < (day.month, day.day)))


def age_in_words(entry: Entry, today: date | None = None) -> str:
    """One sentence on how old an entry is, always true: old ones say it plainly."""
    said = last_said(entry)
    years = years_since(said, today)
    if years is None:
        return _("On ne sait pas de quand date cette fiche.")
    if years:
        words = ngettext(
            "Cette fiche a %(years)s an sans confirmation.", "Cette fiche a %(years)s ans sans confirmation.", years
        )
        return words % {"years": years}
    if entry.confirmed_on and entry.confirmed_on.isoformat() == said:
        return _("Confirmée le %(date)s.") % {"date": long_date(said)}
    return _("Information datée : %(date)s.") % {"date": long_date(said)}


def is_old(entry: Entry, today: date | None = None) -> bool:
    """Whether nobody said that an entry is still true for a year, or its date is not known."""
    years = years_since(last_said(entry), today)
    return years is None or years >= 1


def quality(entry: Entry) -> Quality:
    """The score that data·inclusion gives to the service that we export, but for its date: the date of what is said.

    What the atlas has no field for (fees, who may orient) counts as missing, as a reader of the export would count it.
    """
    score, criteria = data_inclusion.quality(_service(entry))
    labels = _labels()
    return Quality(
        score, tuple((labels.get(name, name), value) for name, value in criteria.items() if value is not None)
    )


def _service(entry: Entry) -> Mapping[str, object]:
    place = next(iter(entry.places.all()), None)
    identifier = f"maillage--{entry.pk}"
    described: dict[str, object] = {
        "source": "maillage", "id": f"{identifier}-service", "structure_id": identifier,
        "nom": data_inclusion.short_name(entry.name), "description": (entry.description or entry.summary)[:LONGEST_DESCRIPTION],
        "thematiques": {INCLUSION_THEMES[one] for one in entry.themes if one in INCLUSION_THEMES},
        "publics": {"tous-publics"} if "everyone" in entry.publics else
                   {INCLUSION_PUBLICS[one] for one in entry.publics if one in INCLUSION_PUBLICS},
        "type": "atelier" if "workshop" in entry.digital_means else None, "date_maj": latest_day(last_said(entry)),
        "modes_accueil": {"en-presentiel"} if place is not None else None,
    }  # fmt: skip
    if place is not None:
        described |= {"adresse": street_of(place), "commune": place.commune, "code_postal": place.postcode,
                      "code_insee": place.commune_code, "courriel": place.email,
                      "telephone": telephone_digits(place.phone) if place.phone else ""}  # fmt: skip
    return described


def _labels() -> Mapping[str, str]:
    return {
        "adresse_bien_definie": _("Adresse"),
        "modes_mobilisation_bien_definis": _("Comment s’y adresser, et par qui"),
        "au_moins_un_public": _("Pour qui"),
        "au_moins_une_thematique": _("Thème"),
        "au_moins_un_moyen_de_contact": _("Un moyen de contact"),
        "courriel_bien_defini": _("E-mail"),
        "date_maj_recente": _("Information récente"),
        "frais_bien_definis": _("Prix"),
        "description_bien_definie": _("Description assez longue"),
        "telephone_bien_defini": _("Téléphone"),
    }
