"""Work done by the worker: the words of the vocabulary are counted."""

from __future__ import annotations

from procrastinate.contrib.django import app

from maillage.core.search.counting import count_documents, is_count_wanted


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="count_documents", name="search.count_documents")
def count_each_night(timestamp: int) -> int:
    """Every night; returns how many words have another count."""
    return count_documents()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="count_documents_first", name="search.count_documents_first")
def count_first(timestamp: int) -> int:
    """Soon after the first large import."""
    return count_documents() if is_count_wanted() else 0
