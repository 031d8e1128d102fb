"""What core/people keeps about persons, for how long, and how it is exported and erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from maillage.core.people.actions_devices import close_devices, delete_ended_devices
from maillage.core.people.models import Device, Membership, Person, RecoveryCode, Role, SecondFactor, SignInCode
from maillage.core.rooms import PersonalData, Processing, Retention

IDLE_DAYS = 1095
CODE_DAYS = 1
SESSION_DAYS = 14
ERASED_NAME = "—"

PROCESSINGS = (
    Processing(
        code="accounts",
        purpose=_("Reconnaître les aidants, les modérateurs et les exploitants, et leur donner leurs droits."),
        legal_ground=_("Mission d’intérêt public"),
        data=(
            _("Nom affiché"),
            _("Adresse e-mail ou téléphone, au choix"),
            _("Rôles et territoires"),
            _("Dernière connexion"),
        ),
        people=_("Personnes qui ont un compte. Les habitants n’en ont pas besoin."),
        recipients=_("L’exploitant de cette installation"),
        retention=_("1095 jours (trois ans) après la dernière connexion, ou jusqu’à votre demande d’effacement"),
        retention_days=IDLE_DAYS,
    ),
    Processing(
        code="sign_in_codes",
        purpose=_("Vérifier que la personne qui se connecte est bien celle qui reçoit le code."),
        legal_ground=_("Mission d’intérêt public"),
        data=(_("Empreinte du code et du lien, jamais le code lui-même"), _("Heure de la demande")),
        people=_("Personnes qui ont un compte"),
        recipients=_("Personne"),
        retention=_("Le code sert 15 minutes ; sa trace est supprimée après 1 jour"),
        retention_days=CODE_DAYS,
    ),
    Processing(
        code="devices",
        purpose=_("Vous montrer où vous êtes connecté, pour que vous puissiez fermer un appareil perdu."),
        legal_ground=_("Mission d’intérêt public"),
        data=(_("Famille du navigateur et de l’appareil"), _("Heure de la connexion")),
        people=_("Personnes qui ont un compte"),
        recipients=_("La personne elle-même"),
        retention=_("Jusqu’à la déconnexion, 14 jours au plus"),
        retention_days=SESSION_DAYS,
    ),
    Processing(
        code="second_factor",
        purpose=_("Protéger par une deuxième étape le compte de ceux qui décident pour d’autres."),
        legal_ground=_("Mission d’intérêt public"),
        data=(
            _("Nombre tiré au sort qui, avec un secret de l’installation, donne la clé"),
            _("Empreinte des codes de secours"),
        ),
        people=_("Modérateurs, responsables, exploitants, et qui le veut"),
        recipients=_("Personne"),
        retention=_("Jusqu’au retrait de la deuxième étape, ou à votre demande d’effacement"),
        retention_days=None,
    ),
)
PERSONAL_DATA = (
    PersonalData(
        export="maillage.core.people.privacy.export_person", erase="maillage.core.people.privacy.erase_person"
    ),
)
RETENTIONS = (
    Retention(code="accounts", run="maillage.core.people.privacy.erase_idle_persons", days=IDLE_DAYS),
    Retention(code="sign_in_codes", run="maillage.core.people.privacy.delete_old_codes", days=CODE_DAYS),
    Retention(code="devices", run="maillage.core.people.privacy.delete_old_devices", days=SESSION_DAYS),
)


def export_person(person: Person) -> list[dict[str, Any]]:
    """The person's own row and roles."""
    row = {"kind": "person", "name": person.display_name, "email": person.email, "phone": person.phone,
           "language": person.language, "created_at": person.created_at.isoformat(),
           "last_sign_in_at": person.last_login.isoformat() if person.last_login else None}  # fmt: skip
    roles = Membership.objects.filter(person=person).select_related("organisation").order_by("pk")
    own = [{"kind": "device", "device": one.label, "since": one.opened_at.isoformat()}
           for one in Device.objects.filter(person=person).order_by("pk")]  # fmt: skip
    own += [{"kind": "second factor", "device": "", "since": one.set_up_at.isoformat()}
            for one in SecondFactor.objects.filter(person=person).order_by("pk")]  # fmt: skip
    return [row, *own, *({"kind": "role", "role": one.role, "territory": one.territory_code,
                    "organisation": one.organisation.name if one.organisation else "",
                    "since": one.created_at.isoformat(),
                    "until": one.ended_at.isoformat() if one.ended_at else None} for one in roles)]  # fmt: skip


def erase_person(person: Person) -> int:
    """Empties the row, whose number alone stays so that a restore erases it again; ends the sessions."""
    ended = Membership.objects.filter(person=person).delete()[0]  # a role in a small place would name the person
    codes = SignInCode.objects.filter(person=person).delete()[0]
    codes += RecoveryCode.objects.filter(person=person).delete()[0]
    codes += SecondFactor.objects.filter(person=person).delete()[0]
    codes += close_devices(person)
    person.display_name, person.email, person.phone = ERASED_NAME, "", ""
    person.is_active, person.erased_at, person.last_login = False, timezone.now(), None
    person.set_unusable_password()  # a new one: sessions of the old one no longer hold
    person.save()
    return 1 + ended + codes


def erase_idle_persons(now: datetime) -> int:
    """Erases everywhere those who have not signed in for three years; an operator stays until somebody decides."""
    from maillage.core.privacy.actions import erase  # which reads this module through the manifest

    limit = now - timedelta(days=IDLE_DAYS)
    idle = Person.objects.filter(Q(last_login__lt=limit) | Q(last_login=None, created_at__lt=limit), erased_at=None)
    idle = idle.exclude(memberships__in=Membership.objects.filter(role=Role.OPERATOR, ended_at=None))
    persons = list(idle.order_by("pk"))
    for person in persons:
        erase(person)
    return len(persons)


def delete_old_codes(now: datetime) -> int:
    """Deletes requests to sign in of more than a day."""
    return SignInCode.objects.filter(created_at__lt=now - timedelta(days=CODE_DAYS)).delete()[0]


def delete_old_devices(now: datetime) -> int:
    """Deletes sessions that ended, and the devices that they were on."""
    return delete_ended_devices()
