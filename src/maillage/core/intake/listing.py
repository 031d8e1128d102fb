"""One row of a directory, cleaned: what it says of a place, what was changed on the way, or why it cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import gettext as _

from maillage.core.intake.fields import EXTRA
from maillage.core.intake.mapping import Mapping
from maillage.core.intake.tables.clean_codes import clean_commune_code, clean_date, clean_postcode, clean_siret
from maillage.core.intake.tables.clean_contacts import clean_email, clean_phone, clean_url
from maillage.core.intake.tables.clean_coordinates import Position, clean_pair, clean_position
from maillage.core.intake.tables.clean_hours import clean_hours, clean_week
from maillage.core.intake.tables.clean_text import clean_text, is_nothing, listed, one_line
from maillage.core.intake.tables.cleaned import Cleaned
from maillage.core.intake.tables.model import Row

LONGEST_NAME = 200
_HOUSE_NUMBER = re.compile(r"(?i)\d{1,4}\s*(?:bis|ter|quater|[a-d])?(?:\s*[-/]\s*\d{1,4})?")
_POSTCODE_AND_TOWN = re.compile(r"(?:F-)?(\d{5})\s+([^\W\d_].{1,80})")
_ADDRESS_AND_TOWN = re.compile(r"(.{3,}?)[\s,–-]+(?:F-)?(\d{5})\s+([^\W\d_][^,\d]{1,60}?)(?:\s*,\s*France)?")
DAYS = tuple(f"hours_{day}" for day in range(7))


@dataclass(frozen=True)
class Remark:
    """A change made to a cell, or a cell that was of no use; `is_loss` when its value is not used where it stood."""

    number: int
    column: str
    before: str
    word: str
    is_loss: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why a row cannot be taken; `column` is "" when it is the row as a whole."""

    number: int
    column: str
    reason: str
    cells: dict[str, str]


@dataclass
class Listing:
    """A place as its source lists it, cleaned. Lists are the source's own words; `extras` are columns of unknown meaning."""

    number: int
    name: str = ""
    summary: str = ""
    description: str = ""
    themes: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    publics: list[str] = field(default_factory=list)
    operator: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    commune_code: str = ""
    department: str = ""
    lon: float | None = None
    lat: float | None = None
    decimals: int = 7
    siret: str = ""
    hours: str = ""
    hours_text: str = ""
    external_id: str = ""
    source_name: str = ""
    date: str = ""
    extras: list[tuple[str, str]] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)

    @property
    def has_place(self) -> bool:
        """Whether anything says where it is, but for a point."""
        return bool(self.address or self.postcode or self.city or self.commune_code)


