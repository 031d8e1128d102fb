"""Work done by the worker: the read models are read again before their changes are many."""

from __future__ import annotations

from procrastinate.contrib.django import app

from maillage.core.readmodel.edition import forget_old
from maillage.core.readmodel.live import Live
from maillage.core.rooms import resolve, rooms


def read_models() -> list[Live]:
    """Those that the rooms' manifests name."""
    return [resolve(room.read_model)() for room in rooms() if room.read_model]


def rebuild_all() -> list[str]:
    """Reads every read model again, whatever its age: for `maillage readmodel rebuild`. Returns a line for each."""
    return [f"{model.layer}: {model.rebuild()} rows" for model in read_models()]


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="rebuild_read_models", name="readmodel.rebuild")
def rebuild_read_models(timestamp: int) -> int:
    """Every minute; returns how many were worth it."""
    forget_old()
    return sum(model.rebuild_if_worth_it() is not None for model in read_models())
