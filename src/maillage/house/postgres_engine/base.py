"""The one class Django looks for: its own PostgreSQL wrapper, with late addresses and a little patience."""

from __future__ import annotations

import time
from typing import Any

from django.db.backends.postgresql import base, client

from maillage.core.engine.sight import Sight, current_sight
from maillage.house.database import Source, connection_parameters

# A server that has just lost a process refuses entry for a moment while it replays its log.
PATIENCE_SECONDS = 5.0
TELL = (
    "SELECT set_config('maillage.viewer', %s, false), set_config('maillage.secret', %s, false), "
    "set_config('maillage.sight', %s, false)"
)


class DatabaseClient(client.DatabaseClient):
    """`dbshell`, which reads the settings and not the connection."""

    def runshell(self, parameters: Any) -> None:
        """Open psql where a connection would be opened."""
        self.connection.get_connection_params()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that asks where its server is each time it is opened."""

    client_class = DatabaseClient
    # Whose rows the connection was last told to show; a new one shows nobody's. None: not known.
    _told: Sight | None = Sight()

    def init_connection_state(self) -> None:
        """A new connection was told nothing yet."""
        self._told = Sight()
        super().init_connection_state()

    def _cursor(self, name: str | None = None) -> Any:
        """Each statement begins with a cursor: PostgreSQL is told whose rows it may see, where that has changed."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        if self._source.role != "owner" and (wanted := current_sight()) != self._told:
            with self.wrap_database_errors:
                self.connection.execute(TELL, _as_settings(wanted))
            self._told = wanted
        return super()._cursor(name)  # type: ignore[misc]  # the stubs leave it out

    def _rollback(self) -> None:
        """What was told within a transaction goes back with it."""
        self._told = None
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        """As `_rollback`; nothing can be told before it, in a transaction that failed."""
        with super()._cursor() as cursor:  # type: ignore[misc]
            cursor.execute(self.ops.savepoint_rollback_sql(sid))
        self._told = None

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters with today's address; starts the private server if it is down."""
        found = dict(connection_parameters(self._source))
        found.pop("dbname", None)  # the settings' NAME rules: tests change it
        known = {name.upper(): found.pop(name, "") for name in ("user", "password", "host", "port")}
        self.settings_dict.update(known)
        parameters: dict[str, Any] = super().get_connection_params()
        options = " ".join(part for part in (found.pop("options", ""), parameters.get("options", "")) if part)
        return {**found, **parameters, **({"options": options} if options else {})}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, trying again for a few seconds while our own server is coming back."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return super().get_new_connection(conn_params)
            except self.Database.OperationalError:
                if not self._source.is_private or time.monotonic() > deadline or not self._database_may_exist():
                    raise
                time.sleep(0.1)
                connection_parameters(self._source)

    @property
    def _source(self) -> Source:
        source = self.settings_dict["MAILLAGE"]
        assert isinstance(source, Source)
        return source

    def _database_may_exist(self) -> bool:
        """Waiting does not make a missing database appear; only our own is known to be there."""
        return bool(self.settings_dict["NAME"] == connection_parameters(self._source)["dbname"])


def _as_settings(sight: Sight) -> list[str]:
    viewer = "" if sight.viewer is None else str(sight.viewer)
    return [viewer, sight.secret, "everything" if sight.everything else ""]
