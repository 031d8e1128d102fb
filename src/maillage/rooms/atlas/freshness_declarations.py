"""What freshness keeps about persons: data for the manifest. The functions named here are in `freshness_privacy.py`."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import PersonalData, Processing, Retention

CONTACT_DAYS = 183  # as long as the contact may not be asked again

PROCESSINGS = (
    Processing(
        code="freshness",
        purpose=_("Demander aux lieux si leur fiche est toujours vraie, une fois tous les six mois au plus."),
        legal_ground=_("Mission d’intérêt public ; le refus est respecté dès qu’il est dit"),
        data=(
            _("Téléphone ou adresse e-mail public du lieu"),
            _("Réponse, date et voie"),
            _("Aidant qui a téléphoné ou recopié la réponse"),
            _("Empreinte du contact qui ne veut plus être interrogé"),
        ),
        people=_("Personnes qui tiennent un lieu, aidants"),
        recipients=_("Modérateurs et aidants ; le service d’envoi choisi par l’exploitant"),
        retention=_("183 jours (six mois) après la demande ; un refus reste, par son empreinte seulement"),
        retention_days=CONTACT_DAYS,
    ),
)
PERSONAL_DATA = (
    PersonalData(
        export="maillage.rooms.atlas.freshness_privacy.export_requests",
        erase="maillage.rooms.atlas.freshness_privacy.erase_requests",
    ),
)
RETENTIONS = (
    Retention(code="freshness", run="maillage.rooms.atlas.freshness_privacy.forget_contacts", days=CONTACT_DAYS),
)
