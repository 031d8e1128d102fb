"""Who may watch the machine."""

from __future__ import annotations

from maillage.core.people.models import Role
from maillage.core.people.queries import Viewer, has_role


def may_watch(viewer: Viewer) -> bool:
    """Whether the viewer runs the whole installation."""
    return has_role(viewer, Role.OPERATOR)
