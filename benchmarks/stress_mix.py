"""What visitors ask for in the endurance run: addresses found in the site's own pages, by kind, each with its share.

Shares follow a public site: lists, sheets and tiles mostly; files, reports and writings now and then.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

from stress_browser import Browser, NotAnswered

# Kind of page → requests in a thousand, and which addresses it has.
SHARES: dict[str, tuple[int, str]] = {
    "list": (150, r"^/atlas/\?"),
    "search": (110, ""),
    "facets": (110, ""),
    "sheet": (140, r"^/atlas/fiche/\d+-"),
    "map": (30, r"^/atlas/carte/"),
    "tile": (180, ""),
    "static": (90, r"^/static/"),
    "territory": (25, r"^/territoires/\w+/\w+/"),
    "profile": (25, r"^/observatoire/profils/"),
    "comparison": (20, ""),
    "reliefs": (25, r"^/observatoire/reliefs/(fiches/)?\?"),
    "composed map": (15, ""),
    "report page": (2, r"^/observatoire/rapport/.*\.html$"),
    "indicators": (10, r"^/observatoire/indicateurs/"),
    "other page": (20, r"^/($|mots/|plan|acces|mentions|langage|donnees|en/|ar/|observatoire/$|observatoire/concl)"),
    "interface": (25, r"^/api/v1/"),
    "OGC": (20, r"^/atlas/ogc/"),
    "export": (6, r"^/(atlas/telecharger/.+|territoires/export.csv|observatoire/.*\.(csv|xlsx|geojson))"),
    "leaflet": (1, r"^/atlas/depliant/.*\.pdf$"),
    "health": (10, r"^/(sante|pret)/"),
}
STARTS = (
    "/", "/atlas/", "/atlas/carte/", "/atlas/telecharger/", "/atlas/interface/", "/atlas/ogc/collections", "/territoires/",
    "/observatoire/", "/observatoire/profils/", "/observatoire/comparer/", "/observatoire/reliefs/", "/observatoire/conclusions/",
    "/observatoire/indicateurs/", "/observatoire/cartes/", "/atlas/depliant/", "/plan-du-site/", "/en/atlas/", "/ar/atlas/",
)  # fmt: skip
ALWAYS = (
    "/sante/",
    "/pret/",
    "/atlas/ogc/collections",
    "/atlas/ogc/",
    "/territoires/export.csv",
    "/api/v1/atlas/entries",
)
LINK = re.compile(r'(?:href|src)="(/[^"#]*)')
NEVER = re.compile(r"/(affichage|connexion|deconnexion|atlas/proposer|atlas/bureau|atlas/suivi)")
WORDS = (
    "atelier",
    "imprimer",
    "rsa",
    "vélo",
    "numérique",
    "emploi",
    "papiers",
    "logement",
    "médiathèque",
    "café",
    "aide",
)


@dataclass
class Mix:
    """Addresses by kind, and how one is drawn."""

    known: dict[str, list[str]]
    facets: list[tuple[str, str]]
    indicators: list[str]
    territories: list[str]

    def drawn(self) -> tuple[str, str]:
        """A kind and one of its addresses."""
        kinds = list(SHARES)
        kind = random.choices(kinds, [SHARES[one][0] for one in kinds])[0]
        return kind, self._made.get(kind, lambda: random.choice(self.known[kind]))()

    @property
    def _made(self) -> dict[str, Callable[[], str]]:
        return {
            "search": self._search, "facets": self._facets, "tile": _tile, "comparison": self._comparison,
            "composed map": self._composed,
        }  # fmt: skip

    def _search(self) -> str:
        typed = random.choice(WORDS) + random.choice(["", "", " lyon", " venissieux", f" {random.randint(1, 400)}"])
        path = random.choice(["/atlas/", "/atlas/", "/atlas/", "/api/v1/atlas/search"])
        return f"{path}?{urlencode({'q': typed})}"

    def _facets(self) -> str:
        chosen = random.sample(self.facets, random.randint(1, 3))
        return f"/atlas/?{urlencode(chosen)}"

    def _comparison(self) -> str:
        chosen = random.sample(self.territories, random.randint(1, 4))
        return f"/observatoire/comparer/?{urlencode([('territoire', one) for one in chosen])}"

    def _composed(self) -> str:
        asked = urlencode({"indicateur": random.choice(self.indicators)})
        path = random.choice(["/observatoire/cartes/", "/observatoire/cartes/", "/observatoire/cartes/fichier/svg/"])
        return f"{path}?{asked}"


def _tile() -> str:
    """Around Lyon, from the region to the street."""
    zoom = random.randint(7, 16)
    across = 2**zoom
    x = int((4.85 + random.gauss(0, 0.15) + 180) / 360 * across)
    y = int(across * 0.35645 + random.gauss(0, across * 0.0003))
    asked = random.choice(["", "", f"?theme={random.choice(['training', 'housing', 'mobility'])}"])
    return f"/{random.choice(['atlas', 'atlas', 'atlas', 'territoires'])}/tuiles/{zoom}/{x}/{y}.mvt{asked}"


def found_in(browser: Browser, pages: int) -> Mix:
    """Walks the site's links, breadth first."""
    waiting, seen = list(STARTS), set(STARTS)
    read = 0
    while waiting and read < pages:
        path, read = waiting.pop(0), read + 1
        try:
            _status, _location, text = browser.ask("walk", path)
        except NotAnswered:
            continue
        links = {unescape(found) for found in LINK.findall(text)} - seen
        links = {one for one in links if not NEVER.search(one)}
        seen |= links
        waiting += sorted(one for one in links if not one.startswith("/static/"))[:40]
    facets = json.loads(browser.page("walk", "/api/v1/atlas/facets"))
    names = {"theme": "theme", "public": "public", "status": "etat", "kind": "type", "actor": "acteur"}
    chosen = [
        (names[one["name"]], str(value["value"])) for one in facets if one["name"] in names for value in one["values"]
    ]
    compose = browser.page("walk", "/observatoire/cartes/")
    indicators = re.findall(r'<option value="([\w-]+)"', compose)
    return Mix(_by_kind(seen | set(ALWAYS)), chosen, indicators, _territories(seen))


def _by_kind(seen: set[str]) -> dict[str, list[str]]:
    known = {
        kind: sorted(one for one in seen if re.search(pattern, one))
        for kind, (_share, pattern) in SHARES.items()
        if pattern
    }
    lacking = [kind for kind, found in known.items() if not found]
    assert not lacking, f"the walk found no address of: {lacking}"
    return known


def _territories(seen: set[str]) -> list[str]:
    found = {re.sub(r"^/observatoire/profils/(\w+)/(\w+)/$", r"\1:\2", one) for one in seen}
    return sorted(one for one in found if re.fullmatch(r"\w+:\w+", one))
