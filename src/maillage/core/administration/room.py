"""Manifest of the administration: persons and roles, the work of the machine."""

from django.utils.translation import gettext_noop as _

from maillage.core.rooms import Processing, Retention, Room, Workplace

ROOM = Room(
    code="administration",
    label=_("Administration"),
    sentence=_("Donner et reprendre des rôles, surveiller le travail de la machine."),
    is_core=True,
    urls="maillage.core.administration.urls",
    url_prefix="administration/",
    workplaces=[
        Workplace(
            label=_("Personnes et rôles"),
            url_name="administration:persons",
            icon="users",
            may="maillage.core.people.seeing.may_administer",
        ),
        Workplace(
            label=_("État de la machine"),
            url_name="administration:machine",
            icon="tool",
            may="maillage.core.administration.permissions.may_watch",
        ),
    ],
    processings=[
        Processing(
            code="slow_requests",
            purpose=_("Savoir quelles pages sont lentes, pour les rendre plus rapides."),
            legal_ground=_("Mission d’intérêt public"),
            data=(_("Nom de la page, heure et durée ; ni adresse, ni personne, ni recherche"),),
            people=_("Personne ne peut être reconnu"),
            recipients=_("L’exploitant de cette installation"),
            retention=_("30 jours"),
            retention_days=30,
        )
    ],
    retentions=[Retention(code="slow_requests", run="maillage.core.slowness.forget_slow_requests", days=30)],
)
