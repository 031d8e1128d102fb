"""Lists of the administration as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.administration.queries_machine import JobLine
from maillage.core.administration.queries_persons import PersonLine, every_line
from maillage.core.exports.about import file_name
from maillage.core.exports.comma_separated import MEDIA_TYPE, csv_lines
from maillage.core.exports.tables import Cell
from maillage.core.people.models import Person
from maillage.core.slowness import SlowRequest


def _file(subject: str, names: Sequence[str], rows: Iterable[Iterable[Cell]]) -> StreamingHttpResponse:
    """A dated file that no cache keeps; it is of this installation, and not under a public licence."""
    response = StreamingHttpResponse(csv_lines(names, rows), content_type=MEDIA_TYPE)
    name = file_name(subject, timezone.localtime(), "csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def persons_file(rows: QuerySet[Person]) -> StreamingHttpResponse:
    """Every person of the list, one line a role, or one without."""
    names = [
        "nom",
        "adresse_mail",
        "telephone",
        "role",
        "territoire",
        "compte_ouvert",
        "ajoute_le",
        "derniere_connexion",
    ]
    return _file(_("personnes"), names, _person_cells(every_line(rows)))


def _person_cells(lines: Iterable[PersonLine]) -> Iterator[list[Cell]]:
    for line in lines:
        one = line.person
        for role, where in [(held.role, held.where or _("partout")) for held in line.roles] or [("", "")]:
            yield [one.display_name, one.email, one.phone, role, where, one.is_active, one.created_at, one.last_login]


def jobs_file(lines: Iterable[JobLine]) -> StreamingHttpResponse:
    """Every job of the list."""
    names = ["numero", "tache", "etat", "essais", "demande_le", "commence_le", "fini_le", "secondes"]
    cells = ([one.pk, one.task, one.status, one.attempts, one.asked_at, one.started_at, one.ended_at, one.seconds]
             for one in lines)  # fmt: skip
    return _file(_("taches"), names, cells)


def slow_file(lines: Iterable[SlowRequest]) -> StreamingHttpResponse:
    """Every slow request that is kept."""
    names = ["heure", "page", "methode", "reponse", "millisecondes", "millisecondes_base", "requetes_base", "numero"]
    return _file(_("lenteurs"), names, (_slow_cells(one) for one in lines))


def _slow_cells(one: SlowRequest) -> list[Cell]:
    return [one.at, one.page, one.method, one.status, one.ms, one.database_ms, one.statements, one.number]
