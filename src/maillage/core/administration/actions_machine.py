"""Starting again what failed."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from maillage.core.channels.actions import try_again
from maillage.core.errors import Invalid
from maillage.core.journal.actions import record
from maillage.core.people.models import Person


@transaction.atomic
def retry_job(job_id: int, *, by: Person) -> None:
    """Puts a failed job back in the queue; raises Invalid when it has not failed or when the same already waits."""
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(job_id, retry_at=timezone.now())
    except ConnectorException as fault:
        raise Invalid(
            _("Cette tâche n’est pas en échec, ou la même attend déjà : elle n’a pas été reprise.")
        ) from fault
    record(action="machine.job_retried", subject=f"machine:job:{job_id}", actor=by)


@transaction.atomic
def retry_message(message_id: int, *, by: Person) -> None:
    """Puts a message that was given up back in the queue."""
    try_again(message_id)
    record(action="machine.message_retried", subject=f"channels:message:{message_id}", actor=by)
