"""Search that forgives typing errors, over a country of entries: what PostgreSQL takes, beside SQLite's FTS5.

    python benchmarks/search.py [--rows N] [--searches N]

One JSON line per figure. Each search is a kind of place and a commune, with one letter wrong. A first page is twenty documents
by weight among those that are weighed: all that meet the words, or the first thousand that hold them in their title where
they are very many; the exact total is asked apart, by the statement that reads all identifiers. FTS5 knows no typing error: it
is asked the corrected words, over the same titles, in memory.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import time

import country
from atlas_tiles import say, spread


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--searches", type=int, default=300)
    chosen = arguments.parse_args()
    country.prepare()
    country.fill(chosen.rows)
    typed = searches(chosen.searches)
    ours(typed, chosen.rows)
    fts5(typed, chosen.rows)


def searches(count: int) -> list[tuple[str, str]]:
    """What is typed, and what was meant."""
    rng = random.Random(11)
    towns = [
        town[1] for town in rng.choices(country.communes(), weights=[one[3] for one in country.communes()], k=count)
    ]
    made = []
    for town in towns:
        noun, word = (
            rng.choice(country.NOUNS),
            rng.choice([part for part in town.replace("-", " ").split() if len(part) > 2]),
        )
        wrong = noun.split()[0]
        at = rng.randrange(1, len(wrong) - 1)
        wrong = wrong[:at] + wrong[at + 1] + wrong[at] + wrong[at + 2 :]  # two letters swapped
        made.append((f"{wrong} {word}", f"{noun.split()[0]} {word}"))
    return made


def ours(typed: list[tuple[str, str]], rows: int) -> None:
    from maillage.core.search.counting import count_documents
    from maillage.core.search.index import understand
    from maillage.rooms.atlas.filters import Filters
    from maillage.rooms.atlas.queries import page_of
    from maillage.rooms.atlas.readmodel_masks import MOST_RANKED, ranked

    begun = time.perf_counter()
    changed = count_documents()
    say("words counted again", words_changed=changed, seconds=time.perf_counter() - begun)
    vocabulary, documents, whole, again, empty, broad = [], [], [], [], 0, 0
    page_of(Filters(text="atelier"))
    for text, _meant in typed:
        begun = time.perf_counter()
        query = understand(text)
        understood = time.perf_counter()
        first = ranked(query.tsquery, by_title=query.is_broad, among=None)
        if not query.is_broad and len(first) > MOST_RANKED:
            first = ranked(query.tsquery, by_title=True, among=None)
        sorted(zip((-first["rank"]).tolist(), first["id"].tolist(), strict=True))[:20]
        empty += not len(first)
        broad += len(first) > MOST_RANKED
        found = time.perf_counter()
        page_of(Filters(text=text))
        shown = time.perf_counter()
        page_of(Filters(text=text))
        vocabulary.append((understood - begun) * 1e3)
        documents.append((found - understood) * 1e3)
        whole.append((shown - found) * 1e3)
        again.append((time.perf_counter() - shown) * 1e3)
    both = [one + other for one, other in zip(vocabulary, documents, strict=True)]
    say("typing errors mended from the vocabulary", rows=rows, searches=len(typed), milliseconds=spread(vocabulary))
    say(
        "first page of documents by weight",
        rows=rows,
        found_nothing=empty,
        more_than_weighed=broad,
        milliseconds=spread(documents),
    )
    say(
        "typo-tolerant search in the database (both)",
        rows=rows,
        milliseconds=spread(both),
        load_average=os.getloadavg()[0],
    )
    say("page of the list, text never asked before", rows=rows, milliseconds=spread(whole))
    say("page of the list, text asked before", rows=rows, milliseconds=spread(again))


def fts5(typed: list[tuple[str, str]], rows: int) -> None:
    from django.db import connection as postgres

    peer = sqlite3.connect(":memory:")
    peer.execute("CREATE VIRTUAL TABLE d USING fts5(title, tokenize='unicode61 remove_diacritics 2')")
    with postgres.cursor() as cursor:
        cursor.execute("SELECT title FROM search_searchdocument WHERE room = 'atlas'")
        peer.executemany("INSERT INTO d (title) VALUES (?)", cursor.fetchall())
    taken = []
    for _text, meant in typed:
        query = " ".join(f'"{word}"' for word in meant.replace("’", " ").split())
        begun = time.perf_counter()
        peer.execute("SELECT rowid FROM d WHERE d MATCH ? ORDER BY rank LIMIT 20", [query]).fetchall()
        taken.append((time.perf_counter() - begun) * 1e3)
    say(
        "the same words without errors, peer",
        who=f"SQLite {sqlite3.sqlite_version} FTS5",
        rows=rows,
        milliseconds=spread(taken),
    )


if __name__ == "__main__":
    main()
