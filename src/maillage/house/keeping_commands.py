"""The commands that keep an installation safe: their grammar, and what each calls."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

AddCommand = Callable[..., argparse.ArgumentParser]


def add_keeping(commands: Any, command: AddCommand) -> None:
    """Adds backup, restore and upgrade-database; `command` is the command line's own way of adding one."""
    parser = command(
        commands, "backup", _backup, "save the database and the files in one verified file, while the site serves"
    )
    parser.add_argument("destination", type=Path, metavar="FILE|FOLDER", help="a .tar file, or a folder for dated ones")
    parser.add_argument("--keep", type=_count, default=0, metavar="N", help="keep the N newest of the folder")
    parser.add_argument("--with-secrets", action="store_true", help="with the secret key: lock such a backup away")
    parser = command(
        commands,
        "restore",
        _restore,
        "put a backup in place, checked before anything is touched",
        "Stop the site and the worker before.",
    )
    parser.add_argument("archive", type=Path, metavar="FILE", help="a backup")
    parser.add_argument("--check", action="store_true", help="read the backup whole, say what it holds, and leave")
    parser.add_argument("--replace", action="store_true", help="even if the database or the files are not empty")
    parser.add_argument("--keep-previous", action="store_true", help="with --replace: do not delete what was replaced")
    parser.add_argument("--with-secrets", action="store_true", help="take the secret key of the backup too")
    parser = command(
        commands,
        "upgrade-database",
        _upgrade,
        "make the private database anew from a backup after PostgreSQL's major version changed",
        "The old data are kept aside.",
    )
    parser.add_argument("archive", type=Path, metavar="FILE", help="a backup made just before, by the former version")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number from 1 is expected")
    return int(text)


def _backup(options: argparse.Namespace) -> int:
    from maillage.house import backup

    return backup.back_up(options.destination, keep=options.keep, with_secrets=options.with_secrets)


def _restore(options: argparse.Namespace) -> int:
    from maillage.house.restore import Wishes, restore

    wishes = Wishes(
        replace=options.replace,
        keep_previous=options.keep_previous,
        with_secrets=options.with_secrets,
        check_only=options.check,
    )
    return restore(options.archive, wishes)


def _upgrade(options: argparse.Namespace) -> int:
    from maillage.house import upgrade

    return upgrade.upgrade(options.archive, sure=options.yes)
