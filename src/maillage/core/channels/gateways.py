"""Gateways: functions that send one letter or raise. Sending the same key twice must do no harm."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage


@dataclass(frozen=True)
class Letter:
    """A mail (`by` is "mail") or an SMS ("sms"); `key` names it for ever, so that it is sent once."""

    key: str
    by: str
    to: str
    title: str
    body: str


Gateway = Callable[[Letter], None]


def files(letter: Letter) -> None:
    """Writes the letter as one file of the outbox, readable by the operator only; the same letter, the same file."""
    folder = Path(settings.OUTBOX)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{letter.by}-{hashlib.sha256(letter.key.encode()).hexdigest()[:24]}.txt"
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_as_text(letter))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(folder / name)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _as_text(letter: Letter) -> str:
    head = [f"By: {letter.by}", f"To: {letter.to}", f"Key: {letter.key}"]
    head += [f"Subject: {letter.title}"] if letter.title else []
    return "\n".join([*head, "", letter.body, ""])


def smtp(letter: Letter) -> None:
    """Sends a mail by the SMTP server of the settings (EMAIL_HOST…); raises ValueError for an SMS."""
    if letter.by != "mail":
        raise ValueError("the SMTP gateway sends mail only")
    digest = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
    headers = {"Message-ID": f"<{digest}@maillage>", "Auto-Submitted": "auto-generated"}
    EmailMessage(subject=" ".join(letter.title.split()), body=letter.body, to=[letter.to], headers=headers).send()
