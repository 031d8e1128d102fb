"""The place names people type: what forms a territory is known by, and what a typed text may mean.

"8e", "Lyon 8", "St Fons", "minguettes", "69200", "Venisieux" all find something. Forms are folded when territories are
loaded and found by two indexes (prefix, trigrams), so that 35,000 communes cost a few milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import cast

from django.db import connection
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from maillage.core.errors import Invalid
from maillage.core.places.models import Territory
from maillage.core.search.words import tokens

LONGEST = 120
ARTICLES = frozenset({"le", "la", "les", "l"})
NOISE = frozenset(
    {"arrondissement", "arrondissements", "arr", "arrt", "ardt", "cedex", "ville", "commune", "mairie", "quartier"}
)
SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
LEAST_LIKENESS = 0.3  # of pg_trgm, to choose candidates; the score decides
LEAST_SCORE = 78.0
NOT_SEARCHED = ("iris", "custom")
ORDER = {"commune": 0, "arrondissement": 1, "qpv": 2, "qva": 3, "epci": 4, "departement": 5, "region": 6}


@dataclass(frozen=True)
class FoundPlace:
    """A place name understood: a point and the territory it stands for; `detail` tells two of the same name apart."""

    label: str
    kind: str
    code: str
    lon: float
    lat: float
    score: float
    detail: str = ""


def form_of(text: str) -> str:
    """A name as it is compared: folded words, "st" spelt out, "8e" as 8, without leading article or noise words."""
    words = [SHORT.get(word, word) for word in tokens(text[: 2 * LONGEST])]
    words = [re.sub(r"^(\d{1,2})(er|e|eme|ieme|nd)$", r"\1", word) for word in words]
    kept = [word for word in words if word not in NOISE] or words
    while len(kept) > 1 and (kept[0] in ARTICLES or kept[0] in {"de", "du", "des", "d", "a", "au", "en"}):
        kept = kept[1:]
    return " ".join(kept)[:LONGEST]


def forms_of(territory: Territory) -> Iterator[str]:
    """Every form a territory is found by, the whole name first."""
    yield form_of(territory.name)
    if territory.kind == "arrondissement":
        yield form_of(territory.name).rpartition(" ")[2]
    if territory.kind in {"departement", "region"}:
        yield territory.code.lower()
    if territory.kind in {"qpv", "qva"}:
        yield territory.code.lower()
        for part in re.split(r"\s+[-–/]\s+|\s*[/,–]\s*", territory.name):
            if len(form_of(part)) >= 4:
                yield form_of(part)


SEARCH = """
SELECT n.label, t.kind, t.code, coalesce(n.lon, t.lon), coalesce(n.lat, t.lat), n.form, coalesce(t.population, 0),
       t.parent_codes, t.id
FROM places_placename n JOIN places_territory t ON t.id = n.territory_id
WHERE {condition} AND coalesce(n.lon, t.lon) IS NOT NULL AND t.valid_until IS NULL AND t.kind <> ALL(%s)
ORDER BY {order} LIMIT 40
"""
EXACT = SEARCH.format(condition="n.form = %s", order="coalesce(t.population, 0) DESC, t.id")
PREFIX = SEARCH.format(condition="n.form LIKE %s", order="coalesce(t.population, 0) DESC, t.id")
ALIKE = SEARCH.format(
    condition="n.form %% %s", order="similarity(n.form, %s) DESC, coalesce(t.population, 0) DESC, t.id"
)
BY_CODE = """
SELECT t.name, t.kind, t.code, t.lon, t.lat, '', coalesce(t.population, 0), t.parent_codes, t.id FROM places_territory t
WHERE (t.postcodes @> ARRAY[%s]::varchar[] OR (t.code = %s AND t.kind <> ALL(%s))) AND t.lon IS NOT NULL
  AND t.valid_until IS NULL ORDER BY coalesce(t.population, 0) DESC, t.id LIMIT 40
