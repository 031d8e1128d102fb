"""Which column means what: guessed from headings and values, with how sure that is and why, for a person to correct."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from maillage.core.errors import Invalid
from maillage.core.intake.fields import BY_CODE, EXTRA, FIELDS, IGNORED, PERSONAL, TECHNICAL, TECHNICAL_STARTS, Field
from maillage.core.intake.inspection import REJECT_COLUMNS, Inspection, Profile
from maillage.core.intake.tables.clean_text import is_nothing
from maillage.core.intake.tables.model import SHAPE_LAT, SHAPE_LON
from maillage.core.search.words import folded, tokens

SURE, LIKELY, LEAST = 0.85, 0.6, 0.4
# Words that decide only when they are the whole heading: "autres types de structure" is no list of services.
WHOLE_ONLY = frozenset(
    {
        "types",
        "service",
        "offre",
        "label",
        "lieu",
        "structure",
        "association",
        "site",
        "lien",
        "url",
        "link",
        "source",
        "date",
        "position",
        "reference",
        "lib",
        "objet",
        "notes",
        "texte",
        "tags",
        "portage",
        "street",
        "etablissement",
    }
)
# Short words in front decide ("id structure", "lib structure"): no typing error is forgiven there.
EXACT = ("id ", "code ", "nom ", "lib ", "types")
OTHER_SENSE = ("nombre ", "nb ", "type ", "date ", "taux ", "code ", "autres types ")


@dataclass(frozen=True)
class Guess:
    """What a column seems to mean; `confidence` from 0 to 1; `reason` in words for the person who checks."""

    column: str
    field: str
    confidence: float
    reason: str


@dataclass(frozen=True)
class Mapping:
    """A decided meaning for each column; columns that are absent are ignored."""

    columns: dict[str, str] = field(default_factory=dict)

    def of(self, code: str) -> list[str]:
        """The columns with this meaning, in the order of the table."""
        return [name for name, meaning in self.columns.items() if meaning == code]

    def fitting(self, names: Sequence[str]) -> Mapping:
        """The same for a table with these columns: those it does not know are left out, those absent forgotten."""
        return Mapping({name: self.columns[name] for name in names if name in self.columns})

    def as_json(self) -> dict[str, str]:
        """The mapping as it is stored."""
        return dict(self.columns)


def mapping_from(stored: MappingType[str, Any]) -> Mapping:
    """A stored mapping; meanings that no longer exist are ignored columns."""
    known = {*BY_CODE, EXTRA, IGNORED}
    return Mapping({str(name): str(code) if code in known else IGNORED for name, code in stored.items()})


def checked(mapping: Mapping) -> Mapping:
    """The mapping when it can work; raises Invalid, with the column concerned, when it cannot."""
    if not mapping.of("name"):
        raise Invalid(_("Dites quelle colonne contient le nom : sans nom, il n’y a pas de fiche."))
    for code in (
        "lon",
        "lat",
        "position",
        "postcode",
        "external_id",
        "siret",
        "commune_code",
        *(f"hours_{day}" for day in range(7)),
    ):
        if len(found := mapping.of(code)) > 1:
            message = _("Une seule colonne peut être « {field} » : choisissez entre {columns}.")
            raise Invalid(
                message.format(field=BY_CODE[code].label, columns=", ".join(f"« {one} »" for one in found)),
                {name: [_("Déjà choisi pour une autre colonne.")] for name in found[1:]},
            )
    if bool(mapping.of("lon")) != bool(mapping.of("lat")):
        raise Invalid(_("La longitude et la latitude vont ensemble : il manque une des deux colonnes."))
    return mapping


def guessed(inspection: Inspection) -> list[Guess]:
    """The likeliest meaning of each column, in the order of the table."""
    profiles = list(inspection.profiles.values())
    best = _assigned(profiles)
    if not any(guess.field == "name" for guess in best.values()):
        _name_by_values(profiles, best)
    return [best.get(profile.name) or _leftover(profile, best) for profile in profiles]


def mapping_of(guesses: Sequence[Guess]) -> Mapping:
    """The mapping that the guesses make."""
    return Mapping({one.column: one.field for one in guesses})


def _assigned(profiles: Sequence[Profile]) -> dict[str, Guess]:
    """Each column its meaning, the surest first; a meaning that only one column can have goes to the surest."""
    stem = _common_words([profile.name for profile in profiles])
    candidates = [
        guess
        for profile in profiles
        if profile.name not in REJECT_COLUMNS
        for one in FIELDS
        if (guess := _guess(profile, one, stem))
    ]
    order = {profile.name: (-profile.filled, place) for place, profile in enumerate(profiles)}
    candidates.sort(key=lambda guess: (-guess.confidence, order[guess.column]))
    best: dict[str, Guess] = {}
    taken: set[str] = set()
    for guess in candidates:
        if guess.column in best or (guess.field in taken and not BY_CODE[guess.field].many):
            continue
        best[guess.column] = guess
        taken.add(guess.field)
    _without_half_a_position(best)
    return best


def _without_half_a_position(best: dict[str, Guess]) -> None:
    """A longitude without latitude is none."""
    found = {guess.field: name for name, guess in best.items() if guess.field in {"lon", "lat"}}
    if len(found) == 1:
        del best[next(iter(found.values()))]


def _common_words(names: Sequence[str]) -> frozenset[str]:
    """Words that begin or end a good part of the headings ("nom_equip", "cp_equip", "tel_equip") and so tell nothing."""
    counts = Counter(word for name in names if len(words := heading_of(name).split()) > 1
                     for word in {words[0], words[-1]})  # fmt: skip
    return frozenset(word for word, times in counts.items() if times >= max(3, 0.3 * len(names)))


def _without(name: str, stem: frozenset[str]) -> str:
    words = heading_of(name).split()
    while len(words) > 1 and words[-1] in stem:
        words.pop()
    while len(words) > 1 and words[0] in stem:
        words.pop(0)
    return " ".join(words)


def _guess(profile: Profile, field_: Field, stem: frozenset[str]) -> Guess | None:
    said = max(_heading_score(profile.name, field_), 0.95 * _heading_score(_without(profile.name, stem), field_))
    share = _share(profile, field_)
    if said >= 0.7:
        confidence = _with_heading(said, share, profile, field_)
        reason = _("l’intitulé le dit")
        if share is not None and share >= 0.6:
            reason = _("l’intitulé le dit, et {percent} % des valeurs en ont la forme").format(
                percent=round(100 * share)
            )
        elif share is not None and share < 0.3:
            reason = _("l’intitulé le dit, mais peu de valeurs en ont la forme")
    elif share is not None and share >= 0.8 and field_.alone and len(profile.samples) >= 3:
        confidence = field_.alone * share
        reason = _("{percent} % des valeurs en ont la forme").format(percent=round(100 * share))
    else:
        return None
    return Guess(profile.name, field_.code, round(confidence, 3), reason) if confidence >= LEAST else None


def _with_heading(said: float, share: float | None, profile: Profile, field_: Field) -> float:
    confidence = 0.9 * said if share is None else 0.6 * said + 0.4 * share
    if (
        share is not None
        and share < 0.3
        and field_.code not in {"address", "city"}
        and (share == 0 or len(profile.samples) >= 5)
    ):
        confidence *= 0.6
    if field_.code == "external_id" and profile.distinct_share < 0.6:
        confidence *= 0.5
    if field_.code == "name" and profile.distinct_share < 0.1 and profile.filled > 20:
        confidence *= 0.6
    if not profile.filled:
        confidence *= 0.7
    return confidence + (0.1 if profile.name in {SHAPE_LON, SHAPE_LAT} else 0)


def _share(profile: Profile, field_: Field) -> float | None:
    """Which part of the sample values have the shape of the field; None when nothing can be said."""
    if field_.test is None:
        return None
    values = [text for text in profile.samples if not is_nothing(text)]
    return sum(1 for text in values if field_.test(text)) / len(values) if values else None


@lru_cache(maxsize=4096)
def heading_of(name: str) -> str:
    """A heading as it is compared: folded words, without stars or what stands in brackets; "structureId" is two words."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = " ".join(tokens(re.sub(r"\([^)]*\)|\*", " ", apart)))
    return plain or " ".join(tokens(apart))