class Refused(Exception):
    """Carries a refusal out of the reading of a row."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(frozen=True)
class Plan:
    """A mapping made ready: the columns of each meaning, looked up once and not once a row."""

    mapping: Mapping

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """Columns by meaning."""
        found: dict[str, list[str]] = {}
        for name, code in self.mapping.columns.items():
            found.setdefault(code, []).append(name)
        return found

    def read(self, row: Row) -> tuple[Listing, list[Remark]]:
        """The row cleaned, and what was changed; raises Refused."""
        return _Reading(row, self.columns).done()


class _Reading:
    """The reading of one row."""

    def __init__(self, row: Row, columns: dict[str, list[str]]) -> None:
        self.row, self.columns = row, columns
        self.listing, self.remarks = Listing(row.number, cells=row.cells), list[Remark]()

    def done(self) -> tuple[Listing, list[Remark]]:
        if self.row.fault:
            raise Refused(Refusal(self.row.number, self.row.fault_column, self.row.fault, self.row.cells))
        one = self.listing
        self._name()
        one.summary = one_line(self._first_text("summary"))
        one.description = "\n\n".join(dict.fromkeys(self._texts("description")))
        one.themes, one.services, one.publics = (self._items(code) for code in ("themes", "services", "publics"))
        one.operator, one.source_name = (
            one_line(self._first_text("operator")),
            one_line(self._first_text("source_name")),
        )
        one.external_id = one_line(self._first_text("external_id")).replace("\u202f", " ")
        one.phone, one.email = self._contact("phone", clean_phone), self._contact("email", clean_email)
        one.website = self._website()
        one.postcode, one.commune_code = (
            self._code("postcode", clean_postcode),
            self._code("commune_code", clean_commune_code),
        )
        one.siret, one.date = self._code("siret", clean_siret), self._code("date", clean_date)
        one.address = joined_address([*self._texts("address"), *self._texts("address_more")])
        one.city, one.department = one_line(self._first_text("city")), one_line(self._first_text("department"))
        self._town_inside()
        self._position()
        self._hours()
        self._extras()
        return one, self.remarks

    def _cell(self, name: str) -> str:
        return self.row.cells.get(name, "")

    def _say(self, column: str, before: str, word: str, *, is_loss: bool = False) -> None:
        if word:
            self.remarks.append(Remark(self.row.number, column, before, word, is_loss))

    def _refuse(self, column: str, reason: str) -> Refused:
        return Refused(Refusal(self.row.number, column, reason, self.row.cells))

    def _text(self, name: str) -> str:
        raw = self._cell(name)
        if not raw or raw.isspace():
            return ""
        done = clean_text(raw)
        self._say(name, raw, done.word)
        return "" if is_nothing(done.value) else done.value

    def _texts(self, code: str) -> list[str]:
        return [text for name in self.columns.get(code, ()) if (text := self._text(name))]

    def _first_text(self, code: str) -> str:
        """The first filled column of a meaning; what the others say besides is kept as an extra."""
        texts = [(name, text) for name in self.columns.get(code, ()) if (text := self._text(name))]
        self.listing.extras += [(name, text) for name, text in texts[1:] if text != texts[0][1]]
        return texts[0][1] if texts else ""

    def _items(self, code: str) -> list[str]:
        return list(dict.fromkeys(one_line(item) for text in self._texts(code) for item in listed(text)))

    def _name(self) -> None:
        columns = self.columns.get("name", [""])
        name = one_line(self._first_text("name"))
        if not name:
            raise self._refuse(columns[0], _("Le nom manque."))
        if name.startswith("=") and len(name) > 1:
            raise self._refuse(
                columns[0],
                _("Le nom est une formule sans résultat : ouvrez et enregistrez le fichier dans un tableur."),
            )
        if len(name) < 2:
            raise self._refuse(columns[0], _("Le nom n’a qu’un signe : « {name} ».").format(name=name))
        if len(name) > LONGEST_NAME:
            self._say(columns[0], name, _("nom de plus de 200 signes : la suite est gardée dans la description"))
            self.listing.extras.append((columns[0], name))
            name = f"{name[: LONGEST_NAME - 1].rstrip()}…"
        self.listing.name = name

    def _contact(self, code: str, clean: Callable[[str], Cleaned]) -> str:
        """The first usable value; what cannot be used, and what more there is, goes to the extras."""
        kept = ""
        for name in self.columns.get(code, ()):
            raw = self._text(name)
            if not raw:
                continue
            done = clean(raw)
            self._say(name, raw, done.fault or done.word, is_loss=bool(done.fault))
            if done.rest:
                self.listing.extras.append((name, done.rest))
            if done.value and kept and done.value != kept:
                self.listing.extras.append((name, done.value))
            kept = kept or done.value
        return kept

    def _website(self) -> str:
        """As the other contacts; a telephone number in this place is moved to where it belongs."""
        before = len(self.listing.extras)
        address = self._contact("website", clean_url)
        for name, text in self.listing.extras[before:]:
            if not self.listing.phone and not address and (number := clean_phone(text)).value and not number.rest:
                self.listing.phone = number.value
                self.listing.extras.remove((name, text))
                self._say(name, text, _("téléphone trouvé à la place du site : il a été déplacé"))
        return address

    def _code(self, code: str, clean: Callable[[str], Cleaned]) -> str:
        for name in self.columns.get(code, ()):
            raw = self._cell(name)
            if not raw or raw.isspace():
                continue
            done = clean(raw)
            self._say(name, raw, done.fault or done.word, is_loss=bool(done.fault))
            if done.rest:
                self.listing.extras.append((name, done.rest))
            return done.value
        return ""

    def _town_inside(self) -> None:
        """A postcode written before the town, or a town written at the end of the address, goes where it belongs."""
        one = self.listing
        if not one.postcode and (found := _POSTCODE_AND_TOWN.fullmatch(one.city)):
            one.postcode, one.city = found[1], found[2]
        if not one.postcode and not one.city and (found := _ADDRESS_AND_TOWN.fullmatch(one.address)):
            one.address, one.postcode, one.city = found[1], found[2], found[3]

    def _position(self) -> None:
        """The point; a point of no use refuses the row only when nothing else says where it is."""
        column, found = self._found_position()
        self._say(column, f"{self._raw_position()}", found.word)
        if found.fault:
            if not self.listing.has_place:
                raise self._refuse(
                    column, _("{fault}, et rien d’autre ne dit où c’est.").format(fault=_capital(found.fault))
                )
            self._say(column, self._raw_position(), found.fault, is_loss=True)
        self.listing.lon, self.listing.lat, self.listing.decimals = found.lon, found.lat, found.decimals

    def _found_position(self) -> tuple[str, Position]:
        if "lon" in self.columns:
            lon, lat = self.columns["lon"][0], self.columns["lat"][0]
            texts = ["" if is_nothing(self._cell(name)) else self._cell(name) for name in (lon, lat)]
            if any(texts) or "position" not in self.columns:
                return lat if texts[0] and not texts[1] else lon, clean_position(*texts)
        if "position" in self.columns:
            name = self.columns["position"][0]
            text = self._cell(name)
            return name, Position() if is_nothing(text) else clean_pair(text)
        return "", Position()

    def _raw_position(self) -> str:
        names = [name for code in ("lon", "lat", "position") for name in self.columns.get(code, ())[:1]]
        return " ; ".join(text for name in names if (text := self._cell(name)))

    def _hours(self) -> None:
        """Hours of the week in one cell, or one cell a day; their text is always kept."""
        texts = [(name, self._text(name)) for name in self.columns.get("hours", ())]
        done = [(name, text, clean_hours(text)) for name, text in texts if text]
        best = next((one for one in done if one[2].value), None)
        days = {day: one_line(self._text(name)) for day, code in enumerate(DAYS) for name in self.columns.get(code, ())}
        week = clean_week(days)
        self.listing.hours = best[2].value if best else week.value
        kept = [text for _name, text, cleaned in done if text != cleaned.value] + ([week.rest] if week.rest else [])
        self.listing.hours_text = "\n".join(dict.fromkeys(kept))
        if best or done:
            name, text, cleaned = best or done[0]
            self._say(name, text, cleaned.word or cleaned.fault)
        elif week.word or week.fault:
            self._say(
                next((name for code in DAYS for name in self.columns.get(code, ())), ""),
                week.rest,
                week.word or week.fault,
            )

    def _extras(self) -> None:
        found = [(name, text) for name in self.columns.get(EXTRA, ()) if (text := self._text(name))]
        self.listing.extras = list(dict.fromkeys([*self.listing.extras, *found]))


def joined_address(parts: Sequence[str]) -> str:
    """The parts of an address on one line; a house number goes before its street without a comma."""
    text = ""
    for part in dict.fromkeys(one_line(part) for part in parts):
        between = " " if _HOUSE_NUMBER.fullmatch(text) else ", "
        text = f"{text}{between}{part}" if text else part
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def united(first: Listing, second: Listing) -> Listing:
    """Two rows of the same file about the same place: what the first lacks, the second gives; lists are joined."""
    one = replace(first)
    for name in ("summary", "description", "operator", "phone", "email", "website", "address", "postcode", "city", "commune_code",
                 "department", "siret", "hours", "hours_text", "date"):  # fmt: skip
        if not getattr(one, name):
            setattr(one, name, getattr(second, name))
    for name in ("themes", "services", "publics", "extras"):
        setattr(one, name, list(dict.fromkeys([*getattr(first, name), *getattr(second, name)])))
    if one.lon is None:
        one.lon, one.lat, one.decimals = second.lon, second.lat, second.decimals
    return one
