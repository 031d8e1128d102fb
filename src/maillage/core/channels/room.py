"""Manifest of the channels: the ledger and the outbox, and what they keep about persons."""

from django.utils.translation import gettext_noop as _

from maillage.core.channels.privacy import PERSONAL_DATA, PROCESSINGS, RETENTIONS
from maillage.core.rooms import Room

ROOM = Room(
    code="channels",
    label=_("Messages et voies d’arrivée"),
    sentence=_("Par où chaque contribution est venue, et les réponses qui repartent."),
    is_core=True,
    processings=PROCESSINGS,
    personal_data=PERSONAL_DATA,
    retentions=RETENTIONS,
)
