"""E-mail addresses and telephone numbers as people type them."""

from __future__ import annotations

import re
import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_OVERSEAS = {"262": "262", "269": "262", "590": "590", "594": "594", "596": "596", "690": "590", "692": "262", "693": "262",
             "694": "594", "696": "596", "639": "262", "691": "590", "697": "596"}  # fmt: skip


def with_our_figures(typed: str) -> str:
    """The same text with 0 to 9 in the place of the figures of other scripts: an Arabic keyboard types ٠ to ٩."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in typed)


def figures_in(typed: str) -> str:
    """The figures alone, 0 to 9."""
    return "".join(sign for sign in with_our_figures(typed) if sign in "0123456789")


def email_as_typed(typed: str) -> str:
    """The address without spaces and in small letters; "" when it is none."""
    address = "".join(typed.split()).lower()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def may_be_texted(phone: str) -> bool:
    """Whether a stranger may have us send an SMS to this number (E.164): of the countries of the settings, not a dear one.

    Numbers that cost much are drawn by those who earn from them; the persons of the installation are not concerned.
    """
    return phone.startswith(tuple(f"+{code}" for code in settings.SMS_COUNTRIES)) and not phone.startswith("+338")


def phone_as_typed(typed: str) -> str:
    """The number in E.164; a number without country is French, overseas départements included; "" when it is none."""
    typed = with_our_figures(typed)
    if re.search(r"[^\d\s.()+/\-\u00a0\u202f]", typed):
        return ""
    digits = figures_in(typed.replace("(0)", ""))
    if typed.strip().startswith("+"):
        return f"+{digits}" if 8 <= len(digits) <= 15 else ""
    if digits.startswith("00"):
        return f"+{digits[2:]}" if 8 <= len(digits) - 2 <= 15 else ""
    if len(digits) == 10 and digits.startswith("0"):
        return f"+{_OVERSEAS.get(digits[1:4], '33')}{digits[1:]}"
    return ""
