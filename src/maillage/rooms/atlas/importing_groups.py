"""Rows of one file that are the same place, brought together before they are written."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from maillage.core.intake.identity import Known
from maillage.core.intake.listing import Listing, united


@dataclass
class Group:
    """Rows of the file that are the same place."""

    listing: Listing
    known: Known
    merges: list[tuple[int, str]] = field(default_factory=list)


def gather(listing: Listing, known: Known, groups: list[Group], by_key: dict[str | int, Group]) -> None:
    """Joins a row to the group that it belongs to, or begins one."""
    keys: list[str | int] = [known.external_id, *([known.company] if known.company else [])]
    found = next((by_key[key] for key in keys if key in by_key), None)
    if found is None:
        found = Group(listing, known)
        groups.append(found)
    else:
        is_same = known.external_id == found.known.external_id
        same = (
            _("même identifiant, ou même nom et même adresse") if is_same else _("même SIRET, même nom et même adresse")
        )
        found.merges.append((listing.number, _("Ligne {row} : {same}.").format(row=found.listing.number, same=same)))
        found.listing = united(found.listing, listing)
    for key in keys:
        by_key.setdefault(key, found)
