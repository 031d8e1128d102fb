"""Who stands above whom: what a manager or an operator may do with the account of another."""

from __future__ import annotations

from maillage.core.people.models import Person, Role
from maillage.core.people.queries import RANK, Held, Viewer, roles_of
from maillage.core.places.models import Territory

ADMINISTERING = (Role.MANAGER, Role.OPERATOR)


def may_administer(viewer: Viewer) -> bool:
    """Whether the viewer gives roles somewhere."""
    return any(held.role in ADMINISTERING for held in roles_of(viewer))


def covering(territory: str) -> frozenset[str]:
    """Codes of the territories that hold this one, itself and "" (everywhere) included."""
    if not territory:
        return frozenset({""})
    kind, _colon, code = territory.partition(":")
    parents = Territory.objects.filter(kind=kind, code=code).order_by("pk").values_list("parent_codes", flat=True)
    return frozenset({"", territory, *(one for codes in parents for one in codes)})


def may_give(viewer: Viewer, role: str, territory: str) -> bool:
    """Whether the viewer may give this role there, or take it back.

    A role is given by one above it who holds the territory; an operator also names operators.
    """
    holding = [
        held for held in roles_of(viewer) if held.role in ADMINISTERING and held.territory_code in covering(territory)
    ]
    return any(RANK[held.role] > RANK[role] or held.role == Role.OPERATOR for held in holding)


def roles_given_by(viewer: Viewer) -> list[str]:
    """Roles that the viewer may give somewhere, the lowest first."""
    ranks = [RANK[held.role] for held in roles_of(viewer) if held.role in ADMINISTERING]
    highest = max(ranks, default=-1)
    return [role for role in Role.values if RANK[role] < highest or (RANK[role] == highest == RANK[Role.OPERATOR])]


def may_manage(viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may close this account, open it again or take its second factor away.

    They must be able to take back every role that the person holds; a person without any is an operator's.
    """
    held = _held(person)
    if not held:
        return any(one.role == Role.OPERATOR and not one.territory_code for one in roles_of(viewer))
    return all(may_give(viewer, one.role, one.territory_code) for one in held)


def may_see_as(viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may look at the site as this person does: one whose every role is lower, within their territory."""
    if not isinstance(viewer, Person) or viewer.pk == person.pk or not may_manage(viewer, person):
        return False
    mine = max((RANK[held.role] for held in roles_of(viewer)), default=-1)
    return all(RANK[held.role] < mine for held in _held(person))


def _held(person: Person) -> frozenset[Held]:
    """Roles in force whatever the state of the account: `roles_of` gives none to a closed one."""
    from maillage.core.people.queries import roles_in_force

    return frozenset(Held(one.role, one.territory_code) for one in roles_in_force(person))
