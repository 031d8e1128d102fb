"""What the map's script says and shows, in the page's language: the script itself holds no sentence."""

from __future__ import annotations

import hashlib
import json

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

_BASEMAPS = {
    "ign": {
        "tiles": "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png"
        "&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
        "origin": "https://data.geopf.fr",
        "attribution": "© IGN – Plan IGN",
    },
    "osm": {
        "tiles": "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        "origin": "https://tile.openstreetmap.org",
        "attribution": "© les contributeurs d’OpenStreetMap",
    },
}


def basemap() -> dict[str, str]:
    """The basemap chosen by setting; empty by default: nothing is asked of anyone else."""
    return _BASEMAPS.get(settings.BASEMAP, {})


def words() -> dict[str, str]:
    """Every sentence of the map, with {holes} that the script fills."""
    return {
        "map": _("Carte"),
        "zoomIn": _("Agrandir"),
        "zoomOut": _("Réduire"),
        "north": _("Vers le haut"),
        "south": _("Vers le bas"),
        "west": _("Vers la gauche"),
        "east": _("Vers la droite"),
        "move": _("Déplacer la carte"),
        "reset": _("Tout voir"),
        "legend": _("Légende"),
        "openPoint": _("Pastille pleine : ouvert"),
        "closedPoint": _("Pastille en pointillé : fermé, en projet ou inconnu"),
        "cluster": _("Groupe : le nombre exact de lieux"),
        "district": _("Quartier prioritaire (QPV)"),
        "districtPoint": _("Quartier prioritaire sans contour chargé"),
        "commune": _("Limite de commune, tracé simplifié"),
        "visible": _("Lieux visibles sur la carte"),
        "visibleCount": _("{count} visibles sur la carte"),
        "visibleNone": _("Aucun lieu dans cette partie de la carte."),
        "group": _("Groupe de {count} lieux"),
        "groupHelp": _("Voir ce groupe de plus près"),
        "selected": _("{name} : choisi sur la carte et dans la liste."),
        "selectedOnly": _("{name} : choisi sur la carte."),
        "open": _("Ouvrir la fiche"),
        "close": _("Fermer"),
        "searchHere": _("Chercher dans cette zone"),
        "scale": _("Échelle : {length}"),
        "source": _("Source : {source}"),
        "noMap": _(
            "La carte ne peut pas s’afficher sur cet appareil. Rien ne manque : la liste contient les mêmes lieux."
        ),
        "lost": _("La carte s’est arrêtée. La liste reste complète. Vous pouvez recharger la page pour la retrouver."),
        "tilesFailed": _("Une partie de la carte n’a pas pu être chargée. La liste reste complète."),
        "help": _(
            "Au clavier : les flèches déplacent la carte, les touches + et − changent l’échelle. "
            "Avec un lecteur d’écran, les boutons qui suivent font de même. La liste des lieux visibles suit la carte."
        ),
        "twoFingers": _("Deux doigts pour déplacer la carte"),
        "moved": _("Carte déplacée. Lieux visibles : {count}."),
        "pinHelp": _(
            "Touchez la carte à l’endroit voulu, ou déplacez la carte sous la croix puis pressez « Placer ici »."
        ),
        "pinKeys": _(
            "Au clavier : les flèches déplacent la carte, les touches + et − changent l’échelle. "
            "Avec un lecteur d’écran, les boutons qui suivent font de même."
        ),
        "pinHere": _("Placer ici"),
        "pinPlaced": _("Repère placé."),
        "pinRemove": _("Enlever le repère"),
    }


def address() -> str:
    """Where the script finds its words: another address when they change, so that a browser may keep them."""
    said = json.dumps(words(), sort_keys=True).encode()
    return f"{reverse('web:map_words')}?v={hashlib.blake2b(said, digest_size=6).hexdigest()}"
