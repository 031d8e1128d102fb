"""Archives: bounded before anything is unpacked, and only the one file that is a table is taken out."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from maillage.core.errors import Invalid

MAX_ENTRIES = 2_000
MAX_UNPACKED = 600_000_000
MAX_RATIO = 150  # of text in a real file: about 10; of a sheet of empty cells: about 100
RATIO_MATTERS_FROM = 30_000_000
_TABLES = frozenset(
    {".csv", ".tsv", ".txt", ".json", ".geojson", ".ndjson", ".jsonl", ".umap", ".kml", ".gpx", ".xlsx", ".gpkg"}
)


def checked(archive: zipfile.ZipFile) -> None:
    """Raises Invalid for an archive whose content is out of measure. zipfile never gives more bytes than it announces."""
    entries = archive.infolist()
    unpacked, packed = sum(one.file_size for one in entries), sum(one.compress_size for one in entries)
    if len(entries) > MAX_ENTRIES:
        raise Invalid(_("L’archive contient {count} fichiers : elle est refusée.").format(count=len(entries)))
    is_bomb = unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * max(packed, 1)
    if unpacked > MAX_UNPACKED or is_bomb:
        message = _("Une fois ouvert, ce fichier pèserait {size} Mo : il est refusé.")
        raise Invalid(message.format(size=unpacked // 1_000_000))
    if any(one.flag_bits & 1 for one in entries):
        raise Invalid(_("L’archive est protégée par un mot de passe : retirez-le."))


def member_of(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one member that can be a table; raises Invalid when there is none or several."""
    members = [one for one in archive.infolist() if _is_table(PurePosixPath(one.filename)) and not one.is_dir()]
    main = [one for one in members if PurePosixPath(one.filename).name == "doc.kml"]  # the main file of a KMZ
    if not members:
        raise Invalid(_("L’archive ne contient aucun fichier qui soit un tableau."))
    if len(members) > 1 and len(main) != 1:
        names = ", ".join(sorted(PurePosixPath(one.filename).name for one in members)[:6])
        raise Invalid(_("L’archive contient plusieurs fichiers ({names}) : donnez-les un par un.").format(names=names))
    return main[0] if main else members[0]


def _is_table(path: PurePosixPath) -> bool:
    return path.suffix.lower() in _TABLES and not path.name.startswith(".") and "__MACOSX" not in path.parts


def taken(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Path:
    """Copies one member under a name of ours, never more bytes than it announced."""
    with archive.open(member) as source, target.open("wb") as file:
        left = member.file_size
        while left > 0 and (block := source.read(min(left, 1 << 20))):
            file.write(block)
            left -= len(block)
    return target
