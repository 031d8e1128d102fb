"""Reads JSON of any size piece by piece: the records of its lists one after the other, never the whole text at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

CHUNK = 1 << 16
LONGEST_RECORD = 30_000_000
DEEPEST = 6


class BrokenJson(Exception):
    """The text is no JSON from here on; `is_cut` when it merely ends too soon."""

    def __init__(self, line: int, *, is_cut: bool) -> None:
        super().__init__(line)
        self.line, self.is_cut = line, is_cut


@dataclass(frozen=True)
class Item:
    """A record of a list, and the path of keys that leads to that list ("" for the outermost)."""

    path: str
    value: Any


@dataclass(frozen=True)
class Member:
    """A value beside the lists, as "crs.properties.name"."""

    path: str
    value: Any


class Scanner:
    """A window on the text that moves forward only."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._text, self._at, self._lines, self._ended = stream, "", 0, 1, False
        self._decoder = json.JSONDecoder()

    @property
    def line(self) -> int:
        """The line of the text where the window stands."""
        return self._lines + self._text.count("\n", 0, self._at)

    def _more(self, size: int = CHUNK) -> bool:
        if self._ended:
            return False
        block = self._stream.read(size)
        self._ended = not block
        self._lines += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + block, 0
        return bool(block)

    def peek(self) -> str:
        """The next sign that is no space, "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n\ufeff":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        """Moves over a sign that must be there."""
        found = self.peek()
        if found != sign:
            raise BrokenJson(self.line, is_cut=not found)
        self._at += 1

    def skip(self, sign: str) -> bool:
        """Moves over a sign where it is there."""
        if self.peek() == sign:
            self._at += 1
            return True
        return False

    def value(self) -> Any:
        """The next whole value."""
        self.peek()
        size = CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError) as fault:
                if len(self._text) - self._at > LONGEST_RECORD or not self._more(size):
                    near_end = isinstance(fault, json.JSONDecodeError) and fault.pos >= len(self._text) - 1
                    near_end = near_end or "Unterminated" in str(fault)
                    raise BrokenJson(self.line, is_cut=near_end) from fault
                size *= 2
                continue
            if end == len(self._text) and self._more(size):
                continue  # a number may go on in the next piece
            self._at = end
            return value


def items_in(scanner: Scanner, path: str = "", depth: int = 0) -> Iterator[Item | Member]:
    """Every record of every list of objects, in order, and every plain value beside; raises BrokenJson."""
    sign = scanner.peek()
    if sign == "[":
        yield from _list_items(scanner, path, depth)
    elif sign == "{" and depth < DEEPEST:
        yield from _members(scanner, path, depth)
    else:
        yield Member(path, scanner.value())


def _list_items(scanner: Scanner, path: str, depth: int) -> Iterator[Item | Member]:
    scanner.take("[")
    if scanner.skip("]"):
        return
    while True:
        yield Item(path, scanner.value())
        if scanner.skip("]"):
            return
        scanner.take(",")


def _members(scanner: Scanner, path: str, depth: int) -> Iterator[Item | Member]:
    scanner.take("{")
    if scanner.skip("}"):
        return
    while True:
        if scanner.peek() != '"':
            raise BrokenJson(scanner.line, is_cut=not scanner.peek())
        key = scanner.value()
        scanner.take(":")
        yield from items_in(scanner, f"{path}.{key}" if path else str(key), depth + 1)
        if scanner.skip("}"):
            return
        scanner.take(",")


def lines_in(scanner: Scanner) -> Iterator[Item | Member]:
    """One object after the other, as in NDJSON."""
    while scanner.peek():
        yield Item("", scanner.value())
        scanner.skip(",")
