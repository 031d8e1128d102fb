"""Two addresses for whoever watches over the processes: /sante/ (this one lives) and /pret/ (it can serve).

The first touches no database: a process must not be killed because the database is away. The second says in plain words
what is missing, and answers 503 then, so that no visitor is sent here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from maillage.house.postgres_roles import DatabaseProblem

NO_STORE = {"Cache-Control": "no-store"}


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return _answer(request, [])


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """This process can serve; 503 with the reasons if it cannot."""
    return _answer(request, [*_of_the_database(), *_of_the_disk(), *_of_the_browser_files()])


def _answer(request: HttpRequest, reasons: list[str]) -> HttpResponse:
    status = 503 if reasons else 200
    if request.get_preferred_type(["application/json", "text/plain", "text/html"]) in {"text/plain", "text/html"}:
        text = "\n".join(reasons) or "tout va bien"
        return HttpResponse(f"{text}\n", "text/plain; charset=utf-8", status=status, headers=NO_STORE)
    return JsonResponse(
        {"state": "not ready" if reasons else "ok", "reasons": reasons},
        status=status,
        headers=NO_STORE,
        json_dumps_params={"ensure_ascii": False},
    )


def _of_the_database() -> Iterator[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'")
            is_read_only = bool(cursor.fetchone()[0])
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    except (Error, DatabaseProblem, OSError) as fault:
        # The kind only: a message would name hosts and roles to anybody who asks.
        yield f"La base de données ne répond pas ({type(fault).__name__}) : `maillage doctor` dit pourquoi."
        return
    if is_read_only:
        yield "La base de données refuse toute écriture : est-ce une copie, ou son disque est-il plein ?"
    if waiting := len(_known_migrations() - applied):
        yield f"Les tables ne sont pas à jour ({waiting} changements attendent) : lancez `maillage prepare`."


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Those of this version of the code: they do not change while it runs."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _of_the_disk() -> Iterator[str]:
    home = Path(settings.HOME)
    try:
        free = shutil.disk_usage(home).free // 1_000_000
    except OSError:
        yield "Le dossier des données n’est pas accessible."
        return
    if free < settings.READY_FREE_MB:
        yield f"Le disque des données est presque plein ({free} Mo libres, {settings.READY_FREE_MB} au moins sont voulus)."


def _of_the_browser_files() -> Iterator[str]:
    """Every page names some, by the list that `prepare` leaves and that a process reads once, when it starts."""
    if not isinstance(staticfiles_storage, ManifestStaticFilesStorage):  # that of the tests has no list
        return
    if not staticfiles_storage.exists(staticfiles_storage.manifest_name):
        yield "Les fichiers du navigateur manquent : lancez `maillage prepare`, puis redémarrez."
    elif (
        not staticfiles_storage.hashed_files
        and staticfiles_storage.__class__(staticfiles_storage.location).hashed_files
    ):
        yield "Les fichiers du navigateur sont venus après le départ de ce processus : redémarrez."
