"""The public register of processings: what the manifests declare, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from maillage.core.rooms import Processing, rooms


@dataclass(frozen=True)
class RegisterLine:
    """One processing, with the part of the platform that declares it."""

    room_code: str
    room_label: str
    processing: Processing


def register() -> list[RegisterLine]:
    """Every processing of personal data of this installation."""
    return [RegisterLine(room.code, room.label, one) for room in rooms() for one in room.processings]