def _heading_score(name: str, field_: Field) -> float:
    if name in field_.words:
        return 1.0
    whole = heading_of(name)
    if field_.code == "external_id" and "id" in (whole.split() or [""])[:: max(1, len(whole.split()) - 1)]:
        return 1.0 if whole == "id" else 0.75  # "Data pass ID", "id_fs": less than a column called "id"
    scores = [
        _score(heading, word)
        for heading in {whole, heading_of(name.rpartition(".")[2]), heading_of(name.rpartition(":")[2])}
        for word in field_.words
        if heading
    ]
    return max(scores, default=0.0)


def _score(heading: str, word: str) -> float:
    if heading == word:
        return 1.0
    if (
        len(word) >= 5
        and not word.startswith(EXACT)
        and abs(len(heading) - len(word)) <= 2
        and fuzz.ratio(heading, word) >= 88
    ):
        return 0.9
    if word in WHOLE_ONLY or len(word) < 3 or heading.startswith(OTHER_SENSE):
        return 0.0
    if f" {word} " in f" {heading} " and len(heading.split()) <= len(word.split()) + 3:
        return 0.8 if heading.startswith(word) else 0.72
    return 0.0


def _name_by_values(profiles: Sequence[Profile], best: dict[str, Guess]) -> None:
    """Without a heading that says "name": the first column whose short texts all differ."""
    for profile in profiles:
        texts = list(profile.samples)
        if profile.name in best or not texts or _is_kept_out(profile.name):
            continue
        wordy = sum(1 for text in texts if re.search(r"[^\W\d_]{3}", text) and len(text) <= 120 and "@" not in text)
        if wordy >= 0.9 * len(texts) and profile.distinct_share >= 0.8:
            reason = _("textes courts qui diffèrent presque tous")
            best[profile.name] = Guess(profile.name, "name", 0.45, reason)
            return


