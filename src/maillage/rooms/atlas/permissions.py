"""Who may do what in the atlas."""

from __future__ import annotations

from collections.abc import Iterable

from maillage.core.people.models import Person
from maillage.core.people.queries import HELPING, MODERATING, Viewer, has_any_role, holds_somewhere, territories_where


def may_enter_for_others(viewer: Viewer) -> bool:
    """Whether the viewer may type what came by paper, telephone or at a desk: helpers and moderators, anywhere."""
    return holds_somewhere(viewer, HELPING)


def may_see_desk(viewer: Viewer) -> bool:
    """Whether the viewer moderates somewhere."""
    return holds_somewhere(viewer, MODERATING)


def desk_territories(viewer: Viewer) -> frozenset[str] | None:
    """Territories whose suggestions the viewer decides on; None for all."""
    return territories_where(viewer, MODERATING)


def may_decide(viewer: Viewer, territories: Iterable[str]) -> bool:
    """Whether the viewer decides on a suggestion of these territories; one of unknown territory is any moderator's."""
    codes = list(territories)
    return has_any_role(viewer, MODERATING, codes) or (not codes and may_see_desk(viewer))


def role_shown(person: Person | None) -> str:
    """The role that the history shows for someone: a code, never a name."""
    if person is None:
        return "public"
    if may_see_desk(person):
        return "moderator"
    return "helper" if may_enter_for_others(person) else "public"


def may_import(viewer: Viewer) -> bool:
    """Whether the viewer may load directories and see what was refused of them: whoever moderates."""
    return may_see_desk(viewer)
