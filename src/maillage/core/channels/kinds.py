"""The channels by which a contribution may come; every contribution keeps one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How something reached the platform."""

    WEB = "web", _("Site internet")
    KIOSK = "kiosk", _("Borne")
    SMS = "sms", _("SMS")
    PHONE = "phone", _("Téléphone")
    PAPER = "paper", _("Papier")
    DESK = "desk", _("Guichet")
    WALK = "walk", _("Marche")
    MEETING = "meeting", _("Réunion")
    MESSAGING = "messaging", _("Messagerie ou réseau social, relayé par une personne")
    API = "api", _("Échange entre logiciels")
    SENSOR = "sensor", _("Capteur")
    IMPORT = "import", _("Import de données")


ENTERED_BY_A_HELPER = (Channel.PHONE, Channel.PAPER, Channel.DESK, Channel.WALK, Channel.MEETING, Channel.MESSAGING)
