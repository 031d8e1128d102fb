"""What the composed maps keep about persons: data for the manifest."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import Processing

PROCESSINGS = (
    Processing(
        code="maps",
        purpose=_("Garder une carte composée, avec les mots de son auteur, à une adresse que l’on peut partager."),
        legal_ground=_("Votre accord : vous choisissez de la garder, et d’y mettre un nom ou non"),
        data=(_("Nom ou groupe, si vous en mettez un"), _("Titre, texte et hypothèse")),
        people=_("Personnes qui gardent une carte"),
        recipients=_("Toute personne qui a l’adresse de la carte"),
        retention=_("Jusqu’à ce que vous la retiriez avec son adresse de modification"),
        retention_days=None,
    ),
    Processing(
        code="map_flags",
        purpose=_("Lire ce que l’on nous signale au sujet d’une carte."),
        legal_ground=_("Mission d’intérêt public"),
        data=(_("Message libre"),),
        people=_("Personnes qui signalent une carte"),
        recipients=_("Modérateurs"),
        retention=_("Jusqu’à ce que la carte soit retirée"),
        retention_days=None,
    ),
)
