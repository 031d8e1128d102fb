"""What an SMS costs, and the signs that make it cost twice as much.

3GPP TS 23.038: 160 signs of the GSM alphabet in one message (153 in each of several), but 70 (67) as soon as one sign is
outside it, as ’ ê ç œ « and the space that does not break are.
"""

from __future__ import annotations

import re

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€")  # two places each
_PLAIN = str.maketrans({
    "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "–": "-", "—": "-", "−": "-", "•": "-", "·": "-",
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "œ": "oe", "Œ": "OE", "À": "A", "È": "E", "Ù": "U",
    **dict(zip("âêîôûëïÿçÂÊÎÔÛËÏ", "aeioueiycAEIOUEI", strict=True)),
})  # fmt: skip


def messages_of(text: str) -> int:
    """How many messages an operator counts for this text."""
    if set(text) <= BASIC | EXTENDED:
        return _parts(sum(2 if sign in EXTENDED else 1 for sign in text), 160, 153)
    return _parts(len(text.encode("utf-16-le")) // 2, 70, 67)


def _parts(length: int, alone: int, each: int) -> int:
    return 1 if length <= alone else -(-length // each)


def thrifty(text: str) -> str:
    """The text with plainer signs where that saves a message; else as it is."""
    plain = re.sub(r"«\s|\s»", '"', text).translate(_PLAIN)
    return plain if messages_of(plain) < messages_of(text) else text
