"""Permissions of the reliefs; part of `permission_table.py`. Anyone reads; those who load indicators change."""

from __future__ import annotations

from typing import Any

from maillage.rooms.observatory.actions_reliefs import load_reliefs
from maillage.rooms.observatory.models_reliefs import Coverage
from tests.helpers.permissions import Row, asked, sent

SHEET = {"file_format": "csv"}
ROW = {"coverage_id": "$coverage"}


def samples() -> dict[str, object]:
    """The searches of the study."""
    load_reliefs()
    return {"coverage": Coverage.objects.get(code="etude-2018-local").pk}


def _kept(method: str, name: str, allowed: int, **rest: Any) -> list[Row]:
    statuses = {"nobody": 302, "resident": 403, "helper": 403, "moderator": allowed, "moderator_elsewhere": allowed}
    return (asked if method == "GET" else sent)(f"observatory:{name}", **rest, **statuses, operator=allowed)


ROWS = [
    *asked("observatory:reliefs", everybody=200),
    *asked("observatory:relief_file", SHEET, everybody=200),
    *asked("observatory:relief_entries", everybody=200),
    *asked("observatory:relief_entries_file", SHEET, everybody=200),
    *asked("observatory:relief_needs", everybody=200),
    *asked("observatory:relief_needs_file", SHEET, everybody=200),
    *asked("observatory:relief_compare", everybody=200),
    *asked("observatory:relief_compare_file", SHEET, everybody=200),
    *asked("observatory:conclusions", everybody=200),
    *asked("observatory:conclusions_file", SHEET, everybody=200),
    *asked("observatory:conclusions_file", {"file_format": "pdf"}, nobody=404),
    *asked("observatory:relief_searches", everybody=200),
    *asked("observatory:relief_searches_file", SHEET, everybody=200),
    *asked("observatory:relief_rules", everybody=200),
    *asked("observatory:relief_rules_file", SHEET, everybody=200),
    *_kept("GET", "relief_search_add", 200),
    *_kept("POST", "relief_search_add", 422),
    *_kept("GET", "relief_search_edit", 200, kwargs=ROW),
    *_kept("POST", "relief_search_edit", 422, kwargs=ROW),
    *asked("observatory:relief_search_edit", {"coverage_id": 0}, operator=404),
    *_kept("POST", "relief_search_in_force", 302, kwargs=ROW, data={"sortie-reason": "essai", "compte": "non"}),
    *sent("observatory:relief_rules", None, {"classement": "reach"}, nobody=403, resident=403, helper=403),
    *sent("observatory:relief_rules", None, {"classement": "reach"}, moderator=422, operator=422),
    *sent("observatory:relief_rules", None, {"classement": "nothing"}, operator=404),
]
