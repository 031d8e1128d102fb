"""The file of a backup: one tar that holds the dump, the files, and at its end a manifest with the SHA-256 of each part.

The tar itself is not compressed: the dump is already, as photographs are, and a part can be read without the others.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from maillage.house.terminal import Failure

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.dump"
FILES = "files/"
SECRETS = "secrets/"
CHUNK = 1 << 20
LARGEST_MANIFEST = 200_000_000  # each file is a line of it


@dataclass(frozen=True)
class Part:
    """One member of the archive."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. Row counts are those of the very snapshot that was dumped."""

    made_at: str
    application: str
    server: int
    pg_dump: int
    database: str
    migrations: Mapping[str, list[str]]
    rows: Mapping[str, int]
    without_rows: list[str]
    journal_digest: str
    parts: Mapping[str, Part] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def total_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    @property
    def files(self) -> list[str]:
        """The uploaded files, as paths below the folder of files."""
        return [name.removeprefix(FILES) for name in self.parts if name.startswith(FILES)]

    @property
    def has_secrets(self) -> bool:
        """Whether the secret key is inside."""
        return any(name.startswith(SECRETS) for name in self.parts)

    def described(self) -> str:
        """One line for a person."""
        size = sum(part.size for part in self.parts.values()) // 1_000_000
        secrets = ", secret key" if self.has_secrets else ""
        return (
            f"made {self.made_at} by maillage {self.application} on PostgreSQL {self.server}: {len(self.rows)} tables, "
            f"{self.total_rows} rows, {len(self.files)} files{secrets}, {size} MB"
        )


class Writer:
    """Adds parts, hashing what is really written."""

    def __init__(self, target: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by close()
        self.parts: dict[str, Part] = {}

    def add(self, name: str, source: Path) -> None:
        """Adds a file as it is now. Raises Failure if it shrinks meanwhile."""
        with source.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._add(name, size, _Hashing(file), str(source))

    def add_manifest(self, manifest: Manifest) -> None:
        """The last part, and the only one whose hash it cannot hold."""
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        self._tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))

    def close(self) -> None:
        """Writes the end of the tar."""
        self._tar.close()

    def _add(self, name: str, size: int, reader: _Hashing, source: str) -> None:
        try:
            self._tar.addfile(_member(name, size), reader)  # type: ignore[arg-type]
        except OSError as fault:
            if fault.errno is None:  # tarfile's own: fewer bytes than announced
                raise Failure(f"{source} became shorter while it was copied: run the backup again.") from fault
            raise
        self.parts[name] = Part(size, reader.sha256.hexdigest())


class _Hashing:
    """A file read once, for two purposes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        self.sha256.update(block)
        return block


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Without the owner, which is of no use elsewhere."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as fault:
        raise Failure(f"{path} is not a backup of maillage, or it is cut short ({fault}).") from fault


def checked(path: Path, progress: Callable[[int], None] | None = None) -> Manifest:
    """The manifest of an archive whose every part was read and found as it was written; raises Failure otherwise."""
    with _opened(path) as tar:
        members = tar.getmembers()
        manifest = _manifest_of(tar, path)
        _same_names(path, members, manifest)
        done = 0
        for member in members:
            if member.name == MANIFEST:
                continue
            found = _part_of(tar, member)
            if found != manifest.parts[member.name]:
                raise Failure(f"{path} is damaged: {member.name} is not what was saved. Nothing was touched.")
            done += found.size
            if progress:
                progress(done // 1_000_000)
    return manifest


def _manifest_of(tar: tarfile.TarFile, path: Path) -> Manifest:
    try:
        member = tar.getmember(MANIFEST)
    except KeyError as fault:
        raise Failure(f"{path} has no {MANIFEST}: it is not a backup of maillage, or it is cut short.") from fault
    file = tar.extractfile(member) if member.isfile() and member.size <= LARGEST_MANIFEST else None
    try:
        said: dict[str, Any] = dict(json.loads(file.read())) if file else {}
        if said.get("format") != FORMAT:
            raise Failure(
                f"{path} is of format {said.get('format')}, and this version reads {FORMAT}: update maillage."
            )
        said["parts"] = {name: Part(**part) for name, part in said["parts"].items()}
        return Manifest(**said)
    except (ValueError, TypeError, KeyError) as fault:
        raise Failure(f"{path}: its {MANIFEST} cannot be read ({fault}).") from fault


def _same_names(path: Path, members: list[tarfile.TarInfo], manifest: Manifest) -> None:
    names = [member.name for member in members if member.name != MANIFEST]
    strange = [member.name for member in members if not member.isreg() or not _is_safe(member.name)]
    if strange or len(names) != len(set(names)) or set(names) != set(manifest.parts) or DATABASE not in names:
        raise Failure(f"{path} is damaged: its parts are not those that its manifest names. Nothing was touched.")


def _is_safe(name: str) -> bool:
    """Stays below the folder that it is written to."""
    path = PurePosixPath(name)
    is_known = name in {MANIFEST, DATABASE} or name.startswith((FILES, SECRETS))
    return is_known and not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name


def _part_of(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Part:
    sha256, size = hashlib.sha256(), 0
    for block in _blocks(tar, member):
        sha256.update(block)
        size += len(block)
    return Part(size, sha256.hexdigest())


def _blocks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    file = tar.extractfile(member)
    assert file is not None, "only regular files are in the archive"
    while block := file.read(CHUNK):
        yield block


def extract(path: Path, manifest: Manifest, wanted: Mapping[str, Path]) -> None:
    """Writes parts where `wanted` says, hashed again on the way: the file may have changed since it was checked."""
    with _opened(path) as tar:
        for name, target in wanted.items():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            sha256 = hashlib.sha256()
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for block in _blocks(tar, tar.getmember(name)):
                    sha256.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            if sha256.hexdigest() != manifest.parts[name].sha256:
                raise Failure(f"{path} changed while it was read: {name} is not what was saved.")
