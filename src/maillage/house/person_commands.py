"""The commands about persons who moderate or help: their grammar, and what each calls."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

AddCommand = Callable[..., argparse.ArgumentParser]


def add_person_commands(group: Any, command: AddCommand) -> None:
    """Adds those of `maillage person`; `command` is the command line's own way of adding one."""
    parser = command(group, "add", _add, "add a person with a role, or give a role to one who is known")
    parser.add_argument("name")
    parser.add_argument("--email", default="")
    parser.add_argument("--phone", default="")
    parser.add_argument("--role", default="moderator", help="resident, helper, moderator, manager or operator")
    parser.add_argument("--territory", default="", help='where the role holds, as "kind:code"; everywhere without it')
    parser = command(group, "sign-in-link", _link, "print an address that signs a person in, once, for 15 minutes")
    parser.add_argument("address", metavar="EMAIL|TELEPHONE")
    parser = command(
        group, "reset-second-factor", _reset, "take the second factor of a person away, as for a lost telephone"
    )
    parser.add_argument("address", metavar="EMAIL|TELEPHONE")


def _add(options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.add(options.name, options.email, options.phone, options.role, options.territory)


def _link(options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.print_sign_in_link(options.address)


def _reset(options: argparse.Namespace) -> int:
    from maillage.house import records

    return records.reset_second_factor(options.address)
