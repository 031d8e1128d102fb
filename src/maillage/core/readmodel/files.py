"""A part on disk: a folder of .npy files per generation, and one file that names the current one.

A new generation is written aside and becomes the current one by a single rename: a reader, or a crash at any moment,
finds the old one or the new one, never a mixture. Old ones are removed a little later; who still reads them keeps them.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maillage.core.readmodel.parts import Part

FORMAT = 1
CURRENT = "current"
FACTS = "facts.json"
KEEP_S = 120.0
FORSAKEN_S = 30 * 86_400.0


def generation_of(folder: Path) -> str:
    """Name of the current generation, "" when there is none: compared at each check."""
    try:
        return (folder / CURRENT).read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def save(folder: Path, part: Part, version: str) -> str:
    """Writes a part and makes it the current generation; returns its name. `version` says how its arrays are made."""
    name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
    target = folder / name
    target.mkdir(parents=True)
    for key, array in part.arrays.items():
        with (target / f"{key}.npy").open("wb") as file:
            np.save(file, array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave a current generation of empty files
    facts = {"format": FORMAT, "version": version, "arrays": list(part.arrays), "notes": dict(part.notes)}
    _write(target / FACTS, json.dumps(facts, ensure_ascii=False))
    _write(folder / f"{name}.new", name)
    (folder / f"{name}.new").replace(folder / CURRENT)
    sweep(folder, name)
    return name


def opened(folder: Path, version: str) -> tuple[str, Part] | None:
    """The current generation, mapped into memory; None when there is none that this version of the code can read."""
    for _attempt in range(3):
        name = generation_of(folder)
        if not name:
            return None
        try:
            facts = json.loads((folder / name / FACTS).read_text(encoding="utf-8"))
            if (facts["format"], facts["version"]) != (FORMAT, version):
                return None
            arrays = {key: _mapped(folder / name / f"{key}.npy") for key in facts["arrays"]}
            return name, Part(arrays, facts["notes"])
        except FileNotFoundError:
            continue  # swept between the two reads: a newer one stands, or the folder was deleted
    return None


def sweep(folder: Path, current: str) -> None:
    """Removes the generations, whole or begun, that are neither current nor recent."""
    limit = time.time_ns() - int(KEEP_S * 1e9)
    for path in folder.iterdir():
        if not path.name.startswith(current) and path.name[:20].isdigit() and int(path.name[:20]) <= limit:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def sweep_databases(root: Path, current: str) -> None:
    """Removes what was read from other databases and not renewed for a month: they are gone, or it is made again."""
    limit = time.time() - FORSAKEN_S
    for path in root.iterdir():
        if (
            path.name != current
            and path.is_dir()
            and max(one.stat().st_mtime for one in (path, *path.iterdir())) < limit
        ):
            shutil.rmtree(path, ignore_errors=True)


def _mapped(path: Path) -> NDArray[np.generic]:
    try:
        # As a plain array: NumPy and Numba take ten times as long to look at its own class for mapped ones.
        array: NDArray[np.generic] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)).view(np.ndarray)
    except ValueError:  # an empty file cannot be mapped
        array = np.load(path, allow_pickle=False)
    return array


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
