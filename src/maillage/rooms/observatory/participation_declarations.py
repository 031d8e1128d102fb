"""What the observatory keeps about who takes part: data for the manifest."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import Processing, Retention

DECLARATION_DAYS = 365

PROCESSINGS = (
    Processing(
        code="participation",
        purpose=_("Savoir quels habitants prennent part et lesquels manquent, pour aller à leur rencontre."),
        legal_ground=_("Votre accord : chaque question est au choix, et rien n’est lié à votre contribution"),
        data=(
            _(
                "Tranche d’âge, femme ou homme, logement, quartier prioritaire, activité, langue : seulement ce que vous dites"
            ),
            _("Commune ou arrondissement, mois, voie d’arrivée"),
        ),
        people=_("Personnes qui prennent part et veulent bien dire qui elles sont"),
        recipients=_("Personne ne lit les réponses une à une ; seuls des totaux d’au moins 10 personnes sont publiés"),
        retention=_(
            "365 jours (un an) après la fin du mois, puis des totaux par année, sans lien entre les réponses d’une même personne"
        ),
        retention_days=DECLARATION_DAYS,
    ),
)
RETENTIONS = (
    Retention(
        code="participation",
        run="maillage.rooms.observatory.actions_participation.fold_old_declarations",
        days=DECLARATION_DAYS,
    ),
)
