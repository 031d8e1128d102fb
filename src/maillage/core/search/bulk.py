"""Putting many documents in the index with a few statements, for imports; the same rows as `index.put_documents` makes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from maillage.core.search.index import CONFIGURATION, Document
from maillage.core.search.words import SHORT, tokens, whole

_PUT_MANY = f"""
INSERT INTO search_searchdocument (room, kind, object_id, title, words, vector, modified_at)
SELECT room, kind, object_id, title, words,
       setweight(to_tsvector('{CONFIGURATION}', a), 'A') || setweight(to_tsvector('{CONFIGURATION}', b), 'B')
       || setweight(to_tsvector('{CONFIGURATION}', c), 'C'), now()
FROM json_to_recordset(%s::json)
     AS t(room text, kind text, object_id bigint, title text, words text, a text, b text, c text)
ON CONFLICT (room, kind, object_id) DO UPDATE
SET title = excluded.title, words = excluded.words, vector = excluded.vector, modified_at = excluded.modified_at
"""  # noqa: S608 -- the configuration's name is a constant
_PUT_WORDS = "INSERT INTO search_word (word, documents) SELECT unnest(%s::text[]), 0 ON CONFLICT (word) DO NOTHING"


class ManyDocuments:
    """Puts documents batch by batch; words already sent are not sent again, and are written at the end in one order.

    The words are kept until `finish`: two imports at once would otherwise wait for each other's words crosswise.
    """

    def __init__(self) -> None:
        self._words: set[str] = set()

    def put(self, documents: Sequence[Document]) -> None:
        """Puts or replaces a batch; inside the caller's transaction."""
        if not documents:
            return
        rows = []
        for one in documents:
            parts = [tokens(part) for part in (one.title, one.key_words, one.text)]
            for part in parts:
                self._words.update(word for word in part if 3 <= len(word) <= 60 and not word.isdigit())
            said = {"title": one.title[:300], "words": one.key_words[:2000]}
            where = {"room": one.room, "kind": one.kind, "object_id": one.object_id}
            rows.append(where | said | dict(zip("abc", map(_indexed, parts), strict=True)))
        with connection.cursor() as cursor:
            # One text of JSON: psycopg takes ten times as long to write arrays of texts.
            cursor.execute(_PUT_MANY, [json.dumps(rows, ensure_ascii=False)])

    def finish(self) -> None:
        """Writes the words of all documents put."""
        words = sorted(self._words)
        with connection.cursor() as cursor:
            for start in range(0, len(words), 20_000):
                cursor.execute(_PUT_WORDS, [words[start : start + 20_000]])
        self._words.clear()


def _indexed(words: Sequence[str]) -> str:
    """As `index.put_documents` spells them: short words also whole."""
    return " ".join([*words, *(whole(word) for word in dict.fromkeys(words) if len(word) <= SHORT)])
