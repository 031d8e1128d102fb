"""Which database the application uses: the private server, or the one that DATABASE_URL names.

Two aliases, one database: `default` enters as the application role and serves; `owner` migrates
(`migrate --database owner`). Settings only say where to look: nothing is started, read or written until Django opens
its first connection, and it looks again at each new one, so a private server that was killed is started again then.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from maillage.house.postgres_roles import (
    Connection,
    DatabaseProblem,
    grant_application_rights,
    include_application_role,
    role_exists,
    set_login,
)

ENGINE = "maillage.house.postgres_engine"
OLDEST = 15
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
STATEMENT_TIMEOUT_MS = 30_000

Parameters = dict[str, str]

_leaving_registered: set[Path] = set()


@dataclass(frozen=True)
class Source:
    """Where one alias finds its server; kept in DATABASES under the key MAILLAGE."""

    role: str  # "app", "owner", or "replica" for a copy that is only read
    home: Path
    url: str = field(default="", repr=False)
    app_url: str = field(default="", repr=False)
    reset_app_role: bool = False
    keep_running: bool = False
    name: str = ""

    @property
    def is_private(self) -> bool:
        """Whether the server is our own."""
        return not self.url


class Router:
    """All reads and writes go to the application role; the owner is used only when it is named.

    Migrations are allowed on both aliases: left to the application role they stop at once, for want of rights, where a
    refusal here would have recorded them as done. In a migration's Python, use `schema_editor.connection.alias`.
    """

    def db_for_read(self, model: object, **hints: object) -> str:
        """The application role."""
        return "default"

    def db_for_write(self, model: object, **hints: object) -> str:
        """The application role."""
        return "default"

    def allow_relation(self, one: object, other: object, **hints: object) -> bool:
        """Always: both aliases are one database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> None:
        """No opinion: PostgreSQL's own rights decide."""


def home_from(env: Mapping[str, str]) -> Path:
    """The folder of all that this installation keeps: MAILLAGE_HOME, else `var` in a checkout, else the user's data."""
    if given := env.get("MAILLAGE_HOME"):
        return Path(given).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").exists():
        return checkout / "var"
    data = env.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "maillage"


def database_settings(env: Mapping[str, str], home: Path) -> dict[str, dict[str, object]]:
    """DATABASES for Django. Raises DatabaseProblem if DATABASE_URL or DATABASE_APP_URL is not a PostgreSQL address."""
    timeout = int(env.get("MAILLAGE_STATEMENT_TIMEOUT_MS", STATEMENT_TIMEOUT_MS))
    aliases = {"default": ("app", {"options": f"-c statement_timeout={timeout}"}), "owner": ("owner", {})}
    found = {alias: _alias(_source(env, home, role), options) for alias, (role, options) in aliases.items()}
    if url := env.get("MAILLAGE_REPLICA_URL"):
        copy = Source(role="replica", home=home, url=url, app_url=url)
        found["replica"] = _alias(copy, {"options": f"-c statement_timeout={timeout}", "connect_timeout": "3"})
    return found


def _alias(source: Source, options: Mapping[str, object]) -> dict[str, object]:
    return {
        "ENGINE": ENGINE,
        # Another database of the same server: the journeys' server processes work on a throw-away one.
        "NAME": source.name or _database_name(source),
        "MAILLAGE": source,
        "OPTIONS": dict(options),
        # One connection by thread, kept a minute, tested before use: as cheap as a pool, and it heals by itself.
        "CONN_MAX_AGE": 60 if source.role == "app" else 0,
        "CONN_HEALTH_CHECKS": True,
    }


def _source(env: Mapping[str, str], home: Path, role: str) -> Source:
    source = Source(
        role=role,
        home=home,
        url=env.get("DATABASE_URL", ""),
        app_url=env.get("DATABASE_APP_URL", ""),
        reset_app_role=env.get("MAILLAGE_RESET_APP_ROLE") == "1",
        keep_running=env.get("MAILLAGE_KEEP_POSTGRES") == "1",
        name=env.get("MAILLAGE_DATABASE_NAME", ""),
    )
    for name, url in (("DATABASE_URL", source.url), ("DATABASE_APP_URL", source.app_url)):
        if url and not _parsed(url).get("dbname"):
            raise DatabaseProblem(f"{name} names no database: postgres://user:password@host:5432/database is expected.")
    return source


