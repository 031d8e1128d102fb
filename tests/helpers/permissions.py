"""Permission tables: who may open or send what, one line a case, read by tests/house/test_permissions.py.

Each application has `tests/permission_table.py` with

    SAMPLES = a function that makes rows and returns what the addresses need, by name
    ROWS = [*asked("atlas:desk", nobody=302, resident=403, moderator=200), *sent("atlas:desk_take", …)]

`resident` has an account and no role; `moderator_elsewhere` moderates in one commune only, `manager_here` manages
in another; `alice` and `bob` are other
names of `resident` and `helper`. A table of plain tuples (person, method, url name, positional arguments, status) named
PERMISSIONS is read too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

ELSEWHERE = "commune:69091"
HERE = "commune:69259"
# Name → role and territory; no role is an account without any.
ROLES = {
    "resident": ("", ""),
    "helper": ("helper", ""),
    "moderator": ("moderator", ""),
    "moderator_elsewhere": ("moderator", ELSEWHERE),
    "manager_here": ("manager", HERE),
    "operator": ("operator", ""),
}
OTHER_NAMES = {"alice": "resident", "bob": "helper"}
EVERYBODY = ("nobody", *ROLES)


@dataclass(frozen=True)
class Row:
    """One case. Values of `kwargs`, `query` and `data` that begin with "$" are names of samples."""

    who: str
    method: str
    url_name: str
    status: int
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    args: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.who} {self.method} {self.url_name}{self.query} → {self.status}"


def asked(url_name: str, kwargs: Mapping[str, Any] | None = None, query: str = "", **statuses: int) -> list[Row]:
    """GET by each person named; `everybody=200` for all of them."""
    return list(_rows("GET", url_name, statuses, kwargs=kwargs or {}, query=query))


def sent(
    url_name: str, kwargs: Mapping[str, Any] | None = None, data: Mapping[str, Any] | None = None, **statuses: int
) -> list[Row]:
    """POST by each person named; `everybody=200` for all of them."""
    return list(_rows("POST", url_name, statuses, kwargs=kwargs or {}, data=data or {}))


def _rows(method: str, url_name: str, statuses: dict[str, int], **rest: Any) -> Iterator[Row]:
    everybody = statuses.pop("everybody", None)
    statuses = {OTHER_NAMES.get(who, who): status for who, status in statuses.items()}
    unknown = set(statuses) - set(EVERYBODY)
    assert not unknown, f"nobody is called {unknown}"
    if everybody is not None:
        statuses = dict.fromkeys(EVERYBODY, everybody) | statuses
    for who, status in statuses.items():
        yield Row(who, method, url_name, status, **rest)


def rows_of(table: ModuleType) -> list[Row]:
    """The lines of a table, in either form."""
    if hasattr(table, "ROWS"):
        return list(table.ROWS)
    return [Row(who, method, name, status, args=args) for who, method, name, args, status in table.PERMISSIONS]


def filled(value: Any, samples: Mapping[str, Any]) -> Any:
    """A value with "$name" replaced by the sample of that name."""
    if isinstance(value, str) and value.startswith("$"):
        return samples[value[1:]]
    return value
