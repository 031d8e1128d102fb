"""Figures for a monitoring server, in Prometheus' text format at /mesures/.

What processes count (requests, durations) is added up over the worker processes by prometheus-client; what waits (jobs,
messages, contributions) is read from the tables when it is asked for. Nothing here is about a person.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Iterator
from contextlib import suppress

from django.apps import apps
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from maillage.core.engine.sight import seeing_everything
from maillage.core.errors import Missing
from maillage.core.moderation.states import WAITING, Moderated
from maillage.house.metrics_folder import VARIABLE
from maillage.house.postgres_roles import DatabaseProblem

_OWN = CollectorRegistry()
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_REQUESTS = Counter("maillage_requests", "Requests answered", ["page", "method", "status"], registry=_OWN)
_SECONDS = Histogram("maillage_request_seconds", "Time to answer", ["page"], buckets=BUCKETS, registry=_OWN)
# A proxy on this machine comes from the loopback address too, and says for whom.
_RELAYED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")


def count_request(page: str, method: str, status: int, seconds: float) -> None:
    """Notes one answer."""
    _REQUESTS.labels(page, method, str(status)).inc()
    _SECONDS.labels(page).observe(seconds)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for this machine itself or for who knows MAILLAGE_METRICS_TOKEN. Raises Missing for others."""
    if not _may_read(request):
        raise Missing
    registry = CollectorRegistry() if os.environ.get(VARIABLE) else _OWN
    parts = [generate_latest(_of_all_processes(registry)), generate_latest(_waiting())]
    return HttpResponse(b"".join(parts), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _of_all_processes(registry: CollectorRegistry) -> CollectorRegistry:
    if registry is not _OWN:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _waiting() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Waiting())
    return registry


def _may_read(request: HttpRequest) -> bool:
    wanted = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if wanted and hmac.compare_digest(given.encode(), wanted.encode()):
        return True
    if any(request.headers.get(name) for name in _RELAYED):
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


class _Waiting(Collector):
    """What waits in the tables now; with the database away, only that it is."""

    def collect(self) -> Iterator[Metric]:
        """The families of figures."""
        found: list[Metric] = []
        with suppress(Error, DatabaseProblem, OSError), seeing_everything("rows are counted by state, none is shown"):
            found = [_jobs(), _messages(), _contributions()]
        yield GaugeMetricFamily("maillage_database_up", "Whether the tables can be read", value=1 if found else 0)
        yield from found


def _jobs() -> Metric:
    family = GaugeMetricFamily("maillage_jobs", "Jobs of the worker, by state", labels=["state"])
    query = "SELECT status::text, count(*) FROM procrastinate_jobs WHERE status = ANY(%s) GROUP BY 1"
    return _filled(family, query, "procrastinate_job_status[]", ("todo", "doing", "failed"))


def _messages() -> Metric:
    family = GaugeMetricFamily("maillage_outbound_messages", "Mails and SMS not sent, by state", labels=["state"])
    query = "SELECT state, count(*) FROM channels_outboundmessage WHERE state = ANY(%s) GROUP BY 1"
    return _filled(family, query, "text[]", ("waiting", "failed"))


def _filled(family: GaugeMetricFamily, query: str, kind: str, states: tuple[str, ...]) -> Metric:
    """Each state has its figure, zero included: an alarm must see it come back to zero."""
    with connection.cursor() as cursor:
        cursor.execute(query.replace("%s", f"%s::{kind}"), [list(states)])
        found = dict(cursor.fetchall())
    for state in states:
        family.add_metric([state], found.get(state, 0))
    return family


def _contributions() -> Metric:
    """Every moderated table, whatever rooms are installed."""
    family = GaugeMetricFamily("maillage_waiting_contributions", "What awaits a moderator", labels=["of", "state"])
    for model in apps.get_models():
        if issubclass(model, Moderated):
            for state in WAITING:
                count = model._default_manager.filter(state=state).count()  # noqa: SLF001 - Django's public name for it
                family.add_metric([model._meta.label_lower, state.value], count)  # noqa: SLF001 - the same
    return family
