"""`maillage doctor`: looks at everything that must be right, and says how to mend what is not."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import django

from maillage.house.database import check_server, home_from
from maillage.house.terminal import OK, TO_MEND, say

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader

SPACE_MB = 500
NOT_FILLED_IN = (
    "OPERATOR_NAME",
    "OPERATOR_ADDRESS",
    "OPERATOR_PHONE",
    "OPERATOR_EMAIL",
    "PUBLICATION_DIRECTOR",
    "HOST_NAME",
)
WHEELS = "granian", "numba", "psycopg", "shapely", "typst"


@dataclass(frozen=True)
class Finding:
    """What was looked at; `remedy` is empty when it is well. A remark is no reason to fail."""

    label: str
    remedy: str = ""
    is_remark: bool = False


def run() -> int:
    """Prints every finding; exit code 3 when there is something to mend."""
    findings = list(look())
    for one in findings:
        mark = "✓" if not one.remedy else "·" if one.is_remark else "✗"
        say(f"{mark} {one.label}" + (f": {one.remedy}" if one.remedy else ""))
    faults = sum(1 for one in findings if one.remedy and not one.is_remark)
    say(f"{faults} to mend" if faults else "All is well.")
    return TO_MEND if faults else OK


def look() -> Iterator[Finding]:
    """Every finding, from the ground up; what stands on something broken is not looked at."""
    home = home_from(os.environ)
    on_the_ground = list(_home(home))
    yield from on_the_ground
    if not home.exists() and any(one.remedy for one in on_the_ground):
        return
    yield from _libraries()
    problems = check_server(os.environ, home)
    where = "DATABASE_URL" if os.environ.get("DATABASE_URL") else "the private server"
    yield from (Finding("database", problem) for problem in problems)
    if not problems:
        yield Finding(f"database: version, roles and extensions ({where})")
    django.setup()
    yield from _configuration()
    if not problems:
        yield _migrations()
    for check in (_static, _fonts, _catalogues, _gateways):
        yield check()
    yield from _mail_server()


def _home(home: Path) -> Iterator[Finding]:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free // 1_000_000
    yield Finding(
        f"disk: {free:,} MB free for {home}",
        "" if free >= SPACE_MB else f"less than {SPACE_MB} MB: free some, or set MAILLAGE_HOME to a larger disk.",
    )
    yield Finding("home folder", _unwritable(home, existing))
    for name in ("secret_key", "database-roles.json"):
        yield _secret(home / name)


def _unwritable(home: Path, existing: Path) -> str:
    if os.access(existing, os.W_OK | os.X_OK):
        return ""
    if existing != home:
        return f"{home} is not there, and {existing} is not writable: make the folder for this account (guide, step 2)."
    return f"{existing} is not writable: mend its owner, or set MAILLAGE_HOME."


def _secret(path: Path) -> Finding:
    if not path.exists():
        return Finding(f"{path.name}: not made yet")
    is_open = bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    return Finding(
        f"{path.name}: readable by its owner only", f"others may read it: chmod 600 {path}" if is_open else ""
    )


def _libraries() -> Iterator[Finding]:
    for name in WHEELS:
        try:
            version(name)
        except PackageNotFoundError:
            yield Finding(f"library {name}", "not installed: pip install --require-hashes -r requirements.lock")


def _configuration() -> Iterator[Finding]:
    from django.conf import settings
    from django.core import checks

    try:
        faults = [message for message in checks.run_checks() if message.level >= checks.ERROR]
    except ImportError as fault:
        yield Finding("configuration", f"a part of the application cannot be loaded ({fault}): install it again.")
        return
    yield from (Finding(f"configuration {fault.id}", fault.msg) for fault in faults)
    if not faults:
        yield Finding("configuration: settings and manifests")
    is_public = not settings.SITE_ADDRESS.startswith(("http://127.", "http://localhost"))
    if is_public and not settings.HTTPS:
        yield Finding("MAILLAGE_ADDRESS", "a public address should begin with https://, or sign-in travels in clear.")
    missing = [f"MAILLAGE_{name}" for name in NOT_FILLED_IN if not getattr(settings, name)]
    if missing:
        remedy = f"the legal pages say that it is not filled in: set {', '.join(missing)}."
        yield Finding("operator", remedy, is_remark=not is_public)


def _migrations() -> Finding:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["owner"])
    if waiting := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
        return Finding("tables up to date", f"{waiting} migrations wait: run `maillage prepare`.")
    if newer := _newer(executor.loader):
        remedy = (
            f"made by a newer version ({', '.join(newer)}): take that version again, or restore the backup made before."
        )
        return Finding("tables up to date", remedy)
    if missing := _missing_tables():
        return Finding("tables", f"gone from the database: {', '.join(missing)}. Restore a backup (maillage restore).")
    return Finding("tables up to date")


def _newer(loader: MigrationLoader) -> list[str]:
    """What was applied and is unknown to this version of the code, in the parts of the application that it has."""
    known = set(loader.disk_migrations)
    known |= {old for one in loader.disk_migrations.values() for old in one.replaces}
    apps = {app for app, _name in known}
    return sorted(f"{app}.{name}" for app, name in set(loader.applied_migrations) - known if app in apps)


def _missing_tables() -> list[str]:
    from django.apps import apps
    from django.db import connections

    wanted = {one._meta.db_table for one in apps.get_models() if one._meta.managed}  # noqa: SLF001 - Django's public name
    with connections["owner"].cursor() as cursor:
        return sorted(wanted - set(connections["owner"].introspection.table_names(cursor, include_views=True)))


def _static() -> Finding:
    from django.conf import settings

    is_there = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    return Finding("browser files", "" if is_there else "not collected: run `maillage prepare`.")


def _fonts() -> Finding:
    build = files("maillage.core.web") / "static" / "web" / "build"
    wanted = [
        "fonts/atkinson-latin.woff2",
        "fonts/noto-arabic-400.woff2",
        "fonts-ttf/AtkinsonHyperlegibleNext-Regular.ttf",
    ]
    lacking = [name for name in wanted if not build.joinpath(name).is_file()]
    remedy = f"{', '.join(lacking)} not built: run `npm run build`, then `python -m maillage.core.web.frontend.fonts`."
    return Finding("fonts of the pages and of printed documents", remedy if lacking else "")


def _catalogues() -> Finding:
    package = Path(__file__).resolve().parent.parent
    stale = [
        path
        for path in package.rglob("locale/*/LC_MESSAGES/*.po")
        if not path.with_suffix(".mo").exists() or path.with_suffix(".mo").stat().st_mtime < path.stat().st_mtime
    ]
    return Finding("translations", f"{len(stale)} not compiled: run `maillage catalogues compile`." if stale else "")


def _mail_server() -> Iterator[Finding]:
    """Whether the SMTP server of the settings lets us in; nothing is sent."""
    from django.conf import settings
    from django.core.mail import get_connection

    if not settings.MAIL_GATEWAY.endswith(".smtp"):
        return
    where = f"SMTP server {settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection():
            yield Finding(where)
    except OSError as fault:
        said = " ".join(str(fault).split())
        yield Finding(where, f"no mail leaves ({said}): mend MAILLAGE_SMTP_HOST, _PORT, _TLS, _USER or _PASSWORD.")


def _gateways() -> Finding:
    """The outbox of the gateways that write files; one for SMS is not tried, since that would send a message."""
    from django.conf import settings

    outbox = Path(settings.OUTBOX)
    if "files" not in f"{settings.MAIL_GATEWAY} {settings.SMS_GATEWAY}":
        return Finding("gateways of mail and SMS: set, not tried here")
    existing = next(folder for folder in (outbox, *outbox.parents) if folder.exists())
    is_writable = os.access(existing, os.W_OK | os.X_OK)
    remedy = "" if is_writable else f"{existing} is not writable: messages cannot leave; mend its owner."
    return Finding(f"gateways: messages are written in {outbox}", remedy)
