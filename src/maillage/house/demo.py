"""The demo: an installation made from nothing, filled with what the rooms ship, and served."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from maillage.house import serving
from maillage.house.compiled import compiling
from maillage.house.database import home_from
from maillage.house.terminal import OK, Failure, say, step, tell

MODERATOR_NAME, MODERATOR_EMAIL = "Modération de la démonstration", "moderation@demonstration.invalid"
CONTOURS = ("qpv/qpv2024_metropole_lyon_extrait.geojson",)


def run(options: argparse.Namespace, *, real: bool) -> int:
    """Prepares, loads, and serves unless --no-serve was given."""
    if options.reset:
        _forget_everything()
    listening = None if options.no_serve else serving.listening_from(options)
    if listening:
        # Read by settings: the addresses in messages and links are those of this server.
        os.environ.setdefault("MAILLAGE_ADDRESS", listening.address)
    os.environ.setdefault("MAILLAGE_DEMO", "1")
    with compiling():
        serving.prepare_all_but_loops()
        _load_seeds()
        if real:
            _load_real_files()
    if listening is None:
        return OK
    say(f"To moderate, open once within 15 minutes: {_moderator_link()}")
    _close_connections()
    return serving.serve(listening, with_worker=True, greeting="Open")


def _forget_everything() -> None:
    """Deletes the private database and what goes with it; a server given by DATABASE_URL is never touched."""
    if os.environ.get("DATABASE_URL"):
        raise Failure(
            "--reset deletes only the private database, and DATABASE_URL names another: empty that one yourself."
        )
    from maillage.house.private_postgres import remove

    home = home_from(os.environ)
    with step("Deleting the private database and its files"):
        remove(home)
        for name in ("outbox", "files", "static"):
            shutil.rmtree(home / name, ignore_errors=True)


def _load_seeds() -> None:
    """What each manifest ships, core's first: each load is idempotent."""
    from maillage.core.rooms import resolve, rooms

    for room in rooms():
        for seed in room.seeds:
            with step(f"{room.code}: {seed.label}"):
                tell(f"  {resolve(seed.load)()}")


def _load_real_files() -> None:
    from maillage.house.records import intake_territories

    checkout = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("MAILLAGE_DATA") or checkout.parent / "shared" / "data")
    if not folder.is_dir():
        raise Failure(f"The real files are not at {folder}: set MAILLAGE_DATA to their folder.")
    for name in CONTOURS:
        intake_territories(str(folder / name), {"kind": "qpv"})


def _moderator_link() -> str:
    from maillage.core.people.actions import add_person, sign_in_link

    person = add_person(MODERATOR_NAME, email=MODERATOR_EMAIL, role="moderator")
    return sign_in_link(person, "/atlas/bureau/")


def _close_connections() -> None:
    """The server's processes open their own."""
    from django.db import connections

    connections.close_all()
