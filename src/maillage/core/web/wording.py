"""How numbers, distances, telephone numbers and addresses are written for people."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

NARROW_SPACE: Final = "\N{NARROW NO-BREAK SPACE}"
SPACE: Final = "\N{NO-BREAK SPACE}"  # between the pairs of a telephone number: read aloud and dialled two by two
_COUNTRY: Final = re.compile(r"^(?:\+33|0033)0?")


def number(value: int | float | None) -> str:
    """A number with the thousands apart: "12 345" in French, "12,345" elsewhere; empty for None."""
    if value is None:
        return ""
    separator = NARROW_SPACE if get_language() == "fr" else ","
    whole, point, rest = f"{value:,}".partition(".")
    mark = "," if get_language() == "fr" else "."
    return whole.replace(",", separator) + (mark + rest if point else "")


def distance(metres: float | None) -> str:
    """As precise as a person needs: "à 350 m", "à 2,4 km", "à 31 km"; empty for None."""
    if metres is None:
        return ""
    if metres < 995:
        number_shown, unit = str(max(10, round(metres / 10) * 10)), _("m")
    else:
        kilometres = metres / 1000
        digits = 1 if kilometres < 20 else 0
        number_shown, unit = number_format(round(kilometres, digits), digits), _("km")
    return _("à %(length)s") % {"length": f"{number_shown}{NARROW_SPACE}{unit}"}


def telephone_digits(raw: str) -> str:
    """The number as a telephone dials it: "+33472000000", or a short number such as "3631"."""
    digits = _COUNTRY.sub("0", re.sub(r"[^\d+]", "", raw))
    if re.fullmatch(r"0\d{9}", digits):
        return "+33" + digits[1:]
    return digits


def telephone_text(raw: str) -> str:
    """The number as people read it: "04 72 00 00 00"; other countries' numbers stay as they were given."""
    dialled = telephone_digits(raw)
    if re.fullmatch(r"\+33\d{9}", dialled):
        national = "0" + dialled[3:]
        return SPACE.join(national[i : i + 2] for i in range(0, 10, 2))
    if re.fullmatch(r"3\d{3}", dialled):
        return f"{dialled[:2]}{SPACE}{dialled[2:]}"
    return raw.strip()


def domain(url: str) -> str:
    """The site's name in an address, without "www."; the text itself where it is no address."""
    host = urlsplit(url).hostname or url
    return host.removeprefix("www.")
