"""The index: rooms put documents in it, and a typed text comes out as a query of PostgreSQL's own language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from django.db import connection, transaction
from rapidfuzz.distance import DamerauLevenshtein

from maillage.core.search.models import SearchDocument, Word
from maillage.core.search.words import SHORT, Everyday, everyday_at, meaningful, swapped, tokens, whole

CONFIGURATION = "maillage_fr"
COMMON = 100  # documents that hold a word: from here on it is met by its stem alone, not by all that begins like it
MANY = 5_000  # documents that a query may meet: from here on those that hold its words in their title come first


@dataclass(frozen=True)
class Document:
    """What a room gives to be found: the title weighs most, then the key words, then the rest."""

    room: str
    kind: str
    object_id: int
    title: str
    key_words: str = ""
    text: str = ""


@dataclass(frozen=True)
class Query:
    """A typed text understood: `tsquery` is empty when nothing can be searched."""

    typed: str
    tsquery: str
    corrections: tuple[tuple[str, str], ...] = ()
    means: tuple[str, ...] = ()
    themes: tuple[str, ...] = field(default_factory=tuple)
    is_broad: bool = False


@dataclass(frozen=True)
class _Group:
    """Alternatives of which a document must hold one, and in how many documents they stood when last counted."""

    tsquery: str
    documents: int


_PUT = f"""
INSERT INTO search_searchdocument (room, kind, object_id, title, words, vector, modified_at)
VALUES (%s, %s, %s, %s, %s,
        setweight(to_tsvector('{CONFIGURATION}', %s), 'A') || setweight(to_tsvector('{CONFIGURATION}', %s), 'B')
        || setweight(to_tsvector('{CONFIGURATION}', %s), 'C'), now())
ON CONFLICT (room, kind, object_id) DO UPDATE
SET title = excluded.title, words = excluded.words, vector = excluded.vector, modified_at = excluded.modified_at
"""  # noqa: S608 -- the configuration's name is a constant of this file


def put_documents(documents: Iterable[Document]) -> int:
    """Puts or replaces documents and their words in the vocabulary; returns how many."""
    rows = list(documents)
    words: set[str] = set()
    with transaction.atomic(), connection.cursor() as cursor:
        for one in rows:
            together = f"{one.title} {one.key_words} {one.text}"
            words.update(word for word in tokens(together) if 3 <= len(word) <= 60 and not word.isdigit())
            spread = [_indexed(part) for part in (one.title, one.key_words, one.text)]
            cursor.execute(_PUT, [one.room, one.kind, one.object_id, one.title[:300], one.key_words[:2000], *spread])
        Word.objects.bulk_create([Word(word=word) for word in sorted(words)], ignore_conflicts=True)
    return len(rows)


def _indexed(text: str) -> str:
    words = tokens(text)
    return " ".join([*words, *(whole(word) for word in dict.fromkeys(words) if len(word) <= SHORT)])


def drop_documents(room: str, kind: str, object_ids: Iterable[int]) -> None:
    """Takes documents out of the index; the vocabulary forgets their words at the next rebuild."""
    SearchDocument.objects.filter(room=room, kind=kind, object_id__in=list(object_ids)).delete()


def understand(typed: str) -> Query:
    """The query for a typed text: accents and typing errors forgiven, everyday words widened."""
    words = meaningful(tokens(typed[:200]))[:12]
    groups, corrections, entries = _groups(words)
    return Query(
        typed=typed,
        tsquery=" & ".join(group.tsquery for group in groups),
        corrections=tuple(corrections),
        means=tuple(dict.fromkeys(term for entry in entries for term in entry.means)),
        themes=tuple(dict.fromkeys(theme for entry in entries for theme in entry.themes)),
        is_broad=min((group.documents for group in groups), default=0) >= MANY,
    )


def _groups(words: list[str]) -> tuple[list[_Group], list[tuple[str, str]], list[Everyday]]:
    """One parenthesised alternative per word or everyday phrase; all must be met."""
    groups: list[_Group] = []
    corrections: list[tuple[str, str]] = []
    entries: list[Everyday] = []
    at = 0
    while at < len(words):
        known = everyday_at(words, at)
        length, entry = known if known else (1, None)
        phrase = words[at : at + length]
        if entry:
            entries.append(entry)
            asked = "(" + " & ".join(_asked(word, is_known=True) for word in phrase) + ")"
            alternatives = [asked, *(_term(term) for term in entry.means if tokens(term))]
            groups.append(_Group(_any(alternatives), 0))
        else:
            group, fixed = _one_word(phrase[0])
            groups.append(group)
            corrections += [(phrase[0], one) for one in fixed[:1]]
        at += length
    return groups, corrections, entries


def _one_word(word: str) -> tuple[_Group, list[str]]:
    """What a typed word asks for, and the words that it was mended to."""
    if len(word) <= SHORT:
        return _Group(_any([_asked(word, is_known=False)]), 0), []
    standing, documents = _standing(word)
    fixed = [] if standing or len(word) < 4 or word.isdigit() else _corrected(word)
    is_common = standing == word and documents >= COMMON
    # Nothing begins like a word that was mended: its stem is enough, and whole words are found together far quicker.
    alternatives = [_asked(word, is_known=is_common or bool(fixed)), *(one for one, _documents in fixed)]
    held = documents if is_common else sum(number for _one, number in fixed)
    return _Group(_any(alternatives), held), [one for one, _documents in fixed]


def _any(alternatives: list[str]) -> str:
    return "(" + " | ".join(alternatives) + ")"


def _asked(word: str, *, is_known: bool) -> str:
    """A short word is met whole, a known one by its stem, any other also by its beginning."""
    if len(word) <= SHORT:
        return whole(word)
    return word if is_known else f"{word}:*"


def _term(term: str) -> str:
    """The words of a term at the distance it has them: little words are not indexed, but they hold a place."""
    words = tokens(term)
    places = [at for at, word in enumerate(words) if word in meaningful(words)]
    steps = [f" <{after - before}> {words[after]}" for before, after in pairwise(places)]
    return "(" + words[places[0]] + "".join(steps) + ")"


def _standing(word: str) -> tuple[str, int]:
    """The first word of the vocabulary that begins so, the word itself if it stands, with its count; "" for none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, documents FROM search_word WHERE word LIKE %s ORDER BY word USING ~<~ LIMIT 1", [word + "%"]
        )
        return cursor.fetchone() or ("", 0)


def _corrected(word: str) -> list[tuple[str, int]]:
    """Words of the vocabulary that this one probably meant, with their counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, documents FROM search_word WHERE word %% %s ORDER BY similarity(word, %s) DESC, word LIMIT 12",
            [word, word],
        )
        near = cursor.fetchall()
        cursor.execute("SELECT word, documents FROM search_word WHERE word = ANY(%s)", [swapped(word)])
        near += [row for row in cursor.fetchall() if row not in near]
    allowed = 1 if len(word) < 6 else 2
    ranked = sorted((DamerauLevenshtein.distance(word, one), one, documents) for one, documents in near)
    return [(one, documents) for distance, one, documents in ranked if distance <= allowed][:3]
