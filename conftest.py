"""The test set-up, stricter than production (see "Tests" in docs/map.md); the pieces are in tests/helpers/strict.py."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.helpers.selection import reaches_database
from tests.helpers.strict import random_order

DATA = Path(os.environ.get("MAILLAGE_DATA") or Path(__file__).resolve().parent.parent / "shared" / "data")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A migrated database of this worker's own, entered as the application role, dropped at the end."""
    from maillage.house.throwaway_databases import throwaway_database  # here: settings must be loaded before

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock(), throwaway_database(worker):
        yield


@pytest.fixture(autouse=True)
def _strict(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test begins in French and ends with no language left over; unordered rows come in random order."""
    from django.utils import translation

    from maillage.core.engine.sight import set_sight_of_process

    set_sight_of_process(everything=True)  # one that serves pages, loaded by a test, sees nothing by itself
    translation.activate("fr")
    if request.node.get_closest_marker("natural_order"):
        yield
    else:
        with random_order():
            yield
    translation.activate("fr")


@pytest.fixture(autouse=True)
def _empty_folders(settings: object) -> Iterator[None]:
    """Letters and files of one test are not seen by the next."""
    yield
    for name in ("OUTBOX", "MEDIA_ROOT"):
        shutil.rmtree(getattr(settings, name), ignore_errors=True)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files; the test is skipped, with the reason, where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"the real files are not at {DATA}: set MAILLAGE_DATA")
    return DATA


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out the tests that never reach the run's database: they say the same whatever its server",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --database-only, keeps what reaches the database."""
    if config.getoption("--database-only"):
        others = [item for item in items if not reaches_database(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


def pytest_configure(config: pytest.Config) -> None:
    """Translations are compiled once, by the first process."""
    from maillage.core.engine.sight import set_sight_of_process

    set_sight_of_process(everything=True)  # tests prepare and look at rows; the requests that they make do not
    if not hasattr(config, "workerinput"):
        from maillage.house.catalogues import compile_all

        compile_all(quiet=True)


def pytest_sessionfinish() -> None:
    from django.conf import settings

    if settings.configured:
        folder = Path(settings.MEDIA_ROOT).parent
        if folder.name.startswith("maillage-tests-"):
            shutil.rmtree(folder, ignore_errors=True)
