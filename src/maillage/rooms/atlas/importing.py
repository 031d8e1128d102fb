"""Import of directories of places, from a file or an address: what the command, the pages and the schedule call.

rows in = kept (new or changed) + unchanged + merged + rejected, in one transaction: a process killed on the way leaves what
was there before.
"""

from __future__ import annotations

import csv
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.text import slugify
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.exports.tables import inert_text
from maillage.core.intake.fields import EXTRA
from maillage.core.intake.inspection import REJECT_COLUMNS, Inspection, inspected
from maillage.core.intake.mapping import Mapping, checked, guessed, mapping_from, mapping_of
from maillage.core.intake.models import Reject, Run, SavedMapping, Source
from maillage.core.intake.tables.opening import opened
from maillage.core.outside.fetch import Fetched, Version, fetch_into
from maillage.core.people.models import Person
from maillage.rooms.atlas.importing_own import SOURCE_CODE, own_form
from maillage.rooms.atlas.importing_run import Outcome, Progress, Work, carry_out

MAX_DOWNLOAD_BYTES = 200_000_000
DOWNLOAD_SECONDS = 300.0


@dataclass(frozen=True)
class Options:
    """How a file is to be taken. What is empty is deduced, or stays as the source has it.

    `mapping` decides; else the mapping saved under `mapping_name`; else the one of the source; else a guess.
    """

    source_code: str = ""
    source_name: str = ""
    licence: str = ""
    published_on: str = ""
    url: str = ""
    mapping: Mapping | None = None
    mapping_name: str = ""
    table: str = ""
    kind: str = ""
    hides_absent: bool | None = None
    schedule: str | None = None
    is_dry_run: bool = False
    by: Person | None = None
    by_role: str = ""


def intake_entries(origin: str, options: Options, progress: Progress | None = None) -> Outcome:
    """Imports a file or an http(s) address; raises Invalid, in the user's words, when the whole of it cannot be taken."""
    if not is_address(origin):
        path = Path(origin)
        if not path.is_file():
            raise Invalid(_("Le fichier {path} n’existe pas.").format(path=origin))
        return import_file(path, path.name, options, progress)
    with downloaded(origin) as (path, fetched):
        outcome = import_file(path, origin, options, progress)
    if not options.is_dry_run:
        remember_version(outcome.run.source, fetched.version)
    return outcome


def remember_version(source: Source, version: Version) -> None:
    """Keeps what the server called the file that was just read, to ask next time whether there is a newer one."""
    Source.objects.filter(pk=source.pk).update(etag=version.etag, last_modified=version.last_modified)


def is_address(origin: str) -> bool:
    """Whether an origin is on the web, rather than a file."""
    return origin.startswith(("http://", "https://"))


