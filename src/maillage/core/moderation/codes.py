"""Codes read aloud, typed on a telephone or copied from a slip: short, hard to misread, impossible to guess."""

from __future__ import annotations

import re
import secrets
import unicodedata

from maillage.core.channels.addresses import with_our_figures

# Of each pair that eye or ear confuses only one is used; what is typed in its place is understood.
ALPHABET = "0123456789ACDEFGHJKMNPRTVWXY"
LENGTH = 10  # 28^10 is 48 bits
_UNDERSTOOD = str.maketrans("OQILBSZU", "001185" + "2V")


def new_code() -> str:
    """A code drawn by the operating system's generator."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def code_as_typed(typed: str) -> str:
    """The code meant by what was typed: capitals, spaces, dashes and confusions forgiven; "" when it can be none."""
    plain = with_our_figures(unicodedata.normalize("NFKD", typed[:100])).upper().translate(_UNDERSTOOD)
    code = re.sub(r"[^0-9A-Z]", "", plain)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def code_as_shown(code: str) -> str:
    """The code in groups, as one reads it aloud: 123-456-7890."""
    return "-".join(part for part in (code[:3], code[3:6], code[6:]) if part)
