"""The encoding of a text file, found from its bytes alone, and its lines decoded one by one.

Directories are often put together from pieces: a file may hold lines of two encodings. Each line is then decoded for itself,
and that is said.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

LONGEST_LINE = 4_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLD = ("cp1252", "mac_roman", "cp850")
# How often French uses each letter with a sign, roughly: the old encoding that gives the most French is the one.
_WEIGHTS = {
    "é": 6,
    "è": 3,
    "à": 3,
    "ê": 2,
    "ç": 2,
    "’": 2,
    "ô": 1.5,
    "î": 1,
    "û": 1,
    "â": 1,
    "ù": 1,
    "ï": 1,
    "œ": 1,
    "ë": 0.5,
    "É": 1,
    "À": 0.5,
    "È": 0.5,
    "Ç": 0.3,
    "Ê": 0.3,
    "Ô": 0.3,
    "«": 0.5,
    "»": 0.5,
    "°": 0.5,
    "–": 0.5,
    "…": 0.5,
    "€": 0.5,
    "\u00a0": 0.5,
    "ä": 0.1,
    "ö": 0.1,
    "ü": 0.1,
    "ñ": 0.1,
}
_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac",
    "cp850": "DOS",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
}


@dataclass(frozen=True)
class Encoding:
    """How to decode a file: line by line (`other` for lines that are not UTF-8), or as a whole for two-byte encodings."""

    name: str
    other: str = ""
    mixed_lines: int = 0
    first_mixed: int = 0

    @property
    def label(self) -> str:
        """The name people know."""
        return _NAMES.get(self.name, self.name)

    @property
    def remark(self) -> str:
        """What is worth saying, "" for plain UTF-8."""
        if self.mixed_lines:
            message = _(
                "Deux encodages mêlés : {count} lignes ne sont pas en UTF-8 (la première : {line}), "
                "elles ont été lues en {other}."
            )
            return message.format(count=self.mixed_lines, line=self.first_mixed, other=_NAMES[self.other])
        if self.label == "UTF-8":
            return ""
        return _("Encodage reconnu : {name}.").format(name=self.label)


def encoding_of(path: Path) -> Encoding:
    """Finds the encoding by reading the whole file once; memory stays at one line."""
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, name in _MARKS:
            if head.startswith(mark):
                # What follows the mark of UTF-8 may still be pasted from elsewhere: each line is looked at.
                return _by_lines(file, name) if name == "utf-8-sig" else Encoding(name)
        if b"\0" in head:
            return Encoding(_two_bytes(head))
        return _by_lines(file, "utf-8")


def _two_bytes(head: bytes) -> str:
    """UTF-16 without its mark: Latin letters have their zero byte always on the same side."""
    odd, even = head[1::2].count(0), head[::2].count(0)
    return "utf-16-le" if odd >= even else "utf-16-be"


def _by_lines(file: BinaryIO, name: str) -> Encoding:
    file.seek(0)
    wrong, first, right, sample = 0, 0, 0, bytearray()
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), start=1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            right += 1
        except UnicodeDecodeError:
            wrong, first = wrong + 1, first or number
            if len(sample) < 20_000:
                sample += bytes(byte for byte in line if byte > 127)
    if not wrong:
        return Encoding(name)
    other = _likeliest(bytes(sample))
    return Encoding("utf-8", other, wrong, first) if right else Encoding(other, other)


def _likeliest(sample: bytes) -> str:
    """The old encoding in which these bytes give the letters that French has."""
    scores = {name: sum(_WEIGHTS.get(one, 0) for one in sample.decode(name, errors="replace")) for name in _OLD}
    return max(_OLD, key=lambda name: (scores[name], -_OLD.index(name)))


def decoded(raw: bytes, encoding: Encoding) -> str:
    """One line; never fails: the bytes that Windows-1252 leaves undefined are read as Latin-1."""
    if encoding.name.startswith("utf-8"):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    name = encoding.other or "cp1252"
    try:
        return raw.decode(name)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def lines_of(path: Path, encoding: Encoding) -> Iterator[str]:
    """The lines of a text file with their ends, decoded; zero characters are dropped: the csv module refuses them."""
    if encoding.name.startswith(("utf-16", "utf-32")):
        with path.open(encoding=encoding.name, errors="replace", newline="") as text:
            for line in text:
                yield line.lstrip("\ufeff").replace("\0", "")
        return
    with path.open("rb") as file:
        for raw in iter(lambda: file.readline(LONGEST_LINE), b""):
            line = decoded(raw, encoding)
            yield line.replace("\0", "").lstrip("\ufeff") if "\0" in line or line[:1] == "\ufeff" else line
