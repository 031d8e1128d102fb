"""Databases for tests: made by the owner, served to the application role, dropped at the end.

Migrating takes seconds and copying a tenth of one: a migrated template is made once for each state of the migrations,
and each test process works on a copy. Both aliases are pointed at the copy, as they are at one database in earnest.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from maillage.house.database import Source, app_role, connection_parameters
from maillage.house.postgres_roles import Connection, grant_application_rights

TEMPLATE_PREFIX = "maillage_template_"


@contextmanager
def owner_connection(source: Source, database: str | None = None) -> Iterator[Connection]:
    """A connection as the owner, in autocommit, to the main database or to another of the same server."""
    found = connection_parameters(source)
    address = make_conninfo("", **(found | {"dbname": database or found["dbname"]}))
    connection: Connection = psycopg.connect(address, autocommit=True, connect_timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def create_test_database(source: Source, name: str, *, template: str | None = None) -> None:
    """Make an empty database, or a copy of a template, in place of one of that name; `source` is the owner's."""
    drop_test_database(source, name)
    with owner_connection(source) as connection:
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        connection.execute(statement)
    if not template:
        _open_to_application(source, name)


def _open_to_application(source: Source, name: str) -> None:
    """The usual rights, and that of emptying tables, which Django's transactional tests do as the application."""
    role = app_role(source)
    with owner_connection(source, name) as connection:
        grant_application_rights(connection, role)
        emptying = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT TRUNCATE ON TABLES TO {}"
        connection.execute(sql.SQL(emptying).format(sql.Identifier(role)))


def drop_test_database(source: Source, name: str) -> None:
    """Drop a database and end the sessions in it; does nothing if there is none."""
    with owner_connection(source) as connection:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        for attempt in range(50):
            try:
                connection.execute(statement)
                return
            except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege):
                # Sessions that the owner may not end (see include_application_role): they leave by themselves.
                if attempt == 49:
                    raise
                time.sleep(0.1)


@contextmanager
def throwaway_database(worker: str) -> Iterator[str]:
    """A migrated database of this worker's own, which both of Django's aliases enter; dropped at the end."""
    from django.db import connections

    source = connections.settings["owner"]["MAILLAGE"]
    connection_parameters(connections.settings["default"]["MAILLAGE"])  # makes the application role, the first time
    before = connections.settings["owner"]["NAME"]
    name = f"test_{before}_{worker}"
    _make_from_template(source, name)
    _enter(name)
    try:
        yield name
    finally:
        _enter(before)
        drop_test_database(source, name)


def _enter(name: str) -> None:
    from django.db import connections

    connections.close_all()
    for alias in ("default", "owner"):
        connections.settings[alias]["NAME"] = name


def _make_from_template(source: Source, name: str) -> None:
    template = TEMPLATE_PREFIX + _migrations_fingerprint()
    with owner_connection(source) as connection:
        # One worker migrates while the others wait; nobody drops a template that another is copying.
        connection.execute("SELECT pg_advisory_lock(hashtext('maillage templates'))")
        known = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATE_PREFIX])
        names = {str(row[0]) for row in known}
        if template not in names:
            _make_template(source, connection, template)
        create_test_database(source, name, template=template)
        for old in names - {template}:
            drop_test_database(source, old)


def _make_template(source: Source, connection: Connection, template: str) -> None:
    """Migrate a database, then give it the template's name: that name is proof that it is whole."""
    from django.core.management import call_command
    from django.db import connections

    before, draft = connections.settings["owner"]["NAME"], f"draft_{template}"
    create_test_database(source, draft)
    _enter(draft)
    try:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    finally:
        _enter(before)
    renaming = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    connection.execute(renaming.format(sql.Identifier(draft), sql.Identifier(template)))


def _migrations_fingerprint() -> str:
    """Changes when any file beside any installed migration does, ours or a package's."""
    from django.apps import apps

    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        digest.update(config.name.encode())
        for path in sorted(Path(config.path, "migrations").rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
