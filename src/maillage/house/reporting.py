"""The command that writes the benchmark report of a territory."""

from __future__ import annotations

from pathlib import Path

from maillage.house.records import enter
from maillage.house.terminal import MISUSED, OK, Failure, say


def write(reference: str, form: str, output: Path | None) -> int:
    """The report of "kind:code" in a file; the file is whole or absent."""
    kind, colon, code = reference.partition(":")
    if not colon or not kind or not code:
        raise Failure(f"{reference} is not a territory: write its kind and its code, such as epci:200046977.", MISUSED)
    enter()
    from maillage.core.errors import Missing
    from maillage.rooms.observatory.report import report_of
    from maillage.rooms.observatory.report_print import report_pdf, standalone_html

    try:
        found = report_of(kind=kind, code=code)
    except Missing as fault:
        raise Failure(f"No territory {reference} is loaded (maillage intake communes, intake territories).") from fault
    body = report_pdf(found) if form == "pdf" else standalone_html(found).encode()
    path = output or Path(f"maillage-rapport-{kind}-{code}.{form}")
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(body)
    part.replace(path)
    say(f"{path}: {found.name}, data version {found.version}, {len(body)} bytes")
    return OK
