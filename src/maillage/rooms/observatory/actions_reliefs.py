"""Writes of the reliefs: what was searched, and which value is in which group. Each leaves a past and a journal line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.journal.actions import record
from maillage.core.people.models import Person, Role
from maillage.core.people.queries import holds_somewhere
from maillage.core.web import glossary
from maillage.rooms.observatory.models_reliefs import Coverage, CoverageState, ReliefRule, ReliefRuleChange
from maillage.rooms.observatory.permissions import may_load_indicators
from maillage.rooms.observatory.queries_reliefs import rules_in_force, search_of
from maillage.rooms.observatory.reliefs.coverage import PLAIN_FIELDS, Search, Sought
from maillage.rooms.observatory.reliefs.dimensions import GROUPS
from maillage.rooms.observatory.reliefs.rules import defaults

SEARCHES = Path(__file__).parent / "reliefs" / "searches.yaml"


def load_reliefs() -> str:
    """The seed: the searches of the study. Idempotent; a record that somebody changed here is left alone."""
    kept = new = 0
    with transaction.atomic():
        for search in shipped_searches():
            row = Coverage.objects.filter(code=search.code).first()
            if row is not None and (row.is_edited or search_of(row) == search):
                kept += 1
                continue
            _write(row or Coverage(code=search.code), search, who="seed", reason="")
            new += 1
        if new:
            record(action="observatory.coverage_loaded", subject="coverage:seed", details={"rows": new})
    return f"{new} recherches inscrites ou mises à jour, {kept} inchangées"


@cache
def shipped_searches() -> tuple[Search, ...]:
    """The searches of the file, with "all" written out; raises KeyError or ValueError on a fault."""
    rows = yaml.safe_load(SEARCHES.read_text(encoding="utf-8"))
    return tuple(_search_in(row) for row in rows)


def _search_in(row: Mapping[str, Any]) -> Search:
    dimensions = {
        code: Sought(one["basis"], _values_in(code, one["values"], one.get("but", ())))
        for code, one in row["dimensions"].items()
    }
    plain = {name: value for name, value in row.items() if name not in {"dimensions", "how", "limits"}}
    lists = {name: tuple(row[name]) for name in ("territories", "excluded", "pages")}
    texts = {name: row[name].strip() for name in ("how", "limits")}
    return Search(**(plain | lists | texts), dimensions=dimensions)


def _values_in(code: str, values: object, but: object) -> tuple[str, ...]:
    every = tuple(glossary.labels(code, "fr")) if values == "all" else tuple(values)  # type: ignore[arg-type]
    left_out = set(but)  # type: ignore[call-overload]
    return tuple(value for value in every if value not in left_out)


def save_coverage(*, by: Person, search: Search, reason: str, coverage_id: int | None = None) -> Coverage:
    """Adds a record, or changes one; its past states stay. Raises Refused, Missing, Invalid where nothing changes."""
    _only_loaders(by)
    with transaction.atomic():
        row = _row_to_change(coverage_id, search)
        if row.pk and search_of(row) == search:
            raise Invalid(_("Rien n’a changé : il n’y a rien à enregistrer."))
        row.is_edited = True
        _write(row, search, who=role_of(by), reason=reason)
        details = {"version": row.version, "is_new": coverage_id is None}
        record(action="observatory.coverage_saved", subject=f"coverage:{row.code}", actor=by, details=details)
    return row


def _row_to_change(coverage_id: int | None, search: Search) -> Coverage:
    if coverage_id is None:
        return Coverage(code=_free_code(search.title), version=0)
    row = Coverage.objects.select_for_update().filter(pk=coverage_id).first()
    if row is None:
        raise Missing(f"coverage {coverage_id}")
    return row


def _free_code(title: str) -> str:
    start = slugify(title)[:50].strip("-") or "recherche"
    taken = set(Coverage.objects.filter(code__startswith=start).values_list("code", flat=True))
    return next(code for code in (start, *(f"{start}-{number}" for number in range(2, 10_000))) if code not in taken)


def _write(row: Coverage, search: Search, *, who: str, reason: str) -> None:
    for name in PLAIN_FIELDS:
        setattr(row, name, getattr(search, name))
    row.territories, row.excluded, row.pages = list(search.territories), list(search.excluded), list(search.pages)
    row.dimensions = {
        code: {"basis": one.basis, "values": list(one.values)} for code, one in sorted(search.dimensions.items())
    }
    row.version = row.version + 1 if row.pk or row.version == 0 else 1
    row.save()
    _keep_state(row, who=who, reason=reason)


def _keep_state(row: Coverage, *, who: str, reason: str) -> None:
    snapshot = asdict(search_of(row)) | {"is_in_force": row.is_in_force}
    CoverageState.objects.create(coverage=row, number=row.version, who=who, reason=reason[:300], snapshot=snapshot)


def set_coverage_in_force(*, by: Person, coverage_id: int, is_in_force: bool, reason: str) -> Coverage:
    """Takes a record out of what counts, or puts it back; nothing is deleted. Raises Refused, Missing."""
    _only_loaders(by)
    with transaction.atomic():
        row = Coverage.objects.select_for_update().filter(pk=coverage_id).first()
        if row is None:
            raise Missing(f"coverage {coverage_id}")
        if row.is_in_force != is_in_force:
            row.is_in_force, row.is_edited, row.version = is_in_force, True, row.version + 1
            row.save()
            _keep_state(row, who=role_of(by), reason=reason)
            details = {"version": row.version, "is_in_force": is_in_force}
            record(action="observatory.coverage_in_force", subject=f"coverage:{row.code}", actor=by, details=details)
    return row


def change_rules(*, by: Person, grouping: str, groups: Mapping[str, str], reason: str) -> int:
    """Moves values to other groups, all at once; returns how many moved. `groups` is value → group, "" for none.

    Raises Refused, Missing for an unknown grouping, Invalid for an unknown value or group, or when nothing moves.
    """
    _only_loaders(by)
    if grouping not in GROUPS:
        raise Missing(f"grouping {grouping}")
    with transaction.atomic():
        now = {one.value: one.group for one in rules_in_force()[grouping]}
        if set(groups) - set(now) or set(groups.values()) - {"", *GROUPS[grouping]}:
            raise Invalid(_("Ce classement n’existe pas."))
        moves = {value: group for value, group in groups.items() if group != now[value]}
        if not moves:
            raise Invalid(_("Rien n’a changé : il n’y a rien à enregistrer."))
        version = _next_version()
        for value, group in moves.items():
            _move(grouping, value, group)
            ReliefRuleChange.objects.create(
                version=version, grouping=grouping, value=value, before=now[value], after=group, who=role_of(by),
                reason=reason[:300],
            )  # fmt: skip
        details = {"version": version, "moved": len(moves)}
        record(action="observatory.rules_changed", subject=f"rules:{grouping}", actor=by, details=details)
    return len(moves)


def reset_rules(*, by: Person, grouping: str, reason: str) -> int:
    """Puts every value of a grouping back where rules.yaml has it; as `change_rules`."""
    if grouping not in GROUPS:
        raise Missing(f"grouping {grouping}")
    back = {one.value: one.default for one in rules_in_force()[grouping]}
    return change_rules(by=by, grouping=grouping, groups=back, reason=reason)


def _move(grouping: str, value: str, group: str) -> None:
    if group == defaults()[grouping].get(value, ""):
        ReliefRule.objects.filter(grouping=grouping, value=value).delete()
    else:
        ReliefRule.objects.update_or_create(grouping=grouping, value=value, defaults={"group": group})


def _next_version() -> int:
    last = ReliefRuleChange.objects.order_by("-version").values_list("version", flat=True).first()
    return (last or 0) + 1


def _only_loaders(by: Person) -> None:
    if not may_load_indicators(by):
        raise Refused(_("Cette page est réservée aux personnes qui modèrent."))


def role_of(person: Person) -> str:
    """The highest role of a person, for what is shown in public: never a name."""
    return next(
        (role for role in (Role.OPERATOR, Role.MANAGER, Role.MODERATOR) if holds_somewhere(person, (role,))), ""
    )
