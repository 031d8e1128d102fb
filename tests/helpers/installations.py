"""An installation of its own for the tests that save, break and restore one: a home, a private server, tables, some rows."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from maillage.house.database import Source, connection_parameters

DJANGO = """
import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'maillage.house.settings')
import django
django.setup()
from maillage.core.engine.sight import set_sight_of_process
set_sight_of_process(everything=True)
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    said: str


@dataclass(frozen=True)
class Installation:
    """A home and the environment that leads to it."""

    home: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """That of the tests without what would lead elsewhere."""
        led = ("MAILLAGE_", "DATABASE_", "DJANGO_", "PYTEST_")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(led)}
        return {**plain, "MAILLAGE_HOME": str(self.home), **self.extra}

    def maillage(self, *arguments: str | Path) -> Done:
        """Runs the command."""
        return self._run("-m", "maillage", *arguments)

    def python(self, body: str) -> Done:
        """Runs statements with Django at hand."""
        return self._run("-W", "error", "-c", DJANGO + textwrap.dedent(body))

    def started(self, body: str) -> subprocess.Popen[str]:
        """The same, while the test goes on."""
        command = [sys.executable, "-c", DJANGO + textwrap.dedent(body)]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def migrate(self) -> None:
        """Makes roles and tables."""
        done = self.python("""
            from django.core.management import call_command
            from maillage.house.database import home_from, prepare_server_roles
            prepare_server_roles(os.environ, home_from(os.environ))
            call_command("migrate", database="owner", verbosity=0)
        """)
        assert done.code == 0, done.said

    def rows(self, query: str, role: str = "owner") -> list[tuple[object, ...]]:
        """What a query finds, asked as the owner or as the application."""
        url, name = self.extra.get("DATABASE_URL", ""), self.extra.get("MAILLAGE_DATABASE_NAME", "")
        found = connection_parameters(Source(role=role, home=self.home, url=url, keep_running=True))
        address = make_conninfo("", **(found | ({"dbname": name} if name else {})))
        with psycopg.connect(address, autocommit=True, connect_timeout=20) as connection:
            if role == "app":  # as a command: row-level security hides every person's rows otherwise
                connection.execute("SELECT set_config('maillage.sight', 'everything', false)")
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def fingerprint(self) -> tuple[object, ...]:
        """Changes with any table, row or name of database: equal before and after a command that touched nothing."""
        tables = self.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        names = sorted(str(name) for (name,) in tables)
        digest = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        contents = [self.rows(digest.format(name))[0][0] for name in names]
        databases = self.rows("SELECT datname FROM pg_database ORDER BY 1")
        files = sorted((str(path), path.read_bytes()) for path in (self.home / "files").rglob("*") if path.is_file())
        return names, contents, databases, files

    def _run(self, *arguments: str | Path) -> Done:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
        )
        return Done(done.returncode, done.stdout)
