"""Words as people type them: without accents or case, corrected by the vocabulary, widened by the everyday words."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

EVERYDAY_FILE = Path(__file__).parent / "everyday_words.yaml"
LONGEST_TEXT = 20_000
SHORT = 3
EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a au aux avec ce ces cet cette dans de des du elle en et eux il ils j je l la le les leur lui m ma mais me mes moi
        mon n ne nos notre nous on ou par pas pour qu que qui s sa se ses son sur t ta te tes toi ton tu un une vos votre vous
        y d c est suis ai as avez veux voudrais cherche besoin faire aller trouver comment quel quelle
        the to of for in an""",
    )
)


_MARKS = {code: None for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))}


@dataclass(frozen=True)
class Everyday:
    """What residents say, the terms it means, and the themes it belongs to."""

    words: tuple[tuple[str, ...], ...]
    means: tuple[str, ...]
    themes: tuple[str, ...]


def folded(text: str) -> str:
    """Lower case without accents or ligatures: "Écluse" and "ecluse" are one word."""
    if text.isascii():
        return text.lower()
    spread = text.lower().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    return unicodedata.normalize("NFKD", spread).translate(_MARKS)


def tokens(text: str) -> list[str]:
    """Words of a text, folded, in order; an apostrophe or a hyphen separates, "C.A.F." is one word."""
    spelled = re.sub(r"\b(?:\w\.){2,}", lambda found: found.group().replace(".", "") + " ", folded(text[:LONGEST_TEXT]))
    return re.findall(r"[^\W_]+", spelled)


def whole(word: str) -> str:
    """A short word as it is indexed beside its stem, so that the acronym "caf" does not find "café"."""
    return f"{word}xq"


def swapped(word: str) -> list[str]:
    """The words that differ from this one by two neighbouring letters changed round, as hurried fingers do.

    In a short word that leaves too few groups of three letters in common for the look-up by trigram: "pmims", "pimms".
    """
    turned = (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))
    return sorted({one for one in turned if one != word})


def meaningful(words: list[str]) -> list[str]:
    """The words that say something; all of them when none does."""
    return [word for word in words if word not in EMPTY_WORDS] or words


@cache
def everyday_words() -> tuple[Everyday, ...]:
    """The table of everyday words, read once; empty when the file is absent."""
    if not EVERYDAY_FILE.exists():
        return ()
    records = yaml.safe_load(EVERYDAY_FILE.read_text(encoding="utf-8")) or []
    return tuple(
        Everyday(
            words=tuple(tuple(tokens(str(phrase))) for phrase in record["words"]),
            means=tuple(str(term) for term in record.get("means", ())),
            themes=tuple(record.get("themes", ())),
        )
        for record in records
    )


@cache
def _phrases() -> dict[tuple[str, ...], Everyday]:
    found: dict[tuple[str, ...], Everyday] = {}
    for entry in everyday_words():
        for phrase in entry.words:
            found.setdefault(phrase, entry)
            found.setdefault(tuple(meaningful(list(phrase))), entry)
    return found


def everyday_at(words: list[str], start: int) -> tuple[int, Everyday] | None:
    """The longest everyday phrase that begins at this word: how many words it takes, and its entry."""
    for length in range(min(5, len(words) - start), 0, -1):
        entry = _phrases().get(tuple(words[start : start + length]))
        if entry:
            return length, entry
    return None
