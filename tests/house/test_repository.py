"""What must not be in the repository: addresses of package indexes, paths of a machine, large files."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
# Folders of machines that the project was or might be written on; /var/lib and /etc are addresses of the operating system.
MACHINE = re.compile(r"(?<![\w.$~}/-])/(?:home|Users|root|work|workspace|builds|opt)/[A-Za-z0-9._-]+")


def files_kept() -> list[Path]:
    """Files in the repository or about to be."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("name", LOCKS)
def test_python_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|index-url|find-links|trusted-host", text)
    entries = re.split(r"\n(?=[a-z0-9])", text)
    assert len(entries) > 30
    assert not [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_npm_lock_has_hashes_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 10
    for name, package in packages.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, f"{name} names an address"


def test_dev_lock_holds_the_same_versions() -> None:
    pinned = [set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.M)) for name in LOCKS]
    assert pinned[0] <= pinned[1]


@pytest.mark.parametrize("name", LOCKS)
def test_every_dependency_is_locked(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + (project["optional-dependencies"]["dev"] if "dev" in name else [])
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.M))
    names = {re.split(r"[\[<>=!~ ;]", one)[0].lower().replace("_", "-") for one in wanted}
    assert names <= locked


def test_npm_versions_are_exact() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert not [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)]


def test_no_path_of_a_machine() -> None:
    faults = []
    for path in files_kept():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        faults += [f"{path.relative_to(ROOT)}: {found}" for found in MACHINE.findall(text)]
    assert not faults


def test_no_file_is_large() -> None:
    assert not [
        f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes"
        for path in files_kept()
        if path.stat().st_size > (400_000 if path.name.endswith((".lock", ".webp", ".png")) else 200_000)
    ]


def test_makefile_is_small_and_explains_itself() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", text, re.M)
    assert targets is not None
    names = targets[1].split()
    assert len(names) <= 10
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not [name for name in names if f"make {name} " not in told]
