"""The three ways a request can fail that are not programming errors.

`core/web/middleware.py` turns each into a page, an HTMX fragment or problem+json by one table.
What a viewer may not see is Missing, so that its existence is not told.
"""

from collections.abc import Mapping, Sequence


class Missing(Exception):
    """Nothing there for this viewer (404)."""


class Refused(Exception):
    """The viewer is known and may not do this (403)."""


class Invalid(Exception):
    """What was sent cannot be taken (422); `fields` maps a field to its messages, "" holds those of the whole."""

    def __init__(self, message: str, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.fields: Mapping[str, Sequence[str]] = fields or {}