def _parsed(url: str) -> Parameters:
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        raise DatabaseProblem("The address of the database must begin with postgres:// or postgresql://")
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError as error:
        raise DatabaseProblem(f"The address of the database cannot be read: {error}") from error


def _database_name(source: Source) -> str:
    return "maillage" if source.is_private else _parsed(source.url)["dbname"]


def start_private_server(env: Mapping[str, str], home: Path) -> None:
    """Start the private server if this installation uses one, and stop it when the last process of ours has left.

    Django does this by itself at its first connection; a server of web pages calls it earlier, so that the process that
    outlives the others is the one that stops it. With MAILLAGE_KEEP_POSTGRES=1 the server goes on.
    """
    source = _source(env, home, "app")
    if source.is_private:
        connection_parameters(source)


def connection_parameters(source: Source) -> Parameters:
    """Where to enter now, and as whom: starts the private server, or makes the application role, if that is needed."""
    if source.is_private:
        return _private_parameters(source)
    if source.role == "owner":
        return _parsed(source.url)
    if source.app_url:
        return _parsed(source.app_url)
    kept = _kept_password(source)
    if kept is None:
        _prepare(source)
        kept = _kept_password(source)
    return _parsed(source.url) | {"user": app_role(source), "password": kept or ""}


def _private_parameters(source: Source) -> Parameters:
    from maillage.house import private_postgres  # here: this module serves Windows too, with DATABASE_URL

    server = private_postgres.ensure_running(source.home)
    if source.home not in _leaving_registered and not source.keep_running:
        _leaving_registered.add(source.home)
        atexit.register(private_postgres.stop_if_unused, source.home)
    owner = source.role == "owner"
    return {
        "host": server.host,
        "port": str(server.port),
        "dbname": server.database,
        "user": private_postgres.OWNER if owner else private_postgres.APP,
        "password": server.owner_password if owner else server.app_password,
    }


# A server given by DATABASE_URL


def app_role(source: Source) -> str:
    """The name of the application role."""
    if source.is_private:
        return "maillage_app"
    return _parsed(source.app_url)["user"] if source.app_url else f"{_database_name(source)[:59]}_app"


def prepare_server_roles(env: Mapping[str, str], home: Path) -> None:
    """Make the application role and give it its rights; call it before migrating. Does no harm when repeated.

    The private server comes with its roles. On another, the owner needs CREATEROLE, or DATABASE_APP_URL a role made by
    its administrator. Raises DatabaseProblem with what to do.
    """
    source = _source(env, home, "owner")
    if source.is_private:
        connection_parameters(source)
    else:
        _prepare(source)


def _prepare(source: Source) -> None:
    try:
        with psycopg.connect(source.url, autocommit=True, connect_timeout=10) as connection:
            if connection.info.server_version < OLDEST * 10_000:
                raise DatabaseProblem(f"{_version_of(connection)} is too old: {OLDEST} or newer is needed.")
            role = app_role(source)
            if not source.app_url:
                _make_app_role(connection, source, role)
            include_application_role(connection, connection.info.user, role)
            grant_application_rights(connection, role)
    except psycopg.OperationalError as error:
        raise DatabaseProblem(f"The server of DATABASE_URL does not answer: {error}") from error


def _make_app_role(connection: Connection, source: Source, role: str) -> None:
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('maillage roles'))")
        exists, kept = role_exists(connection, role), _kept_password(source)
        if exists and kept and not source.reset_app_role:
            return
        if exists and not kept and not source.reset_app_role:
            raise DatabaseProblem(
                f"The role {role} exists and its password is not known here. Give it in DATABASE_APP_URL, or set "
                "MAILLAGE_RESET_APP_ROLE=1 once to give it a new one (which shuts out other machines that use it)."
            )
        password = secrets.token_urlsafe(24)
        try:
            set_login(connection, role, password)
        except psycopg.errors.InsufficientPrivilege as error:
            database = sql.Identifier(_database_name(source)).as_string(connection)
            raise DatabaseProblem(
                f"The role of DATABASE_URL may not create the application role. Ask the administrator of the server "
                f"to run: CREATE ROLE {role} LOGIN PASSWORD '…'; GRANT CONNECT ON DATABASE {database} TO {role}; "
                "then set DATABASE_APP_URL to enter with it."
            ) from error
        _keep_password(source, password)


