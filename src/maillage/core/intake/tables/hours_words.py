"""The words of French opening hours, one after the other: days, times, links, and what is said of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DAY = {"lun": 0, "mar": 1, "mer": 2, "jeu": 3, "ven": 4, "sam": 5, "dim": 6}
_RANKS = (
    ("1", 1),
    ("prem", 1),
    ("2", 2),
    ("deux", 2),
    ("sec", 2),
    ("3", 3),
    ("trois", 3),
    ("4", 4),
    ("quat", 4),
    ("dern", -1),
)
_PARTS = {"m": "matin", "a": "après-midi", "s": "soir", "j": ""}
# In this order: the first that fits is taken. Texts are folded: small letters, no accents, straight apostrophes.
_PATTERNS = (
    ("always", r"24\s*h?\s*/\s*24(?:\s*h)?(?:\s*(?:et|,|-)?\s*7\s*j?(?:ours)?\s*/\s*7\s*j?)?|24/7"),
    ("everyday", r"(?:tous les jours(?: de la semaine)?|7\s*j(?:ours)?\s*/\s*7\s*j?|chaque jour)\b"),
    ("week", r"(?:en semaine|jours? (?:ouvrables?|ouvres?))\b"),
    ("weekend", r"(?:les? )?week[ -]?ends?\b"),
    (
        "rank",
        r"(?P<which>1ers?|premiers?|2e(?:me)?|2nds?|deuxiemes?|seconds?|3e(?:me)?|troisiemes?|4e(?:me)?|quatriemes?|derniers?)\b",
    ),
    ("ofmonth", r"(?:du|de chaque|dans le|par) mois\b"),
    ("day", r"(?P<dayname>(?:lun|mar|mer|jeu|ven|sam)(?:dis?|credis?|dredis?|edis?)?|dim(?:anches?)?)\b\.?"),
    (
        "booked",
        (
            r"(?:uniquement |seulement |exclusivement )?(?:et )?(?:sur|avec|par|prise de)\s"
            r"(?:rdv|rendez[ -]?vous|r\.d\.v\.?)(?: uniquement| seulement)?"
        ),
    ),
    ("free", r"(?:sans (?:rdv|rendez[ -]?vous)|(?:en )?acces libre)\b"),
    ("closed", r"ferm(?:ee?s?|eture|es?)\b"),
    ("except", r"(?:sauf|hors|excepte)\b"),
    ("holidays", r"jours? feries?\b"),
    ("part", r"(?:le |la |l')?(?P<half>matins?|matinees?|apres[ -]?midis?|aprem|soirs?|soirees?|journees?)\b"),
    ("noon", r"midi\b"),
    ("midnight", r"minuit\b"),
    (
        "time",
        r"(?P<hour>[01]?\d|2[0-4])\s*(?:h(?:eures?|rs?|s)?|:|\.(?=\d\d(?!\d)))(?P<minute>[0-5]\d)?(?:\s*mn|\s*min)?(?![\d:])",
    ),
    ("number", r"\d{1,2}(?![\d/])"),
    ("span", r"[-–—/>]+|\b(?:a|au|jusqu'?\s?(?:a|au))\b"),
    ("and", r"[,&+]|\b(?:et|puis|ou|ainsi que)\b"),
    ("stop", r"[;|.]|\n"),
    (
        "noise",
        (
            r"(?:horaires?|heures?)(?: d'?\s?(?:ouverture|accueil))?\b|(?:ouvert(?:e|s|es|ure)?|accueil|(?:du |au )?public"
            r"|permanences?|les?|la|du|de|des|en|toute?s?|chaque|journee continue|non[ -]stop|sans interruption)\b"
            r"|[ld]'|[:()\s•*\"]"
        ),
    ),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))


@dataclass(frozen=True)
class Word:
    """One word understood: its kind, and its value (a day, minutes since midnight, a rank in the month, a half of the day)."""

    kind: str
    number: int = 0
    text: str = ""


def words_of(raw: str) -> list[Word] | None:
    """The words of a text; None as soon as one is not understood: half-understood hours would be wrong hours."""
    text, words, at = _folded(raw), list[Word](), 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            return None
        at = found.end()
        if (word := _word(found)) is not None:
            words.append(word)
    return words


def _folded(raw: str) -> str:
    spread = unicodedata.normalize("NFKD", raw.lower().replace("\u00a0", " ").replace("’", "'"))
    text = "".join(one for one in spread if not unicodedata.combining(one))
    text = re.sub(r"(?<=\d)\s*h\s*(?=[0-5]\d(?!\d|\s*[h:.]))", "h", text)
    # "9h à12h", "14ha17h", "lundi9h": a space was forgotten.
    return re.sub(r"(?<=[a-z])(?=\d{1,2}\s*[h:])|(?<=[\dh])(?=a\s?\d)", " ", text).strip()


def _word(found: re.Match[str]) -> Word | None:
    kind = str(found.lastgroup)
    if kind in {"noise", "free"}:
        return None
    if kind == "day":
        return Word("day", _DAY[found["dayname"][:3]])
    if kind == "time":
        return Word("time", 60 * int(found["hour"]) + int(found["minute"] or 0))
    if kind == "rank":
        return Word("rank", next(number for start, number in _RANKS if found["which"].startswith(start)))
    if kind == "part":
        return Word("part", text=_PARTS[found["half"][0]])
    if kind in {"noon", "midnight"}:
        return Word("time", 720 if kind == "noon" else 1440)
    return Word(kind, int(found[0]) if kind == "number" else 0, found[0])
