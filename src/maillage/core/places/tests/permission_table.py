"""Who gets what from the addresses of core/places: (person, method, url name, arguments, status)."""

from __future__ import annotations

PERSONS = ("nobody", "resident", "helper", "moderator", "moderator_elsewhere", "operator")

_FOR_ALL = [
    ("GET", "places:list", (), 200),
    ("POST", "places:list", (), 405),
    ("GET", "places:export", (), 200),
    ("POST", "places:export", (), 405),
    ("GET", "places:tile", (8, 131, 91), 200),
    ("POST", "places:tile", (8, 131, 91), 405),
    ("GET", "places:sheet", ("commune", "unknown"), 404),
    ("POST", "places:sheet", ("commune", "unknown"), 405),
]
PERMISSIONS = [(person, *row) for person in PERSONS for row in _FOR_ALL]
