"""Texts as people paste them: tags, entities, letters broken by a wrong encoding, lists written in many ways."""

from __future__ import annotations

import html
import json
import re

from django.utils.translation import gettext as _

from maillage.core.intake.tables.cleaned import Cleaned
from maillage.core.moderation.texts import cleaned as harmless

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>|<!--.*?-->", re.DOTALL)
_DROPPED = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE)
_BREAKS = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4"})
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
# UTF-8 once read as Windows-1252: "Ã©" for "é", "â€™" for "’".
_BROKEN = re.compile(r"Ã[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|Â[\u00a0-\u00bf]")
_NOTHING = frozenset(
    {
        "",
        "-",
        "–",
        "—",
        "/",
        ".",
        "n/a",
        "na",
        "nc",
        "n.c.",
        "néant",
        "null",
        "none",
        "nan",
        "aucun",
        "sans objet",
        "non renseigné",
        "non renseignée",
        "non communiqué",
        "à préciser",
        "a préciser",
        "non défini",
        "?",
        "x",
        "http://",
        "https://",
    }
)


def is_nothing(text: str) -> bool:
    """Whether a cell says in words or signs that it says nothing."""
    return text.strip().lower() in _NOTHING


def clean_text(raw: str) -> Cleaned:
    """A text without tags, entities or broken letters; line ends stay."""
    text, words = raw, []
    if _BROKEN.search(text) and (mended := _mended(text)) != text:
        text = mended
        words.append(_("lettres abîmées par un encodage remises d’aplomb"))
    if "<" in text and _TAG.search(text):
        text = _without_tags(text)
        words.append(_("balises HTML retirées"))
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
        if _TAG.search(text):  # tags written as entities
            text = _without_tags(text)
        words.append(_("codes HTML remplacés par leurs lettres"))
    text = harmless(text.replace("\u00ad", "")) if not text.isascii() or not text.isprintable() else text.strip()
    return Cleaned(text, ", ".join(words))


def _without_tags(text: str) -> str:
    spaced = _TAG.sub(lambda tag: "\n" if (tag[2] or "").lower() in _BREAKS else "", _DROPPED.sub("", text))
    return re.sub(r"[ \t]*\n\s*\n\s*", "\n\n", spaced).strip()


def _mended(text: str) -> str:
    """The text whose UTF-8 was once read as Windows-1252; itself where that does not explain it."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return re.sub(_BROKEN.pattern + r"[\u0080-\u00ffœ™žŸ€‚„…]*", lambda part: _mended_part(part[0]), text)


def _mended_part(part: str) -> str:
    try:
        return part.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return part


def one_line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def listed(text: str) -> list[str]:
    """The items of a cell that holds several, whatever parts them: bars, semicolons, commas, JSON, braces, quotes."""
    plain = text.strip()
    if not plain:
        return []
    if plain[0] == "[" and plain[-1] == "]" and (found := _json_list(plain)) is not None:
        return found
    if plain[0] == "{" and plain[-1] == "}":  # PostgreSQL's own
        plain = plain[1:-1]
    if "|" in plain:
        parts = plain.split("|")
    elif '","' in plain or ',"' in plain or '",' in plain:
        parts = re.split(r'"?\s*,\s*"|"\s*,\s*"?', plain)
        parts = [
            piece for part in parts for piece in (re.split(r",(?=\S)(?![^(]*\))", part) if "(" not in part else [part])
        ]
    elif ";" in plain:
        parts = plain.split(";")
    elif "\n" in plain:
        parts = plain.split("\n")
    else:
        parts = _by_commas(plain)
    return list(dict.fromkeys(tidy for part in parts if (tidy := part.strip(" \t\n\"'•-")) and not is_nothing(tidy)))


def _by_commas(text: str) -> list[str]:
    """Items between commas, those in brackets left alone; a sentence is one item."""
    parts = re.split(r",\s*(?![^(]*\))", text)
    return parts if all(len(part) <= 60 for part in parts) else [text]


def _json_list(text: str) -> list[str] | None:
    try:
        found = json.loads(text.replace("'", '"') if '"' not in text else text)
    except ValueError:
        return None
    return [str(one) for one in found if one] if isinstance(found, list) else None
