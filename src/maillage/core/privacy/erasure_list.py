"""The list of erased persons, as a file: random numbers that name nobody. Plain Python: a backup writes it without Django."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

NAME = "erased-persons.json"


def listed_in(path: Path) -> set[UUID]:
    """Numbers written in a list; none where there is no list. Raises ValueError for a file that is no list."""
    try:
        return {UUID(one) for one in json.loads(path.read_text(encoding="utf-8"))}
    except FileNotFoundError:
        return set()
    except (TypeError, AttributeError, ValueError) as fault:
        raise ValueError(f"{path} is not a list of erased persons") from fault


def write_list(path: Path, numbers: Iterable[UUID]) -> None:
    """Adds numbers to a list; nothing that stands in it is ever taken off."""
    known: set[UUID] = set()
    with suppress(ValueError):
        known = listed_in(path)
    whole = sorted(str(one) for one in known | set(numbers))
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(whole, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
