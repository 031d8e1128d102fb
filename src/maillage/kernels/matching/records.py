"""A place as the matching reads it, and its features: what is compared, in the form in which it is compared."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from maillage.kernels.matching.words import DROPPED, NATURES, PHRASE, PUBLIC_DOMAINS, STREET_KINDS, STREETS, meant

_WORD = re.compile(r"[a-z0-9]+")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?")
_NUMBER = re.compile(r"(?<!\d)(\d{1,4})(?: ?(?:bis|ter|quater|[a-c])\b)?(?: \d{1,4})? ?(?=[a-z])")
_RANK = re.compile(r"\d+(?:e|er|eme|ere)?")
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_LA_POSTE = "356000000"  # its establishments are numbered by another check than Luhn's
_NATURE_BITS = {word: 1 << rank for rank, word in enumerate(NATURES)}

Towns: TypeAlias = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Record:
    """One place of one source, as that source writes it. Texts may be empty, a position may be unknown."""

    key: str
    source: str
    name: str
    address: str = ""
    postcode: str = ""
    commune: str = ""
    commune_code: str = ""
    lon: float | None = None
    lat: float | None = None
    phone: str = ""
    siret: str = ""
    email: str = ""
    website: str = ""


@dataclass(frozen=True)
class Features:
    """What is compared of a record; an empty text is "not known", and is never evidence."""

    name: str
    natures: int
    numbers: frozenset[str]
    commune: str
    departement: str
    postcode: str
    number: str
    street: str
    phone: str
    siret: str
    siren: str
    email: str
    domain: str
    page: str


def plain_words(text: str) -> str:
    """Small letters without accents, signs made spaces, initials joined: "C.C.A.S. d’Écully" → "ccas d ecully"."""
    small = text.lower().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    bare = unicodedata.normalize("NFKD", small)
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    joined = _INITIALS.sub(lambda found: found[0].replace(".", ""), bare)
    return " ".join(_WORD.findall(joined))


def features_of(record: Record, towns_known: Towns | None = None) -> Features:
    """The features of one record. O(length of its texts).

    `towns_known` gives the towns of a postcode, for records that state no commune: see `towns_of`.
    """
    postcode = _whole_postcode(record)
    towns = _town_words(record.commune) or (towns_known or {}).get(postcode, frozenset())
    name, natures = _name(record.name, towns)
    number, street = _street(record.address, towns)
    siret = siret_of(record.siret)
    email, domain = _email(record.email)
    return Features(
        name=name,
        natures=natures,
        numbers=frozenset(word for word in name.split() if word.isdigit()),
        commune=commune_key(record),
        departement=_departement(record.commune_code or postcode),
        postcode=postcode,
        number=number,
        street=street,
        phone=phone_of(record.phone),
        siret=siret,
        siren=siret[:9],
        email=email,
        domain=domain,
        page=page_of(record.website),
    )


def towns_of(records: Iterable[Record]) -> Towns:
    """The words of all communes that records with this postcode state."""
    found: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.commune and (postcode := _whole_postcode(record)):
            found[postcode] |= _town_words(record.commune)
    return {postcode: frozenset(words) for postcode, words in found.items()}


def _whole_postcode(record: Record) -> str:
    """Five digits: a spreadsheet may have eaten a leading zero."""
    text = record.postcode.strip()
    return text.zfill(5) if text.isdigit() else ""


def natures_in(bits: int) -> list[str]:
    """The words of a set of natures."""
    return [word for word, bit in _NATURE_BITS.items() if bits & bit]


def commune_key(record: Record) -> str:
    """The commune's plain name without article nor delivery number, "" when it is not stated."""
    words = [word for word in plain_words(record.commune).split() if not _RANK.fullmatch(word)]
    while words and words[-1] in {"cedex", "e", "er", "eme", "arrondissement"}:
        words.pop()
    while words and words[0] in {"le", "la", "les", "l", "commune", "ville", "de"}:
        words.pop(0)
    return " ".join({"saint": "st", "sainte": "ste"}.get(word, word) for word in words)


def _departement(code: str) -> str:
    return code[:3] if code.startswith("97") else code[:2].upper()


def _town_words(commune: str) -> frozenset[str]:
    words = {{"saint": "st", "sainte": "ste"}.get(word, word) for word in plain_words(commune).split()}
    return frozenset(word for word in words if not word.isdigit())


def _name(text: str, towns: frozenset[str]) -> tuple[str, int]:
    """The telling words of a name, without the town's; a name that is nothing but the town stands for its town hall."""
    meaning = PHRASE.sub(lambda found: meant(found[0]), plain_words(text)).split()
    natures = 0
    for word in meaning:
        natures |= _NATURE_BITS.get(word, 0)
    words = [word for word in dict.fromkeys(meaning) if word not in DROPPED]
    telling = [word for word in words if word not in towns]
    return " ".join(telling or words), natures


def _street(address: str, towns: frozenset[str]) -> tuple[str, str]:
    """House number and the telling words of the street: "36 Bd Édouard Herriot, 69800 Saint-Priest" → 36, herriot edouard."""
    plain = plain_words(_POSTCODE.split(address)[0] or address)
    words = [STREETS.get(word, word) for word in plain.split()]
    text = " ".join(words)
    found = _NUMBER.search(text)
    after = text[found.end() :] if found else text
    telling = [word for word in after.split() if word not in DROPPED and word not in STREET_KINDS and len(word) > 1]
    short = telling[:4]
    without_town = [word for word in short if word not in towns]
    return (found[1].lstrip("0") if found else "", " ".join(without_town or short))


def phone_of(text: str) -> str:
    """The last nine digits of a French number, which are the same with or without country; "" when there are fewer."""
    digits = re.sub(r"\D", "", text.split("/", maxsplit=1)[0])
    digits = digits[2:] if digits.startswith("00") else digits
    return digits[-9:] if len(digits) >= 9 and digits[-9:].strip("0") else ""


def siret_of(text: str) -> str:
    """Fourteen digits that pass the check of the register, else ""."""
    digits = re.sub(r"\D", "", text)
    if len(digits) != 14 or digits.strip("0") == "":
        return ""
    if digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0:
        return digits
    doubled = [int(sign) * (2 - rank % 2) for rank, sign in enumerate(digits)]
    return digits if sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0 else ""


def _email(text: str) -> tuple[str, str]:
    address = text.strip().lower()
    box, sign, domain = address.partition("@")
    if not (box and sign and "." in domain) or " " in address:
        return "", ""
    return address, "" if domain in PUBLIC_DOMAINS else domain


def page_of(text: str) -> str:
    """Host and path of a web page, as one writes it on paper; "" when there is none."""
    address = text.split(";", maxsplit=1)[0].strip().lower()
    if not address:
        return ""
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
    except ValueError:
        return ""
    host = parts.netloc.removeprefix("www.")
    return f"{host}{parts.path}".rstrip("/") if "." in host else ""
