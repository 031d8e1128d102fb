"""Django on the two roles of one database, in processes of its own: in this one, settings are read once for all."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from maillage.house.database import Source
from maillage.house.private_postgres import stop
from maillage.house.throwaway_databases import create_test_database

HELPER = Path(__file__).resolve().parents[1] / "helpers" / "server_postgres.py"

DJANGO = """
import os, signal, sys, time
from pathlib import Path
from django.conf import settings
from maillage.house.database import database_settings, home_from
from maillage.house.private_postgres import status
home = home_from(os.environ)
settings.configure(
    DATABASES=database_settings(os.environ, home),
    DATABASE_ROUTERS=["maillage.house.database.Router"],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    USE_TZ=True,
)
import django
django.setup()
assert not os.environ.get("FRESH") or not status(home).running
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import ProgrammingError, connection, connections
from django.db.migrations.exceptions import MigrationSchemaMissing
"""


def without_database() -> dict[str, str]:
    """The environment, but for the server that the whole run may have been given."""
    names = ("DATABASE_URL", "DATABASE_APP_URL", "MAILLAGE_DATABASE_NAME")
    return {name: value for name, value in os.environ.items() if name not in names}


def django(home: Path, body: str, **more: str) -> str:
    env = without_database()
    env |= {"MAILLAGE_HOME": str(home), "PYTHONWARNINGS": "error"} | more
    command = [sys.executable, "-c", DJANGO + body]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_django_starts_the_server_late_and_migrates_as_the_owner(home: Path) -> None:
    create_test_database(Source("owner", home), "late")
    stop(home)
    body = """
try:
    call_command("migrate", verbosity=0)
    print("migrated as the application")
except (MigrationSchemaMissing, ProgrammingError) as error:
    print("permission denied" in str(error))
call_command("migrate", database="owner", verbosity=0)
Group.objects.create(name="é")
print(Group.objects.using("owner").count(), Group.objects.get().name)
for alias in ("default", "owner"):
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('statement_timeout')")
        print(*cursor.fetchone())
"""
    lines = django(
        home, body, FRESH="1", MAILLAGE_DATABASE_NAME="late", MAILLAGE_STATEMENT_TIMEOUT_MS="1234"
    ).splitlines()
    assert lines == ["True", "1 é", "maillage_app 1234ms", "maillage_owner 0"]


def test_django_finds_its_server_again_after_a_kill(home: Path) -> None:
    body = """
from django.db import close_old_connections
def next_request():
    while connection.is_usable():  # the last breath of the old server
        time.sleep(0.01)
    close_old_connections()  # what Django does at the beginning of each request
call_command("migrate", database="owner", verbosity=0)
for _ in range(2):
    Group.objects.exists()
    os.kill(status(home).pid, signal.SIGKILL)
    next_request()
    print(Group.objects.filter(name="nothing").count())
# A process of the server killed: all others are ended, and it refuses entry while it recovers.
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_backend_pid()")
    os.kill(cursor.fetchone()[0], signal.SIGKILL)
next_request()
print(Group.objects.filter(name="nothing").count())
"""
    assert django(home, body).split() == ["0", "0", "0"]


THROWAWAY = """
from maillage.house.throwaway_databases import throwaway_database
with throwaway_database(os.environ["WORKER"]) as name:
    Group.objects.create(name=name)
    call_command("flush", interactive=False, reset_sequences=False, verbosity=0)
    Group.objects.create(name=name)
    print(name, Group.objects.count(), Group.objects.using("owner").get().name, connection.settings_dict["NAME"])
    connections.close_all()
with connections["owner"].cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'maillage_template_%%' OR datname = %s", [name])
    print(*cursor.fetchone())
"""


def test_test_processes_share_a_template_and_nothing_else(home: Path) -> None:
    env = without_database() | {"MAILLAGE_HOME": str(home)}
    command = [sys.executable, "-c", DJANGO + THROWAWAY]

    def work(name: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=env | {"WORKER": name}, capture_output=True, text=True, timeout=60, check=False
        )

    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(("gw0", "gw1"), pool.map(work, ("gw0", "gw1")), strict=True))
    for worker, process in done.items():
        assert process.returncode == 0, process.stderr
        name = f"test_maillage_{worker}"
        assert process.stdout.split() == [name, "1", name, name, "1"]


@pytest.mark.skipif(
    os.geteuid() != 0 and not Path("/usr/lib/postgresql/15/bin/postgres").exists(),
    reason="Debian's PostgreSQL 15 is not installed, and only root can install it",
)
def test_the_same_on_debians_server_which_is_gone_afterwards() -> None:
    env = without_database() | {"WORKER": "gw0"}
    body = THROWAWAY + "\nfrom maillage.house.database import check_server\nprint(check_server(os.environ, home))\n"
    body += "print(connection.pg_version // 10000, os.environ['DATABASE_URL'])\nsys.stdout.flush(); sys.exit(7)\n"
    command = [sys.executable, str(HELPER), "--", sys.executable, "-c", DJANGO + body]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 7, done.stderr
    name = "test_platform_gw0"
    *found, url = done.stdout.split()
    assert found == [name, "1", name, name, "1", "[]", "15"]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=5)
