"""Files that hold messages: those that the file gateway writes, and SMS received as files. They are forgotten as the rows are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

LONGEST_READ = 200_000


def _files() -> Iterator[Path]:
    """Letters written out, and SMS that were taken; what still waits in the inbox is nobody's to delete."""
    yield from Path(settings.OUTBOX).glob("*.txt")
    for name in ("done", "failed"):
        yield from (Path(settings.INBOX) / name).glob("*.txt")


def _plain(text: str) -> str:
    """Small letters, telephone numbers without their spaces and dots, French ones in E.164."""
    tight = re.sub(r"(?<=\d)[\s.\-\u00a0\u202f]+(?=\d)", "", text.lower())
    return re.sub(r"(?<!\d)0(?=\d{9}(?!\d))", "+33", tight)


def holds_any(text: str, addresses: Iterable[str]) -> bool:
    """Whether a text names one of these e-mails or telephones (E.164), however they were typed."""
    plain = _plain(text)
    return any(address.lower() in plain for address in addresses if address)


def forget_papers_about(addresses: Iterable[str]) -> int:
    """Deletes the files of messages that name one of these addresses; returns how many."""
    wanted = [address for address in addresses if address]
    found = [path for path in _files() if wanted and holds_any(_read(path), wanted)]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _read(path: Path) -> str:
    with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as file:
        return file.read(LONGEST_READ)
    return ""


def forget_papers_before(limit: datetime) -> int:
    """Deletes the files written before an instant; returns how many."""
    gone = 0
    for path in list(_files()):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < limit.timestamp():
                path.unlink()
                gone += 1
    return gone