"""
_Hit = tuple[str, str, str, float, float, str, int, list[str], int]


def places_named(typed: str, limit: int = 6) -> list[FoundPlace]:
    """Territories that a typed text may mean, best first; accents and small errors forgiven, a postcode understood.

    A text that holds a postcode is narrowed to it; the words around choose among its communes.
    """
    form = form_of(re.sub(r"\b\d{5}\b", " ", typed))
    if code := re.search(r"\b\d[\dAB]\d{3}\b", typed.upper()):
        hits = _rows(BY_CODE, [code[0], code[0], list(NOT_SEARCHED)])
        if hits:
            return _ranked(hits, form, limit, least=0.0)
    return _ranked(_candidates(form, limit), form, limit) if form else []


def reference_meant(typed: str, preferred: Collection[str] = ()) -> str:
    """The "kind:code" of the territory whose name was typed; one of `preferred` where several bear the name.

    Raises Invalid, with the choices, where none or several are meant.
    """
    found = places_named(typed)
    best = {f"{one.kind}:{one.code}": one for one in found if one.score >= found[0].score - 1}
    codes = [code for code in best if code in preferred] or list(best)
    if not codes:
        raise Invalid(_("Ce territoire n’est pas connu ici. Vérifiez le nom, ou écrivez son code."))
    if len(codes) > 1:
        choices = "; ".join(f"{best[code].label} {best[code].detail} ({code})" for code in codes)
        raise Invalid(_("Plusieurs territoires portent ce nom. Écrivez un de ces codes : %s") % choices)
    return codes[0]


def _candidates(form: str, limit: int) -> list[_Hit]:
    """Exact and prefix matches; when too few, the names that share trigrams with the form."""
    unsearched = list(NOT_SEARCHED)
    hits = _rows(EXACT, [form, unsearched])
    if len(form) >= 3:  # a form holds letters, digits and spaces only: nothing to escape
        hits += _rows(PREFIX, [f"{form}%", unsearched])
    if len(hits) < limit and len(form) >= 4 and not any(hit[5] == form for hit in hits):
        hits += _rows(ALIKE, [form, unsearched, form])
    return hits


def _rows(sql: str, parameters: list[str | list[str]]) -> list[_Hit]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cast("list[_Hit]", cursor.fetchall())


def _ranked(hits: list[_Hit], form: str, limit: int, least: float = LEAST_SCORE) -> list[FoundPlace]:
    """One result per territory: by score, then by kind, then by population."""
    best: dict[int, tuple[float, _Hit]] = {}
    for hit in hits:
        score = _score(form, hit[5] or form_of(hit[0]))
        if score >= least and (hit[8] not in best or score > best[hit[8]][0]):
            best[hit[8]] = (score, hit)
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], ORDER.get(pair[1][1], 9), -pair[1][6], pair[1][8]))[
        :limit
    ]
    holders = _names_of_holders([hit for _score, hit in ranked])
    return [
        FoundPlace(hit[0], hit[1], hit[2], hit[3], hit[4], round(score, 1), _detail(hit, holders))
        for score, hit in ranked
    ]


def _score(typed: str, form: str) -> float:
    """100 when the same; 95 when one begins the other at a word; else how alike the letters are."""
    if not typed or typed == form:
        return 100.0
    if form.startswith(f"{typed} "):
        return 96.0
    if form.startswith(typed):
        return 92.0
    return min(91.0, fuzz.ratio(typed, form))


def _names_of_holders(hits: list[_Hit]) -> dict[str, str]:
    """Names of the communes and départements that hold the results, in one statement."""
    codes = {code for hit in hits for code in hit[7] if code.startswith(("commune:", "departement:"))}
    pairs = [code.partition(":")[::2] for code in codes]
    rows = Territory.objects.filter(kind__in={kind for kind, _code in pairs}, code__in={code for _kind, code in pairs})
    return {f"{kind}:{code}": name for kind, code, name in rows.order_by("id").values_list("kind", "code", "name")}


def _detail(hit: _Hit, holders: dict[str, str]) -> str:
    communes = [holders[code] for code in hit[7] if code.startswith("commune:") and code in holders]
    departements = [
        f"{holders[code]} ({code.partition(':')[2]})"
        for code in hit[7]
        if code.startswith("departement:") and code in holders
    ]
    return ", ".join(communes or departements)