def _passwords_file(source: Source) -> Path:
    return source.home / "database-roles.json"


def _key(source: Source) -> str:
    found = _parsed(source.url)
    return "{}:{}/{}".format(found.get("host", ""), found.get("port", "5432"), found["dbname"])


def _kept_passwords(source: Source) -> Parameters:
    path = _passwords_file(source)
    kept: Parameters = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return kept


def _kept_password(source: Source) -> str | None:
    return _kept_passwords(source).get(_key(source))


def _keep_password(source: Source, password: str) -> None:
    source.home.mkdir(parents=True, exist_ok=True)
    path = _passwords_file(source)
    kept = _kept_passwords(source) | {_key(source): password}
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1)
    draft.replace(path)


# What `maillage doctor` asks


def check_server(env: Mapping[str, str], home: Path) -> list[str]:
    """What is wrong with the database, in plain sentences that say how to mend it; empty if all is well."""
    try:
        owner = connection_parameters(_source(env, home, "owner"))
        app = connection_parameters(_source(env, home, "app"))
        with psycopg.connect(make_conninfo("", **owner), connect_timeout=10) as connection:
            problems = _server_problems(connection)
        with psycopg.connect(make_conninfo("", **app), connect_timeout=10) as connection:
            return problems + _role_problems(connection, owner["user"])
    except (psycopg.Error, RuntimeError) as error:
        return [f"The database cannot be entered: {error}"]


def _version_of(connection: Connection) -> str:
    return f"PostgreSQL {connection.info.server_version // 10_000}"


def _value(connection: Connection, query: str, *values: object) -> object:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def _server_problems(connection: Connection) -> list[str]:
    problems = []
    if connection.info.server_version < OLDEST * 10_000:
        problems.append(f"{_version_of(connection)} is too old: {OLDEST} or newer is needed.")
    if _value(connection, "SHOW server_encoding") != "UTF8":
        problems.append("The database is not in UTF-8: make it anew with ENCODING 'UTF8' TEMPLATE template0.")
    elif _value(connection, "SELECT lower('É') = 'é'") is not True:
        problems.append("The database does not know accented letters: make it anew with LC_CTYPE 'C.UTF-8'.")
    available = "SELECT 1 FROM pg_available_extensions WHERE name = %s"
    missing = [name for name in EXTENSIONS if _value(connection, available, name) is None]
    if missing:
        problems.append(f"Extensions are missing ({', '.join(missing)}): install PostgreSQL's contrib package there.")
    return problems


def _role_problems(connection: Connection, owner: str) -> list[str]:
    """Why the application role would see or do more than it should."""
    query = (
        "SELECT rolsuper OR rolbypassrls, rolcreaterole OR rolcreatedb, pg_has_role(%s, 'MEMBER'), "
        "has_schema_privilege('public', 'CREATE') FROM pg_roles WHERE rolname = current_user"
    )
    if connection.info.user == owner:
        return [f"The application enters as the owner {owner}: give it a role of its own (unset DATABASE_APP_URL)."]
    row = connection.execute(query.encode(), [owner]).fetchone() or (True, True, True, True)
    role = connection.info.user
    wrongs = (
        f"The role {role} escapes row-level security: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS.",
        f"The role {role} may make roles or databases: ALTER ROLE {role} NOCREATEROLE NOCREATEDB.",
        f"The role {role} may act as the owner: REVOKE {owner} FROM {role}.",
        f"The role {role} may make tables: REVOKE CREATE ON SCHEMA public FROM {role}, PUBLIC.",
    )
    return [text for text, wrong in zip(wrongs, row, strict=True) if wrong]
