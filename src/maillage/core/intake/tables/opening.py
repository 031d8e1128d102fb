"""Opens a file of any known format, told apart by its content: names and extensions lie."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.tables.archives import checked, member_of, taken
from maillage.core.intake.tables.geopackage_table import read_geopackage
from maillage.core.intake.tables.json_tables import read_json
from maillage.core.intake.tables.model import MAX_BYTES, Table
from maillage.core.intake.tables.opendocument import read_opendocument
from maillage.core.intake.tables.separated import read_separated
from maillage.core.intake.tables.spreadsheet import read_spreadsheet
from maillage.core.intake.tables.text import encoding_of, lines_of
from maillage.core.intake.tables.xml_tables import read_xml

FORMATS = "CSV, Excel (XLSX), LibreOffice (ODS), JSON, GeoJSON, GeoPackage, KML, KMZ, GPX, uMap"
SQLITE = b"SQLite format 3\0"


@contextmanager
def opened(path: Path, choice: str = "") -> Iterator[Table]:
    """The table of a file; `choice` names a sheet or a list where there are several.

    Raises Invalid, in the user's words, for what is no table: empty, too large, a web page, a picture, cut, damaged.
    What is taken out of an archive is deleted at the end.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        message = _("Le fichier pèse {size} Mo : au plus {limit} Mo sont acceptés. Coupez-le en plusieurs fichiers.")
        raise Invalid(message.format(size=size // 1_000_000, limit=MAX_BYTES // 1_000_000))
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Invalid(_("Le fichier est vide."))
    _refuse_known_strangers(head)
    if head.startswith(SQLITE):
        yield read_geopackage(path, choice)
        return
    if not head.startswith(b"PK"):
        yield _text_table(path, choice)
        return
    with tempfile.TemporaryDirectory(prefix="maillage-") as folder:
        yield _from_archive(path, Path(folder), choice)


def _refuse_known_strangers(head: bytes) -> None:
    """Files that people send often and that are no table; each has its own way out."""
    known = (
        (b"\xd0\xcf\x11\xe0", _("C’est un ancien classeur Excel (.xls). Ouvrez-le et enregistrez-le en .xlsx.")),
        (b"%PDF", _("C’est un PDF : ses tableaux ne peuvent pas être lus. Demandez le fichier d’origine.")),
        (b"\x1f\x8b", _("Le fichier est compressé en .gz : décompressez-le d’abord.")),
        (b"Rar!", _("L’archive est en .rar : décompressez-la d’abord.")),
        (b"7z\xbc\xaf", _("L’archive est en .7z : décompressez-la d’abord.")),
        (b"\xff\xd8\xff", _("C’est une image, pas un tableau.")),
        (b"\x89PNG", _("C’est une image, pas un tableau.")),
    )
    for mark, message in known:
        if head.startswith(mark):
            raise Invalid(message)


def _from_archive(path: Path, folder: Path, choice: str) -> Table:
    """A workbook is read in place; of another archive, the one file that is a table."""
    try:
        with zipfile.ZipFile(path) as archive:
            checked(archive)
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                return read_spreadsheet(path, choice)
            if "mimetype" in names and archive.read("mimetype").startswith(
                b"application/vnd.oasis.opendocument.spreadsheet"
            ):
                return read_opendocument(path, choice)
            if "word/document.xml" in names:
                raise Invalid(_("C’est un texte Word. Copiez son tableau dans un tableur et enregistrez-le en .xlsx."))
            member = member_of(archive)
            inner = taken(archive, member, folder / "member")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as fault:
        raise Invalid(_("L’archive est abîmée, chiffrée ou incomplète.")) from fault
    with inner.open("rb") as file:
        head = file.read(4096)
    _refuse_known_strangers(head)
    if head.startswith(SQLITE):
        return read_geopackage(inner, choice)
    if head.startswith(b"PK"):
        with zipfile.ZipFile(inner) as nested:
            checked(nested)
            if "xl/workbook.xml" in nested.namelist():
                return read_spreadsheet(inner, choice)
        raise Invalid(_("L’archive en contient une autre : décompressez-la d’abord."))
    return _text_table(inner, choice)


def _text_table(path: Path, choice: str) -> Table:
    start = "".join(line for line, _count in zip(lines_of(path, encoding_of(path)), range(40), strict=False))[:20_000]
    plain = start.lstrip("\ufeff \t\r\n")
    if plain.startswith("<"):
        return _xml_table(path, plain)
    if plain.startswith(("{", "[")):
        return read_json(path, choice)
    if sum(1 for sign in start if ord(sign) < 32 and sign not in "\t\r\n\x0b\x0c") > 0.02 * len(start):
        raise Invalid(_("Ce n’est pas un tableau. Formats lus : {formats}.").format(formats=FORMATS))
    return read_separated(path)


def _xml_table(path: Path, start: str) -> Table:
    if re.search(r"<!doctype\s+html|<html[\s>]", start, re.IGNORECASE):
        raise Invalid(
            _(
                "C’est une page web, pas un fichier de données. L’adresse a peut-être changé, ou demande de se connecter."
            )
        )
    root = re.search(r"<(?:\w+:)?(kml|gpx)[\s>]", start)
    if root:
        return read_xml(path, root[1])
    name = re.search(r"<(?:\w+:)?([\w.-]+)[\s>/]", re.sub(r"<\?.*?\?>|<!--.*?-->", "", start, flags=re.DOTALL))
    message = _("Ce fichier XML (« {name} ») n’est ni un KML ni un GPX. Formats lus : {formats}.")
    raise Invalid(message.format(name=name[1] if name else "?", formats=FORMATS))


def kept_copy(source: Path, target: Path) -> Path:
    """A copy of a file, made whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    shutil.copyfile(source, partial)
    return partial.replace(target)
