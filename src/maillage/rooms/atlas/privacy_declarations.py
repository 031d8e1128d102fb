"""What the atlas keeps about persons: data for the manifest. The functions named here are in `privacy.py`."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import PersonalData, Processing, Retention
from maillage.rooms.atlas import freshness_declarations as freshness

CONTACT_DAYS = 30
TEXT_DAYS = 365
DRAFT_DAYS = 30
VOICE_DAYS = 30

PROCESSINGS = (
    Processing(
        code="contacts",
        purpose=_("Répondre à la personne qui propose ou signale, si elle le demande."),
        legal_ground=_("Votre accord : la réponse est au choix, le code de suivi suffit"),
        data=(_("Téléphone ou adresse e-mail"),),
        people=_("Personnes qui demandent une réponse"),
        recipients=_("Le service d’envoi d’e-mails ou de SMS choisi par l’exploitant"),
        retention=_("30 jours après la réponse"),
        retention_days=CONTACT_DAYS,
    ),
    Processing(
        code="texts",
        purpose=_("Lire ce que les personnes écrivent aux modérateurs, et garder la trace des décisions."),
        legal_ground=_("Mission d’intérêt public"),
        data=(_("Message libre"), _("Raisons d’un désaccord"), _("Aidant qui a saisi pour une autre personne")),
        people=_("Personnes qui proposent ou signalent, aidants"),
        recipients=_("Modérateurs du territoire"),
        retention=_("365 jours (un an) après la décision"),
        retention_days=TEXT_DAYS,
    ),
    Processing(
        code="drafts",
        purpose=_("Garder un brouillon à finir plus tard."),
        legal_ground=_("Votre accord : vous choisissez de le garder"),
        data=(_("Ce que vous avez écrit, y compris le numéro ou l’adresse pour la réponse"),),
        people=_("Personnes qui commencent une proposition"),
        recipients=_("Personne : seule l’adresse secrète du brouillon l’ouvre"),
        retention=_("30 jours après la dernière modification, ou dès l’envoi"),
        retention_days=DRAFT_DAYS,
    ),
    Processing(
        code="voices",
        purpose=_("Ne compter qu’une fois l’avis de chaque personne sur une proposition."),
        legal_ground=_("Mission d’intérêt public"),
        data=(_("Empreinte de la session ou du compte, jamais un nom"), _("Avis")),
        people=_("Personnes qui donnent leur avis sur une proposition"),
        recipients=_("Personne"),
        retention=_("30 jours après la décision ; le nombre d’avis reste"),
        retention_days=VOICE_DAYS,
    ),
    *freshness.PROCESSINGS,
)
PERSONAL_DATA = (
    PersonalData(
        export="maillage.rooms.atlas.privacy.export_suggestions", erase="maillage.rooms.atlas.privacy.erase_suggestions"
    ),
    PersonalData(
        export="maillage.rooms.atlas.privacy.export_drafts", erase="maillage.rooms.atlas.privacy.erase_drafts"
    ),
    PersonalData(
        export="maillage.rooms.atlas.privacy.export_voices", erase="maillage.rooms.atlas.privacy.erase_voices"
    ),
    *freshness.PERSONAL_DATA,
)
RETENTIONS = (
    Retention(code="contacts", run="maillage.rooms.atlas.privacy.erase_old_contacts", days=CONTACT_DAYS),
    Retention(code="texts", run="maillage.rooms.atlas.privacy.erase_old_texts", days=TEXT_DAYS),
    Retention(code="drafts", run="maillage.rooms.atlas.privacy.delete_old_drafts", days=DRAFT_DAYS),
    Retention(code="voices", run="maillage.rooms.atlas.privacy.forget_old_voices", days=VOICE_DAYS),
    *freshness.RETENTIONS,
)
