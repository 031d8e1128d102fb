"""Sessions in the database, whose rows no statement sees but these: a key that leaks would sign somebody else in."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db

from maillage.core.engine.sight import seeing_everything

_REASON = "a session is read and written by the key that its browser holds"


class SessionStore(db.SessionStore):
    """Django's own, which sees its rows."""

    def _get_session_from_db(self) -> Any:
        with seeing_everything(_REASON):
            return super()._get_session_from_db()  # type: ignore[misc]

    def exists(self, session_key: str) -> bool:
        """As Django's."""
        with seeing_everything(_REASON):
            return super().exists(session_key)

    def save(self, must_create: bool = False) -> None:
        """As Django's."""
        with seeing_everything(_REASON):
            super().save(must_create)

    def delete(self, session_key: str | None = None) -> None:
        """As Django's."""
        with seeing_everything(_REASON):
            super().delete(session_key)
