"""Homes for the tests of the private PostgreSQL: each test process has its own, which no other run can disturb."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from maillage.house.postgres_place import place_of
from maillage.house.postgres_processes import processes_of
from maillage.house.private_postgres import remove, stop, stop_if_unused, using
from tests.helpers.processes import kill_all, open_folder


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A folder with a home whose server has been made: that takes a second, and most tests are not about it."""
    folder = open_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILLAGE_POSTGRES_DIR", str(folder / "system"))
        with using(folder / "home"):
            pass
        yield folder
        remove(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    path = open_folder()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def new_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home where nothing has been made yet."""
    monkeypatch.setenv("MAILLAGE_POSTGRES_DIR", str(folder / "system"))
    monkeypatch.delenv("MAILLAGE_POSTGRES_PORT", raising=False)
    path = folder / "home"
    yield path
    remove(path)
    assert processes_of(place_of(path)) == []


@pytest.fixture
def home(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose server does not run yet; what a test keeps in it, the next may find."""
    monkeypatch.setenv("MAILLAGE_POSTGRES_DIR", str(made / "system"))
    monkeypatch.delenv("MAILLAGE_POSTGRES_PORT", raising=False)
    path = made / "home"
    yield path
    stop(path)
    stop_if_unused(path)  # lets go of it
    assert processes_of(place_of(path)) == []


@pytest.fixture(autouse=True)
def _no_process_left() -> Iterator[None]:
    yield
    kill_all()
