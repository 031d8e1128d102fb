"""The view of a layer that this process holds, and how it becomes fresh: one statement, then what changed."""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from maillage.core.readmodel.changes import News, forget, news_of, waiting
from maillage.core.readmodel.files import generation_of, opened, save, sweep_databases
from maillage.core.readmodel.parts import Ints, Laid, Part, View, over

MANY = 20_000  # changed rows after which the part is read again behind the requests
TOO_MANY = 300_000  # … and before the next answer: laying so many rows over costs as much
LAYERS = 6  # parts laid one over the other before the small ones are made into one
WORTH_A_REBUILD = 1_000  # changes after which the worker does it
LOG = logging.getLogger(__name__)

Read = Callable[[Sequence[int] | None], Part]


@dataclass(frozen=True)
class Held:
    """What a process holds: a base read in some snapshot, and what changed up to a later one."""

    folder: Path
    generation: str
    base: Part
    laid: tuple[Laid, ...]
    changed: Ints
    snapshot: str

    def view(self) -> View:
        """As a reader sees it."""
        return View(
            self.laid, f"{self.generation}.{'.'.join(str(one.part.number) for one in self.laid)}.{self.snapshot}"
        )


@dataclass
class Live:
    """One layer. `read` gives the rows of some identifiers, or all with None, as a part; `version` names its arrays."""

    layer: str
    tables: tuple[str, ...]
    version: str
    read: Read
    _held: Held | None = None
    _view: View | None = None
    _checked_at: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _rebuilding: threading.Lock = field(default_factory=threading.Lock)

    def view(self, *, within_s: float = 0.0) -> View:
        """The layer as it is now, or was less than `within_s` seconds ago (never so inside a transaction)."""
        recent = self._view
        if recent is not None and time.monotonic() - self._checked_at < within_s and not connection.in_atomic_block:
            return recent
        with self._lock:
            started = time.monotonic()
            held, news = self._brought_up()
            if held is None:
                return View((Laid(self.read(None)),), "")
            if news.own is None:
                return View((Laid(self.read(None)),), "")
            if news.own:
                own = np.array(news.own, np.int64)
                return View(over(held.laid, own, self.read(news.own)), "")
            if news.is_writing:
                return View(held.laid, "")
            if self._held is not held or self._view is None:
                self._held, self._view = held, held.view()
            self._checked_at = started
            return self._view

    def rebuild(self) -> int:
        """Reads everything into a new generation, which all processes then open; returns its rows. One at a time."""
        with connection.cursor():  # a connection is made before the transaction begins
            news = news_of(self.layer, self.tables, "")
        folder = self._folder(news)
        with _alone(folder):
            snapshot, part = self._build(folder)
        forget(self.layer, snapshot)
        return len(part)

    def rebuild_if_worth_it(self) -> int | None:
        """The worker's part: rebuilds where there is no part, or where changes begin to be many."""
        folder = self._folder(news_of(self.layer, self.tables, ""))
        found = opened(folder, self.version)
        if found is None or news_of(self.layer, self.tables, found[1].notes["snapshot"]).is_lost:
            return self.rebuild()
        return self.rebuild() if waiting(self.layer, found[1].notes["snapshot"]) >= WORTH_A_REBUILD else None

    def let_go(self) -> None:
        """Forgets what this process holds: the next reader opens the files again."""
        with self._lock:
            self._held = self._view = None

    def _folder(self, news: News) -> Path:
        """Named by the database that was read: no other database's rows are ever shown."""
        return Path(settings.HOME) / "readmodel" / news.database / self.layer

    def _brought_up(self) -> tuple[Held | None, News]:
        """What is held, brought up to now; None where nothing may be built, inside a transaction of the caller."""
        held = self._held
        news = news_of(self.layer, self.tables, held.snapshot if held else "")
        if held is None or held.folder != self._folder(news) or held.generation != generation_of(held.folder):
            held, news = self._opened(self._folder(news))
        if held is None or news.is_lost or news.changed is None or len(held.changed) + len(news.changed) > TOO_MANY:
            if connection.in_atomic_block:
                return None, news
            held, news = self._built(self._folder(news), held)
        if not news.changed:
            return held, news
        held = self._laid_over(held, news)
        if len(held.changed) > MANY and not connection.in_atomic_block:
            self._rebuild_behind()
        return held, news

    def _opened(self, folder: Path) -> tuple[Held | None, News]:
        found = opened(folder, self.version)
        snapshot = found[1].notes["snapshot"] if found else ""
        news = news_of(self.layer, self.tables, snapshot)
        if found is None:
            return None, news
        generation, part = found
        return Held(folder, generation, part, (Laid(part),), np.zeros(0, np.int64), snapshot), news

    def _built(self, folder: Path, old: Held | None) -> tuple[Held, News]:
        """A new generation made by this process, or by another that was faster."""
        with _alone(folder):
            if generation_of(folder) in {"", old.generation if old else ""} or opened(folder, self.version) is None:
                self._build(folder)
            held, news = self._opened(folder)
        if held is None:
            raise RuntimeError(f"the read model {folder} was deleted while it was made")
        return held, news

    def _build(self, folder: Path) -> tuple[str, Part]:
        """Reads all rows in one snapshot and saves them. No transaction may be under way."""
        started = time.monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SELECT pg_current_snapshot()::text")
            snapshot = str(cursor.fetchone()[0])
            part = self.read(None)
        part = Part(part.arrays, {**part.notes, "snapshot": snapshot})
        save(folder, part, self.version)
        sweep_databases(folder.parent.parent, folder.parent.name)
        LOG.info("%s: %s rows read in %.1f s", self.layer, len(part), time.monotonic() - started)
        return snapshot, part

    def _laid_over(self, held: Held, news: News) -> Held:
        """The changed rows read again, over the old ones; the small parts are made into one when they are many."""
        fresh = np.array(news.changed or (), np.int64)
        changed = np.union1d(held.changed, fresh)
        if len(held.laid) >= LAYERS:
            laid = over((Laid(held.base),), changed, self.read(changed.tolist()))
        else:
            laid = over(held.laid, fresh, self.read(fresh.tolist()))
        return Held(held.folder, held.generation, held.base, laid, changed, news.snapshot)

    def _rebuild_behind(self) -> None:
        """Rebuilds in a thread of its own, unless this process is at it: for an installation without a worker."""
        if self._rebuilding.acquire(blocking=False):
            threading.Thread(target=self._rebuild_and_leave, name=f"readmodel {self.layer}", daemon=True).start()

    def _rebuild_and_leave(self) -> None:
        try:
            if self._held is None or generation_of(self._held.folder) == self._held.generation:
                self.rebuild()
        except Exception:
            LOG.exception("%s: the read model could not be rebuilt; the old one serves", self.layer)
        finally:
            connection.close()
            self._rebuilding.release()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process of this machine at a time; a process that is killed lets go by dying."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
