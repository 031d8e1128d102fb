"""`maillage upgrade-database`: the private PostgreSQL passes from one major version to another through a backup.

The new wheel's programs cannot read the old data. The backup is made with the old version of the application, which still
has its programs; here the old data are laid aside, new ones are made and filled, and the old come back if that fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from maillage.house.backup_archive import checked
from maillage.house.database import home_from
from maillage.house.postgres_account import WHEEL, locked
from maillage.house.postgres_place import Place, place_of
from maillage.house.private_postgres import stop
from maillage.house.restore import Wishes, restore
from maillage.house.terminal import OK, Failure, Progress, say, step, tell


def upgrade(archive: Path, *, sure: bool = False) -> int:
    """Makes new data of this version from a backup; exit code 3 when the journal that was saved is not intact."""
    if os.environ.get("DATABASE_URL"):
        raise Failure(
            "DATABASE_URL names a server that is not ours: upgrade it by its own means (on Debian, pg_upgradecluster)."
        )
    place = place_of(home_from(os.environ))
    old, new = version_of_data(place), version(WHEEL).split(".")[0]
    if old is None:
        raise Failure(f"There is no private database in {place.base}: `maillage restore` makes one from a backup.")
    if old == new:
        say(f"The private database is of PostgreSQL {new} already: nothing to do.")
        return OK
    with step("Checking the backup"):
        manifest = checked(archive.expanduser().resolve(), Progress("MB read"))
    say(manifest.described())
    _confirm(place, old, new, manifest.made_at, sure=sure)
    stop(place.home)
    with _laid_aside(place, old) as kept:
        code = restore(archive, Wishes(replace=True))
    say(f"PostgreSQL {old} → {new}: done. The old data are kept in {kept}: delete them once you are content.")
    return code


def version_of_data(place: Place) -> str | None:
    """The major version that made the data, None where there are none."""
    return (place.data / "PG_VERSION").read_text(encoding="ascii").strip() if place.is_made() else None


def _confirm(place: Place, old: str, new: str, made_at: str, *, sure: bool) -> None:
    tell(
        f"The data in {place.data} are of PostgreSQL {old}; new ones, of {new}, will hold what was saved at {made_at}."
    )
    tell("What was written after that instant will be in the old data only.")
    if sure:
        return
    if not sys.stdin.isatty():
        raise Failure("Nobody can be asked here: give --yes to confirm. Nothing was touched.")
    if input("Go on? [yes/no] ").strip().lower() not in {"yes", "y", "oui", "o"}:
        raise Failure("Nothing was touched.")


@contextmanager
def _laid_aside(place: Place, old: str) -> Iterator[Path]:
    """The old data under another name for the length of a block; they come back if it fails."""
    kept = place.base / f"data-{old}-{datetime.now(UTC):%Y%m%d%H%M%S}"
    with locked(place.starting):
        place.data.rename(kept)
        place.ready.unlink(missing_ok=True)
    try:
        yield kept
    except BaseException:
        stop(place.home)
        with locked(place.starting):
            failed = place.data.with_name(f"data-failed-{datetime.now(UTC):%Y%m%d%H%M%S}")
            if place.data.exists():
                place.data.rename(failed)
            kept.rename(place.data)
            place.ready.write_text("1\n", encoding="utf-8")
        raise
