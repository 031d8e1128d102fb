"""Work done once the reader has the answer, so that the time it takes tells them nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpResponse

LOG = logging.getLogger(__name__)


def after_answer(response: HttpResponse, *work: Callable[[], None]) -> HttpResponse:
    """The answer, with what is done when the server closes it: granian sends it whole before (tests/house/test_serving.py).

    For what may be asked again: a process that is killed in between does not do it.
    """
    response._resource_closers += [_told(one) for one in work]  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def _told(work: Callable[[], None]) -> Callable[[], None]:
    """A failure is written: Django forgets those of closing, and the reader has gone."""

    def closing() -> None:
        try:
            work()
        except Exception:
            LOG.exception("what was left for after an answer failed")

    return closing
