"""Who gets what from the addresses of core/people: (person, method, url name, arguments, status)."""

from __future__ import annotations

PERSONS = ("nobody", "resident", "helper", "moderator", "moderator_elsewhere", "operator")

_FOR_ALL = [
    ("GET", "people:sign_in", (), 200),
    ("POST", "people:sign_in", (), 422),
    ("GET", "people:sign_in_code", ("unknown",), 200),
    ("POST", "people:sign_in_code", ("unknown",), 422),
    ("GET", "people:sign_in_link", ("unknown",), 200),
    ("POST", "people:sign_in_link", ("unknown",), 422),
    ("GET", "people:sign_out", (), 405),
    ("POST", "people:sign_out", (), 302),
    ("GET", "people:signed_out", (), 200),
]
PERMISSIONS = [(person, *row) for person in PERSONS for row in _FOR_ALL]
