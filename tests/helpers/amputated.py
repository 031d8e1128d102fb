"""Opens the pages that remain when a room is taken away: `python -m tests.helpers.amputated maillage.rooms.atlas`.

Run as a process of its own, since settings are read once. Prints one line a fault; exit code 1 when there is any.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType

CLOSED = frozenset({"api:api-root", "atlas:voices"})


def main(room: str) -> int:
    """Checks, plans the migrations and opens every page without argument."""
    settings = _settings_without(room)
    sys.modules[settings.__name__] = settings
    os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__
    import django

    django.setup()
    faults = [*_checks(), *_migrations(room), *_pages()]
    print("\n".join(faults))
    return 1 if faults else 0


def _settings_without(room: str) -> ModuleType:
    import tests.settings as whole

    settings = ModuleType("tests.settings_amputated")
    values = {name: getattr(whole, name) for name in dir(whole) if name.isupper()}
    assert room in values["ROOMS"], f"{room} is not among ROOMS"
    values |= {name: [one for one in values[name] if one != room] for name in ("ROOMS", "INSTALLED_APPS")}
    settings.__dict__.update(values)
    return settings


def _checks() -> list[str]:
    from django.core import checks

    return [f"check: {message}" for message in checks.run_checks() if message.level >= checks.WARNING]


def _migrations(room: str) -> list[str]:
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    label = room.rsplit(".", 1)[1]
    plan = [node for leaf in loader.graph.leaf_nodes() for node in loader.graph.forwards_plan(leaf)]
    return [f"migrations: {node} needs {label}" for node in plan if node[0] == label]


def _pages() -> list[str]:
    from django.test import Client
    from django.urls import reverse
    from django.urls.exceptions import NoReverseMatch

    from tests.house.test_permissions import url_names

    faults, opened = [], 0
    for name in url_names():
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        answer = Client().get(address)
        opened += 1
        # 405 and 422: the address waits for another method or for parameters; the interface has no page at its root; voices
        # are asked for only where the operator opened them.
        if answer.status_code >= 400 and answer.status_code not in {405, 422} and name not in CLOSED:
            faults.append(f"page: {address} answers {answer.status_code}")
    return faults if opened > 8 else [*faults, f"only {opened} pages were opened"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
