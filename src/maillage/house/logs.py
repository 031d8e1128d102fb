"""What the processes write about themselves: lines of JSON with MAILLAGE_LOG_FORMAT=json, lines of text otherwise.

No line of a request tells who asked or what for: neither address, nor session, nor query string, nor the path itself,
which can hold a follow-up code; it is told by the name of the page. Lines of JSON leave out the messages of exceptions
too: PostgreSQL's quote the row that was refused.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from django.http import HttpRequest

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
REQUESTS = "maillage.requests"
_PACKAGE = Path(__file__).resolve().parent.parent.parent


def logging_settings(env: Mapping[str, str]) -> dict[str, object]:
    """LOGGING for Django, on standard error."""
    form = "json" if env.get("MAILLAGE_LOG_FORMAT", "text").lower() == "json" else "text"
    level = env.get("MAILLAGE_LOG_LEVEL", "WARNING").upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "maillage.house.logs.JsonLines"},
            "text": {"format": "%(levelname)s %(name)s: %(message)s"},
        },
        "filters": {"discreet": {"()": "maillage.house.logs.Discreet"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["discreet"]}},
        "root": {"handlers": ["console"], "level": level},
        # One line a request, in JSON only; MAILLAGE_LOG_REQUESTS=0 leaves them to the proxy.
        "loggers": {
            REQUESTS: {"level": "INFO" if form == "json" and env.get("MAILLAGE_LOG_REQUESTS", "1") != "0" else level},
            # Django's own set-up gives these a handler that would write each line a second time, with the path.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        },
    }


def page_of(request: HttpRequest) -> str:
    """The name of the page that was asked for: what may be written and counted, where the address may not."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return str(match.view_name or match.route or "unnamed")
    from django.conf import settings

    return "static" if request.path.startswith(settings.STATIC_URL) else "unmatched"


class Discreet(logging.Filter):
    """Puts the page's name where Django writes the address that was asked for, and the task's where its arguments stand."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the line; lets every line through."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            told = {request.path, request.path_info, request.get_full_path()}
            told |= {_escaped(one) for one in told}
            record.args = tuple(page_of(request) if one in told else one for one in record.args)
        elif record.name.startswith("procrastinate"):
            _name_the_task(record)
        return True


def _escaped(text: str) -> str:
    """As Django writes what a visitor sent: an accent or a long dash in an address changes the whole of it."""
    return text.encode("unicode_escape").decode("ascii")


def _name_the_task(record: logging.LogRecord) -> None:
    job = getattr(record, "job", None)
    if isinstance(job, dict):
        action = getattr(record, "action", "job")
        record.msg, record.args = "%s: %s [%s]", (action, job.get("task_name"), job.get("id"))


class JsonLines(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        if isinstance(fields := getattr(record, "fields", None), dict):
            line |= fields
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _told(fault: BaseException) -> list[dict[str, object]]:
    """An exception and what caused it: kinds and places, no message."""
    found: list[dict[str, object]] = []
    one: BaseException | None = fault
    while one is not None and len(found) < 5:
        found.append({"kind": f"{type(one).__module__}.{type(one).__qualname__}", "at": _places(one.__traceback__)})
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found


def _places(trace: TracebackType | None) -> list[str]:
    """Where it passed in our own code, and its last steps in the libraries'."""
    frames = traceback.extract_tb(trace)
    return [_place(frame) for frame in [*filter(_is_ours, frames[:-3]), *frames[-3:]][-20:]]


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return "site-packages" not in frame.filename


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    shown = path.relative_to(_PACKAGE) if path.is_relative_to(_PACKAGE) else Path(*path.parts[-3:])
    return f"{shown}:{frame.lineno} {frame.name}"
