"""The two roles of every database of ours: an owner that migrates, an application role that serves.

Only SQL here, the same for the private server and for one given by DATABASE_URL (PostgreSQL 15 or newer).
"""

from __future__ import annotations

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[object, ...]]


class DatabaseProblem(RuntimeError):
    """The database cannot be used; the message says what was found and what to do."""


def role_exists(connection: Connection, role: str) -> bool:
    """Whether the server knows this role."""
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None


def set_login(connection: Connection, role: str, password: str, *, may_create_databases: bool = False) -> None:
    """Create the role, or give it this password. Only the scram verifier travels, so no log can hold the password."""
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = sql.SQL("ALTER" if role_exists(connection, role) else "CREATE")
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(verifier))
    )
    if may_create_databases:
        connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(role)))


def include_application_role(connection: Connection, owner: str, app: str) -> None:
    """Make the owner a member of the application role, so that it may end its sessions; skipped where refused."""
    statement = sql.SQL("GRANT {} TO {}").format(sql.Identifier(app), sql.Identifier(owner))
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        pass  # the operator made the role themselves; only the dropping of a busy test database needs this


def grant_application_rights(connection: Connection, app: str) -> None:
    """Let the application role read and write rows, now and in tables to come, and create nothing.

    Run it as the owner, in the database concerned: default rights belong to one database and one creator.
    """
    role = sql.Identifier(app)
    rights = {
        "TABLES": "SELECT, INSERT, UPDATE, DELETE",
        "SEQUENCES": "USAGE, SELECT, UPDATE",
        "FUNCTIONS": "EXECUTE",
    }
    with connection.transaction():
        # Two web processes that start together would both rewrite the same catalogue row and one would fail.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('maillage rights'))")
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
        connection.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
        for kind, listed in rights.items():
            parts = {"rights": sql.SQL(listed), "kind": sql.SQL(kind), "role": role}
            default = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO {role}"
            connection.execute(sql.SQL(default).format(**parts))
            if kind != "FUNCTIONS":  # those of extensions are not the owner's to give, and are open to all already
                existing = "GRANT {rights} ON ALL {kind} IN SCHEMA public TO {role}"
                connection.execute(sql.SQL(existing).format(**parts))
