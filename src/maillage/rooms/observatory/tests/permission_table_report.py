"""Permissions of the report; part of `permission_table.py`. Anyone reads."""

from __future__ import annotations

from tests.helpers.permissions import asked

_HERE, _NOWHERE = {"kind": "commune", "code": "69001"}, {"kind": "commune", "code": "00000"}

ROWS = [
    *asked("observatory:report_html", _HERE, everybody=200),
    *asked("observatory:report_html", _NOWHERE, everybody=404),
    *asked("observatory:report_pdf", _HERE, nobody=200, resident=200, operator=200),
    *asked("observatory:report_pdf", _NOWHERE, everybody=404),
]
