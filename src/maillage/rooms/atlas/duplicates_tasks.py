"""Work done by the worker: looking for duplicates, and merging many pairs that a person chose."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from maillage.core.people.models import Person
from maillage.rooms.atlas.duplicates_actions import decide_many, merge_by_setting
from maillage.rooms.atlas.duplicates_find import find_duplicates


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="atlas_find_duplicates_nightly", name="atlas.find_duplicates_nightly")
def find_nightly(timestamp: int) -> int:
    """Every night; `timestamp` is the instant it was due."""
    return search()


@app.task(queueing_lock="atlas_find_duplicates", name="atlas.find_duplicates")
def find_now() -> int:
    """As soon as a worker is free."""
    return search()


def search() -> int:
    """Looks for duplicates, then merges those that the setting allows, if any. Returns how many pairs wait."""
    found = find_duplicates()
    return found.proposed - merge_by_setting()


def ask_for_search() -> None:
    """Asks the worker for a search, unless one is already waiting: after an import, or from the page."""
    with suppress(AlreadyEnqueued), transaction.atomic():  # a refusal must not spoil the caller's transaction
        find_now.defer()


@app.task(name="atlas.merge_pairs")
def merge_later(person_id: int, pair_ids: list[int]) -> int:
    """Merges pairs in the name of the person who chose them; those that cannot be any more are left. Returns how many."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    return decide_many(person, pair_ids, "merge").done if person else 0
