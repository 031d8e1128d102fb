"""The image that a release keeps of itself, and how it is made and read.

A folder for each release: `database.tar.gz`, one of our own backups with the rows of every table, made on PostgreSQL 15,
the oldest served, so that every later one restores it; `migrations.sha256`, the files of migrations and their digests.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tempfile
import tomllib
from pathlib import Path

from maillage.house.backup_archive import checked
from tests.helpers import server_postgres
from tests.helpers.installations import Installation

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
SOURCES = ROOT / "src"
IMAGE, DIGESTS = "database.tar.gz", "migrations.sha256"

FILLING = """
    import sys
    from pathlib import Path
    sys.path.insert(0, {root!r})
    from tests.releases.rows import fill
    fill(Path({folder!r}))
"""
# Tables that a life of the installation leaves empty, and why.
EMPTY = {
    "auth_group": "roles are memberships: nothing uses Django's groups",
    "auth_group_permissions": "likewise",
    "procrastinate_workers": "a worker takes its own row away when it leaves",
}
# Sessions and codes are left out of backups; here they are wanted, and they are nobody's.
SAVING = """
    from pathlib import Path
    from maillage.house import backup
    backup.WITHOUT_ROWS = ()
    backup.back_up(Path({target!r}))
"""


def releases() -> list[str]:
    """The releases that left an image, the oldest first."""
    found = [path.parent.name for path in FOLDER.glob(f"*/{DIGESTS}")]
    return sorted(found, key=lambda name: [int(part) for part in name.split(".")])


def unpacked(release: str, folder: Path) -> Path:
    """The backup of a release, as `maillage restore` takes it."""
    target = folder / f"{release}.tar"
    with gzip.open(FOLDER / release / IMAGE) as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return target


def migrations_now() -> dict[str, str]:
    """Each file of migrations of ours, from src, and the SHA-256 of what it says."""
    paths = sorted(SOURCES.glob("maillage/**/migrations/[0-9]*"))
    return {
        path.relative_to(SOURCES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file()
    }


def migrations_of(release: str) -> dict[str, str]:
    """The same, as the release had them."""
    lines = (FOLDER / release / DIGESTS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def faults_of(recorded: dict[str, str], now: dict[str, str]) -> list[str]:
    """What was done to migrations that a release recorded, with what to do instead."""
    instead = "installations of that release have run it: put it back as it was, and say the change in a new migration"
    gone = [f"{name} is gone; {instead}" for name in recorded if name not in now]
    return gone + [
        f"{name} was changed; {instead}" for name, digest in recorded.items() if now.get(name, digest) != digest
    ]


def cut() -> Path:
    """Writes the image of the version that pyproject.toml names; leaves with what is amiss. Returns its folder."""
    version = str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    target = FOLDER / version
    if target.exists():
        raise SystemExit(f"{target.relative_to(ROOT)} exists: a release is cut once. Raise the version first.")
    if not re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE):
        raise SystemExit(f"CHANGELOG.md says nothing of {version}: write it first.")
    server_postgres.install()
    draft = Path(tempfile.mkdtemp(prefix=".cutting-", dir=FOLDER))
    try:
        with server_postgres.cluster() as (url, folder):
            _save(_lived(url, folder), folder, draft / IMAGE)
        listed = "".join(f"{digest}  {name}\n" for name, digest in migrations_now().items())
        (draft / DIGESTS).write_text(listed, encoding="utf-8")
        draft.chmod(0o755)
        return draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _lived(url: str, folder: Path) -> Installation:
    """An installation whose tables all hold something."""
    installation = Installation(folder / "home", {"DATABASE_URL": url, "MAILLAGE_SECRET_KEY": "of no installation"})
    given = folder / "given"
    given.mkdir()
    for done in (
        installation.maillage("prepare"),
        installation.python(FILLING.format(root=str(ROOT), folder=str(given))),
    ):
        if done.code:
            raise SystemExit(done.said)
    return installation


def _save(installation: Installation, folder: Path, target: Path) -> None:
    archive = folder / "image.tar"
    done = installation.python(SAVING.format(target=str(archive)))
    if done.code:
        raise SystemExit(done.said)
    lacking = [table for table, count in checked(archive).rows.items() if not count and table not in EMPTY]
    if lacking:
        raise SystemExit(f"tests/releases/rows.py puts nothing in {', '.join(lacking)}.")
    with archive.open("rb") as file, target.open("wb") as made, gzip.GzipFile("", "wb", 9, made, mtime=0) as packed:
        shutil.copyfileobj(file, packed)
    target.chmod(0o644)