@contextmanager
def downloaded(url: str, known: Version | None = None) -> Iterator[tuple[Path, Fetched]]:
    """What an address answers, as a file for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="maillage-") as folder:
        path = Path(folder) / "download"
        with path.open("wb") as file:
            fetched = fetch_into(file, url, max_bytes=MAX_DOWNLOAD_BYTES, timeout=DOWNLOAD_SECONDS, known=known)
        yield path, fetched


def import_file(path: Path, name: str, options: Options, progress: Progress | None = None) -> Outcome:
    """Imports a file that lies here; `name` is what people call it."""
    with opened(path, options.table or _usual_table(options)) as table:
        inspection = inspected(table)
        if not inspection.rows:
            raise Invalid(_("Le tableau n’a aucune ligne sous ses intitulés."))
        own = own_form(list(inspection.profiles))
        code = options.source_code or (SOURCE_CODE if own else _code_of(name))
        if own and not options.source_name:
            options = replace(options, source_name=own_source_name())
        mapping = checked(decided_mapping(options, code, inspection))
        work = Work(
            table, inspection, mapping, name, digest_of(path), code, options.is_dry_run, options.by, options.by_role
        )
        return carry_out(work, _source_values(name, code, options), options.kind, progress)


def own_source_name() -> str:
    """The source of the lines that people add to our own exports."""
    return _("Retouches faites dans un tableur")


def _code_of(name: str) -> str:
    stem = Path(urlsplit(name).path).stem if is_address(name) else Path(name).stem
    return slugify(stem)[:80] or "import"


def _usual_table(options: Options) -> str:
    found = Source.objects.filter(code=options.source_code).first() if options.source_code else None
    return str(found.mapping.get("table", "")) if found else ""


def _source_values(name: str, code: str, options: Options) -> dict[str, object]:
    """What the source is told by these options; empty ones leave it as it is."""
    given: dict[str, object] = {
        "name": options.source_name[:200],
        "licence": options.licence[:80],
        "published_on": options.published_on[:10],
        "url": (options.url or (name if is_address(name) else ""))[:500],
    }
    values = {key: value for key, value in given.items() if value}
    if options.hides_absent is not None:
        values["hides_absent"] = options.hides_absent
    if options.schedule is not None:
        if options.schedule and not (values.get("url") or Source.objects.filter(code=code).exclude(url="").exists()):
            raise Invalid(_("Cette source n’a pas d’adresse sur internet : elle ne peut pas être relue."))
        values["schedule"] = options.schedule
    if "name" not in values and not Source.objects.filter(code=code).exists():
        values["name"] = (Path(urlsplit(name).path).name or name)[:200]
    return values


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def decided_mapping(options: Options, source_code: str, inspection: Inspection) -> Mapping:
    """The mapping to use for a table: the one given, the one named, the source's own, or a guess.

    Columns that a saved mapping does not know are guessed, without taking a meaning away from it.
    """
    if own := own_form(list(inspection.profiles)):
        return own.mapping(inspection.profiles)
    if options.mapping is not None:
        return options.mapping.fitting(list(inspection.profiles))
    stored = _stored_columns(options.mapping_name, source_code)
    guess = mapping_of(guessed(inspection))
    if not stored:
        return guess
    saved = mapping_from(stored).fitting(list(inspection.profiles))
    if not saved.of("name"):
        if options.mapping_name:
            raise Invalid(_("La correspondance « {name} » ne convient pas à ce fichier : la colonne du nom n’y est pas.").format(
                name=options.mapping_name))  # fmt: skip
        return guess
    taken = set(saved.columns.values())
    others = {
        name: EXTRA if code in taken else code for name, code in guess.columns.items() if name not in saved.columns
    }
    return Mapping({name: saved.columns.get(name) or others[name] for name in inspection.profiles})


def _stored_columns(mapping_name: str, source_code: str) -> dict[str, str]:
    if mapping_name:
        found = (
            SavedMapping.objects.filter(code=mapping_name).first()
            or SavedMapping.objects.filter(name=mapping_name).first()
        )
        if found is None:
            names = ", ".join(SavedMapping.objects.order_by("code").values_list("code", flat=True)) or "—"
            raise Invalid(
                _("Aucune correspondance ne s’appelle « {name} ». Il y a : {names}.").format(
                    name=mapping_name, names=names
                )
            )
        return dict(found.columns)
    source = Source.objects.filter(code=source_code).first()
    return dict(source.mapping.get("columns", {})) if source else {}


def save_mapping(name: str, mapping: Mapping) -> SavedMapping:
    """Keeps a mapping under a name, in place of the one that had it."""
    code = slugify(name)[:80]
    if not code:
        raise Invalid(_("Donnez un nom à cette correspondance."))
    saved, _new = SavedMapping.objects.update_or_create(
        code=code, defaults={"name": name[:160], "columns": mapping.as_json()}
    )
    return saved


def rejects_columns(run: Run) -> list[str]:
    """The columns of the rejects file: row, column, reason, then those of the file as they were."""
    listed = run.report.get("columns") or []
    return [*REJECT_COLUMNS, *(name for name in listed if name not in REJECT_COLUMNS)]


def rejects_lines(run: Run) -> Iterator[list[str]]:
    """The rejected rows with their reasons, as they were: mended, the file can be imported again."""
    names = rejects_columns(run)[3:]
    for one in run.rejects.order_by("row_number", "pk").iterator(chunk_size=500):
        yield reject_line(one, names)


def reject_line(one: Reject, names: Iterable[str]) -> list[str]:
    """One line of the rejects file; cells that a spreadsheet could run are made inert."""
    return [
        str(one.row_number),
        inert_text(one.column),
        one.reason,
        *(inert_text(str(one.row.get(name, ""))) for name in names),
    ]


def write_rejects(run: Run, refused: Iterable[Reject], path: Path) -> Path:
    """Writes the rejects file of a run."""
    names = rejects_columns(run)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(names)
        writer.writerows(reject_line(one, names[3:]) for one in refused)
    return path


def command_import(origin: str, options: Options, progress: Progress | None = None) -> tuple[Outcome, Path | None]:
    """As `intake_entries`, and the rejects written beside the file (in the current folder when it came from elsewhere)."""
    outcome = intake_entries(origin, options, progress)
    if not outcome.refused:
        return outcome, None
    stem = _code_of(origin)
    folders = [Path.cwd() if is_address(origin) else Path(origin).parent, Path.cwd(), Path(tempfile.gettempdir())]
    refused = (
        outcome.refused
        if outcome.is_dry_run
        else outcome.run.rejects.order_by("row_number", "pk").iterator(chunk_size=500)
    )
    for folder in folders:
        try:
            return outcome, write_rejects(outcome.run, refused, folder / f"{stem}-rejets.csv")
        except OSError:
            continue  # a folder that cannot be written to: the next one
    return outcome, None
