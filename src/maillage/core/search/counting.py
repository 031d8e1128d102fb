"""In how many documents each word of the vocabulary stands: counted now and then, to know which words are common.

Only the cost of a search depends on it (see index.py): a count that is old, or not made yet, changes no total.
"""

from __future__ import annotations

from django.db import connection, transaction

from maillage.core.search.index import CONFIGURATION

MANY_DOCUMENTS = 10_000  # below, no word is common

_COUNT = f"""
WITH stems AS (SELECT id, (tsvector_to_array(to_tsvector('{CONFIGURATION}', word)))[1] AS stem FROM search_word),
     found AS (SELECT word AS stem, ndoc FROM ts_stat('SELECT vector FROM search_searchdocument'))
UPDATE search_word SET documents = COALESCE(found.ndoc, 0)
FROM stems LEFT JOIN found USING (stem)
WHERE stems.id = search_word.id AND search_word.documents <> COALESCE(found.ndoc, 0)
"""  # noqa: S608 -- the configuration's name is a constant
_IS_WANTED = """
SELECT (SELECT reltuples FROM pg_class WHERE oid = 'search_searchdocument'::regclass) >= %s
   AND NOT EXISTS (SELECT 1 FROM search_word WHERE documents > 0)
"""


@transaction.atomic
def count_documents() -> int:
    """Counts again; returns how many words have another count. About 10 s for a million documents."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_COUNT)
        return int(cursor.rowcount)


def is_count_wanted() -> bool:
    """Whether there are many documents and no count yet: the first large import does not wait for the night."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_WANTED, [MANY_DOCUMENTS])
        return bool(cursor.fetchone()[0])
