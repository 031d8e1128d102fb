"""The work of the machine: jobs of the worker, messages that leave. What they are about is not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from maillage.core.channels.models import OutboundMessage

PAGE = 50
STATES = ("failed", "doing", "todo", "succeeded", "cancelled", "aborted")
ALIVE = timedelta(minutes=2)

_TIMES = """
LEFT JOIN LATERAL (
  SELECT min(at) FILTER (WHERE type = 'deferred') AS asked_at, max(at) FILTER (WHERE type = 'started') AS started_at,
         max(at) FILTER (WHERE type IN ('succeeded', 'failed', 'cancelled', 'aborted')) AS ended_at
  FROM procrastinate_events e WHERE e.job_id = j.id
) t ON true
"""
_JOBS = f"""
SELECT j.id, j.task_name, j.status::text, j.attempts, t.asked_at, t.started_at, t.ended_at FROM procrastinate_jobs j {_TIMES}
WHERE (%(status)s = '' OR j.status::text = %(status)s) AND (%(task)s = '' OR j.task_name = %(task)s) AND j.id < %(before)s
ORDER BY j.id DESC LIMIT %(size)s
"""  # noqa: S608 (no text of anybody's in it)
_TASKS = f"""
SELECT j.task_name, count(*) FILTER (WHERE j.status = 'todo'), count(*) FILTER (WHERE j.status = 'doing'),
       count(*) FILTER (WHERE j.status = 'failed'), count(*) FILTER (WHERE j.status = 'succeeded'),
       max(t.ended_at) FILTER (WHERE j.status = 'succeeded'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.ended_at - t.started_at))
         FILTER (WHERE j.status = 'succeeded')
FROM procrastinate_jobs j {_TIMES} GROUP BY 1 ORDER BY 1
"""  # noqa: S608 (no text of anybody's in it)


@dataclass(frozen=True)
class TaskLine:
    """The jobs of one task, by state, with the last that ended well and how long half of them took at most."""

    task: str
    todo: int
    doing: int
    failed: int
    succeeded: int
    last_success_at: datetime | None
    median_seconds: float | None


@dataclass(frozen=True)
class JobLine:
    """One job, without what it was given."""

    pk: int
    task: str
    status: str
    attempts: int
    asked_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def seconds(self) -> float | None:
        """How long its last try took."""
        if self.started_at is None or self.ended_at is None or self.ended_at < self.started_at:
            return None
        return round((self.ended_at - self.started_at).total_seconds(), 2)


def task_lines() -> list[TaskLine]:
    """Every task of which a job is kept, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_TASKS)
        return [TaskLine(*row) for row in cursor.fetchall()]


def jobs_page(*, status: str = "", task: str = "", before: str = "", size: int = PAGE) -> tuple[list[JobLine], str]:
    """Jobs, the newest first, and the cursor of the next page, "" at the end."""
    last = int(before) if before.isdecimal() and len(before) < 18 else 2**62
    found = _jobs(status, task, last, size + 1)
    return found[:size], str(found[size - 1].pk) if len(found) > size else ""


def every_job(*, status: str = "", task: str = "") -> Iterator[JobLine]:
    """All of them, read by portions."""
    last = 2**62
    while found := _jobs(status, task, last, 1000):
        yield from found
        last = found[-1].pk


def _jobs(status: str, task: str, before: int, size: int) -> list[JobLine]:
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, {"status": status, "task": task, "before": before, "size": size})
        return [JobLine(*row) for row in cursor.fetchall()]


def jobs_count(*, status: str = "", task: str = "") -> int:
    """How many jobs such a list has."""
    query = (
        "SELECT count(*) FROM procrastinate_jobs WHERE (%s = '' OR status::text = %s) AND (%s = '' OR task_name = %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [status, status, task, task])
        return int(cursor.fetchone()[0])


def workers_alive() -> int:
    """Workers that gave a sign of life in the last two minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s", [timezone.now() - ALIVE])
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class MessageLine:
    """A message that leaves, without its address nor its text."""

    pk: int
    by: str
    state: str
    tries: int
    why: str
    created_at: datetime
    next_try_at: datetime


def message_counts() -> Sequence[tuple[str, str, int]]:
    """Code, words and number of each state, zero included."""
    rows = OutboundMessage.objects.order_by("state").values_list("state").annotate(Count("pk"))
    counts = dict(rows)
    return [(code, str(words), counts.get(code, 0)) for code, words in OutboundMessage.State.choices]


def messages_page(*, state: str = "", before: str = "") -> tuple[list[MessageLine], str]:
    """Messages, the newest first, and the cursor of the next page, "" at the end."""
    rows = OutboundMessage.objects.order_by("-pk")
    if state in OutboundMessage.State.values:
        rows = rows.filter(state=state)
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.defer("to", "title", "body")[: PAGE + 1])
    # The kind of the fault only: what a gateway says may quote the address.
    lines = [MessageLine(one.pk, one.get_by_display(), one.get_state_display(), one.tries, one.last_error.partition(":")[0],
                         one.created_at, one.next_try_at) for one in found[:PAGE]]  # fmt: skip
    return lines, str(found[PAGE - 1].pk) if len(found) > PAGE else ""
