"""Telephone numbers, e-mail and web addresses as directories write them."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.intake.tables.clean_text import is_nothing
from maillage.core.intake.tables.cleaned import Cleaned

# A run of digits with the signs people put between them; ten digits end a national number even when another follows.
_PHONE = re.compile(
    r"(?:\+|00)\d[\d\s.()/\-\u00a0\u202f]{6,}\d|0[\d\s.()\-\u00a0\u202f]{8,}\d|\b3\d{3}\b|\b3\d\s\d\d\b|\b1[0-9]{1,2}\b|\b\d{8,13}\b"
)
_SHORT = re.compile(r"3\d{3}|1\d{1,2}|11[568]\d{3}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+'’-]+\s?@\s?[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_URL = re.compile(r"https?://(?:[\w-]+\.)+[a-z]{2,24}(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)
LONGEST_URL = 400


def clean_phone(raw: str) -> Cleaned:
    """The first number in E.164 (or a short number as it is); others and words go to `rest`."""
    if is_nothing(raw):
        return Cleaned()
    found = [(part, number) for part in _phone_parts(raw) if (number := _phone(part))]
    if not found:
        return Cleaned(fault=_("numéro de téléphone non compris"), rest=raw.strip())
    real = [(part, number) for part, number in found if not _is_dummy(number)]
    if not real:
        return Cleaned(fault=_("numéro de téléphone fictif"), rest="")
    part, number = real[0]
    others = list(dict.fromkeys(one for _part, one in real[1:] if one != number))
    return Cleaned(
        number, _phone_word(part, number, raw, others), rest=_around(raw, [one for one, _n in found], others)
    )


def _phone_parts(raw: str) -> list[str]:
    """Pieces that may each be a number: "04 72 00 00 00 / 06 00 00 00 01" holds two."""
    pieces = re.split(r"[|;,\n]|\s/\s|\s-\s|\bou\b|\bet\b", raw)
    parts = [one[0].strip() for piece in pieces for one in _PHONE.finditer(piece)]
    return [half for part in parts for half in _halves(part)]


def _halves(part: str) -> list[str]:
    """Two national numbers written in one go."""
    digits = re.sub(r"\D", "", part)
    if len(digits) == 20 and digits[0] == digits[10] == "0":
        return [digits[:10], digits[10:]]
    return [part]


def _phone(part: str) -> str:
    digits = re.sub(r"\D", "", part)
    if _SHORT.fullmatch(digits):
        return digits
    if known := phone_as_typed(part):
        return known if not known.startswith("+330") else phone_as_typed("+33" + known[4:])
    if len(digits) == 9 and digits[0] != "0":
        return phone_as_typed(f"0{digits}")
    if len(digits) == 11 and digits.startswith("33"):
        return phone_as_typed(f"+{digits}")
    return ""


def _is_dummy(number: str) -> bool:
    """A number that only fills a field: all zeros after the first two digits, one digit throughout, or 0123456789."""
    national = number.removeprefix("+33")
    return len(national) == 9 and (set(national[1:]) == {"0"} or len(set(national)) == 1 or national == "123456789")


def _phone_word(part: str, number: str, raw: str, others: list[str]) -> str:
    words = []
    digits = re.sub(r"\D", "", part)
    if len(digits) == 9 and digits[0] != "0" and not part.startswith("+"):
        words.append(_("zéro du début remis au téléphone"))
    elif number != raw.strip() and not others and not _SHORT.fullmatch(number):
        words.append(_("téléphone mis au format international"))
    if others:
        words.append(_("plusieurs téléphones : le premier est retenu, les autres sont gardés dans la description"))
    return ", ".join(words)


def _around(raw: str, parts: list[str], others: list[str]) -> str:
    """What the cell says beside its first number: other numbers, and words such as "sauf le lundi"."""
    text = raw
    for part in parts:
        text = text.replace(part, " ")
    words = re.sub(r"(?i)\b(t[ée]l(?:[ée]phone)?|fax|ou|et|portable|fixe|mobile)\b", " ", text)
    has_words = len(re.findall(r"[^\W\d_]{3,}", words)) > 0
    return raw.strip() if has_words else " / ".join(others)


def clean_email(raw: str) -> Cleaned:
    """The first address, in small letters; others go to `rest`. Half an address is never taken for one."""
    text = re.sub(r"\s*[\[(]\s*(?:at|arobase)\s*[\])]\s*", "@", raw.strip())
    if is_nothing(text):
        return Cleaned()
    if re.fullmatch(r"[\[<(][^@]*[\])>]", text):
        return Cleaned(fault=_("adresse e-mail retirée par la source"))
    found, unclear = list[str](), list[str]()
    for piece in re.split(r"[|;,\n]|\s/\s|\s-\s|\sou\s|\set\s", text):
        plain = re.sub(r"(?i)^\s*(?:mailto:|(?:adresse|e-?mail|mail|courriel|contact)?\s*:)?\s*|[\s.]+$", "", piece)
        address = email_as_typed(plain) if _EMAIL.fullmatch(plain) else ""
        (found if address else unclear).append(address or piece.strip())
    unclear = [one for one in unclear if one]
    if not found:
        return Cleaned(fault=_("adresse e-mail non comprise"), rest=raw.strip())
    others = [one for one in dict.fromkeys(found[1:]) if one != found[0]]
    word = ""
    if others or unclear:
        word = _("plusieurs adresses e-mail : la première est retenue, les autres sont gardées dans la description")
    elif found[0] != raw.strip().lower():
        word = _("adresse e-mail nettoyée")
    return Cleaned(found[0], word, rest=" / ".join([*others, *unclear]))


def clean_url(raw: str) -> Cleaned:
    """The first web address, with its scheme; others go to `rest`."""
    if is_nothing(raw):
        return Cleaned()
    pieces = [
        one.strip(" <>\"'") for one in re.split(r"[|;\s]+|,\s|,(?=https?:|www\.)|(?<!^)(?=https?://)", raw.strip())
    ]
    found = [address for piece in pieces if piece and (address := _address(piece))]
    unclear = [
        piece
        for piece in pieces
        if piece not in {"", "ou", "et"} and not _address(piece) and re.search(r"\w{2}", piece)
    ]
    if not found:
        return Cleaned(fault=_("adresse de site non comprise"), rest=raw.strip()) if unclear else Cleaned()
    others = [one for one in dict.fromkeys(found[1:]) if one != found[0]]
    word = ""
    if others:
        word = _("plusieurs adresses de site : la première est retenue, les autres sont gardées dans la description")
    elif found[0] != raw.strip():
        word = _("adresse de site nettoyée")
    return Cleaned(found[0], word, rest=raw.strip() if unclear else " / ".join(others))


def _address(piece: str) -> str:
    """A web address with its scheme, "" when the piece is none; an e-mail address is none."""
    text = re.sub(r"(?i)^(https?):?/*(?:\1:?/*)?(?=\w)", lambda start: f"{start[1].lower()}://", piece)
    if not re.match(r"(?i)https?://", text):
        if "@" in text:
            return ""
        text = f"https://{text}"
    return text if len(text) <= LONGEST_URL and _URL.fullmatch(text) else ""