def _leftover(profile: Profile, best: MappingType[str, Guess]) -> Guess:
    """What is done with a column that means nothing known: kept in the description when it tells something."""
    if not profile.filled:
        return Guess(profile.name, IGNORED, 1.0, _("colonne vide"))
    if _names_a_person(profile.name):
        return Guess(profile.name, IGNORED, 0.9, _("nom d’une personne : un annuaire de lieux n’en a pas besoin"))
    if _is_kept_out(profile.name) or _repeats_a_position(profile):
        return Guess(profile.name, IGNORED, 0.7, _("colonne technique"))
    if profile.filled > 20 and len(profile.hashes) == 1:
        return Guess(profile.name, IGNORED, 0.6, _("la même valeur partout"))
    return Guess(profile.name, EXTRA, 0.3, _("sens inconnu : gardée dans la description"))


def _repeats_a_position(profile: Profile) -> bool:
    return any(_heading_score(profile.name, BY_CODE[code]) >= 0.9 for code in ("lon", "lat", "position", "external_id"))


def _is_kept_out(name: str) -> bool:
    heading = heading_of(name)
    plain = folded(name)
    return (
        heading in TECHNICAL
        or name in REJECT_COLUMNS
        or heading.startswith(TECHNICAL_STARTS)
        or plain.startswith(TECHNICAL_STARTS)
    )


def _names_a_person(name: str) -> bool:
    heading = heading_of(name)
    return any(f" {word} " in f" {heading} " for word in PERSONAL)
