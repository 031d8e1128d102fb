"""Pairs, merges and origins as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.core.web.dates import long_date
from maillage.core.web.wording import telephone_text
from maillage.rooms.atlas.duplicates_fields import ABSORBED, KEPT, Choice, Combined, combined
from maillage.rooms.atlas.duplicates_models import CandidatePair, MergeRecord
from maillage.rooms.atlas.duplicates_queries import Origin, filling_of, side_of
from maillage.rooms.atlas.duplicates_words import ReasonWords, in_one_line, reason_words
from maillage.rooms.atlas.freshness import last_said
from maillage.rooms.atlas.models import Entry, Place
from maillage.rooms.atlas.proposal import label_of, words_of

SURE, LIKELY = 75, 60


@dataclass(frozen=True)
class SideShown:
    """One entry of a pair."""

    entry: Entry
    source: str
    date: str
    address: str
    phone: str
    url: str


@dataclass(frozen=True)
class PairShown:
    """A pair in the list; `words` says how likely it is, since a score alone tells little."""

    pair: CandidatePair
    sides: tuple[SideShown, SideShown]
    reasons: list[ReasonWords]
    line: str
    words: str
    tone: str


@dataclass(frozen=True)
class Line:
    """A field that both fill differently: the two values, and which one the rules take."""

    key: str
    label: str
    kept: str
    absorbed: str
    takes_kept: bool


@dataclass(frozen=True)
class OriginShown:
    """A value with where it comes from."""

    label: str
    value: str
    said: str
    others: tuple[tuple[str, str], ...]


def pair_shown(pair: CandidatePair) -> PairShown:
    """A pair with its reasons in words."""
    reasons = reason_words(pair)
    words, tone = likelihood(pair.score)
    return PairShown(pair, (side_shown(pair.left), side_shown(pair.right)), reasons, in_one_line(reasons), words, tone)


def likelihood(score: int) -> tuple[str, str]:
    """A score in words, and the colour that goes with them."""
    if score >= SURE:
        return _("presque sûr"), "moss"
    return (_("probable"), "sky") if score >= LIKELY else (_("à vérifier"), "saffron")


def side_shown(entry: Entry) -> SideShown:
    """An entry with its source, where it is, how to call it."""
    place = next(iter(entry.places.all()), None)
    return SideShown(entry, entry.source.name, long_date(last_said(entry)), _address(place), _phone(place),
                     reverse("atlas:sheet_short", args=[entry.pk]))  # fmt: skip


def _address(place: Place | None) -> str:
    if place is None:
        return ""
    town = " ".join(part for part in (place.postcode, place.commune) if part)
    return ", ".join(part for part in (place.address, town) if part)


def _phone(place: Place | None) -> str:
    return telephone_text(place.phone) if place and place.phone else ""


def kept_first(pair: CandidatePair, keep: str) -> tuple[Entry, Entry]:
    """The entry that would stay and the other: the one asked, else the better filled, else the older."""
    pairs = (pair.left, pair.right), (pair.right, pair.left)
    if keep in (str(pair.left_id), str(pair.right_id)):
        return pairs[keep != str(pair.left_id)]
    one, other = side_of(pair.left), side_of(pair.right)
    turned = (other.trust, -filling_of(pair.right)) < (one.trust, -filling_of(pair.left))
    return pairs[turned]


def preview(kept: Entry, absorbed: Entry) -> tuple[Combined, list[Line]]:
    """What merging would give, and the lines where a person may choose."""
    made = combined(side_of(kept), side_of(absorbed))
    return made, [_line(choice) for choice in made.choices]


def _line(choice: Choice) -> Line:
    name = choice.key.rsplit(".", 1)[-1]
    label = {"lon": _("Emplacement sur la carte")}.get(name, label_of(name))
    kept, absorbed = (_value(name, value) for value in (choice.kept, choice.absorbed))
    return Line(choice.key, label, kept, absorbed, choice.taken == KEPT)


def _value(name: str, value: object) -> str:
    if name == "lon":
        return _("le point de cette fiche")
    if name == "phone":
        return telephone_text(str(value))
    return words_of(name, value)


def chosen_from(posted: dict[str, str]) -> dict[str, str]:
    """The choices of a posted form: {"place.0.phone": "absorbed"}."""
    prefix = "choix-"
    return {
        name.removeprefix(prefix): value
        for name, value in posted.items()
        if name.startswith(prefix) and value in (KEPT, ABSORBED)
    }


def added_shown(made: Combined, lines: list[Line]) -> list[tuple[str, str]]:
    """What the absorbed entry brings that the other does not say at all."""
    disputed = {line.key for line in lines}
    return [
        (_added_label(key), _added_value(key, told["value"]))
        for key, told in made.origins.items()
        if key not in disputed
    ]


def _added_label(key: str) -> str:
    name = key.rsplit(".", 1)[-1]
    if name.isdecimal():
        return _("Un autre lieu")
    return _("Emplacement sur la carte") if name == "lon" else label_of(name)


def _added_value(key: str, value: object) -> str:
    name = key.rsplit(".", 1)[-1]
    return str(value or "") if name.isdecimal() else _value(name, value)


def origin_shown(origin: Origin) -> OriginShown:
    """A value with its source and date in words, and what others say."""
    others = tuple((_value(origin.field, value), said_by(source, when)) for value, source, when in origin.others)
    return OriginShown(
        label_of(origin.field), _value(origin.field, origin.value), said_by(origin.source, origin.date), others
    )


def said_by(source: str, date: str) -> str:
    """ "Hinaura, octobre 2022"; the source alone where the date is not known."""
    return f"{source}, {long_date(date)}" if date else source


def merge_fields(done: MergeRecord) -> list[str]:
    """The labels of what came from the absorbed entry."""
    return [_added_label(key) for key in done.choices]
