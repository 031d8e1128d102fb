"""What people type, made harmless without losing a word: control characters and overrides of direction go."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# C0 and C1 controls but tabulation and newline; embeddings, overrides and isolates of direction, which can make a text
# read other than it is; invisible fillers; lone surrogates and non-characters. The marks U+200E and U+200F stay: Arabic
# needs them. The joiners U+200C and U+200D stay: Arabic, Persian and emoji need them.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


def cleaned(text: str) -> str:
    """The same text in NFC, newlines as \\n, without harmful characters nor spaces at the ends."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", _HARMFUL.sub("", unified)).strip()


def cleaned_line(text: str) -> str:
    """As `cleaned`, on one line."""
    return " ".join(cleaned(text).split())


@dataclass(frozen=True)
class Piece:
    """A run of text in a difference: kept ("="), removed ("-") or added ("+")."""

    sign: str
    text: str


def word_differences(before: str, after: str) -> list[Piece]:
    """What changed, word by word; joined, "=" and "-" give `before`, "=" and "+" give `after`."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=len(old) + len(new) > 4000)
    for operation, i, j, k, m in matcher.get_opcodes():
        if operation == "equal":
            pieces.append(Piece("=", "".join(old[i:j])))
            continue
        pieces += _changed("".join(old[i:j]), "".join(new[k:m]))
    return _joined(pieces)


def _changed(removed: str, added: str) -> list[Piece]:
    return [piece for piece in (Piece("-", removed), Piece("+", added)) if piece.text]


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Two changes parted by a lone space read better as one."""
    result: list[Piece] = []
    pending = list(pieces)
    for index, piece in enumerate(pending):
        between = piece.sign == "=" and piece.text.isspace() and 0 < index < len(pending) - 1
        parts = [Piece("-", piece.text), Piece("+", piece.text)] if between else [piece]
        result += parts
    return _merged(result)


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Between two kept runs: one removal, then one addition."""
    result: list[Piece] = []
    removed = added = ""
    for piece in [*pieces, Piece("=", "")]:
        if piece.sign == "=":
            result += _changed(removed, added)
            removed = added = ""
            result += [piece] if piece.text else []
        elif piece.sign == "-":
            removed += piece.text
        else:
            added += piece.text
    return result
