"""Small files made for tests, and their rows as lists."""

from __future__ import annotations

import zipfile
from pathlib import Path

from maillage.core.intake.tables.model import Notes, Row
from maillage.core.intake.tables.opening import opened


def made(folder: Path, content: bytes | str, name: str = "fichier") -> Path:
    """A file with this content; text is written in UTF-8."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(folder: Path, members: dict[str, bytes], name: str = "archive.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def rows_of(path: Path, choice: str = "", notes: Notes | None = None) -> list[Row]:
    with opened(path, choice) as table:
        return list(table.rows(notes))


def cells_of(path: Path, choice: str = "") -> list[dict[str, str]]:
    return [row.cells for row in rows_of(path, choice)]
