"""What a linter of imports cannot see: the arrows between rooms by other ways than imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from maillage.core.rooms import check_manifests, rooms

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "maillage"
# Modules that open connections, and the only files that may name them, each with its reason.
SOCKETS = {
    "socket",
    "urllib.request",
    "http.client",
    "smtplib",
    "ftplib",
    "httpx",
    "httpcore",
    "requests",
    "aiohttp",
    "urllib3",
}
MAY_CONNECT = {
    "core/outside": "the door to other machines",
    "house/postgres_place.py": "looks for a free loopback port for the private server",
    "house/private_postgres.py": "speaks to the private server on loopback",
    "house/serving.py": "looks for a free port to listen on, and asks its own front page whether it is up",
}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sources(folder: Path = PACKAGE, *, tests: bool = False) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py")):
        if tests or "tests" not in path.relative_to(folder).parts:
            yield path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room_names() -> list[str]:
    return [module.rsplit(".", 1)[1] for module in settings.ROOMS]


def test_import_contracts_hold() -> None:
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_layers_of_a_room_name_all_its_files() -> None:
    """The contract lists modules by name; a new views_x.py outside it would be watched by nobody."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    for name in room_names():
        layers = next(one["layers"] for one in contracts if one.get("containers") == [f"maillage.rooms.{name}"])
        known = set(re.findall(r"\w+", " ".join(layers)))
        files = {path.stem for path in (PACKAGE / "rooms" / name).glob("*.py")}
        watched = {
            stem for stem in files if re.match(r"(urls|views|api|forms|actions|queries|permissions|models)(_|$)", stem)
        }
        assert watched <= known, f"{name}: {sorted(watched - known)} are in no layer"


def test_no_foreign_key_from_one_room_to_another() -> None:
    faults = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if {model._meta.app_label, field.related_model._meta.app_label} <= set(room_names())
        if model._meta.app_label != field.related_model._meta.app_label
    ]
    assert not faults


def test_no_table_of_core_refers_to_a_room() -> None:
    faults = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label not in room_names()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if field.related_model._meta.app_label in room_names()
    ]
    assert not faults


def test_no_template_uses_another_room_s() -> None:
    faults = []
    for template in sorted(PACKAGE.rglob("templates/**/*.html")):
        owner = template.relative_to(PACKAGE).parts[1]
        for name in re.findall(r"{%-?\s*(?:include|extends)\s+[\"']([^\"']+)", template.read_text(encoding="utf-8")):
            if name.split("/")[0] in set(room_names()) - {owner}:
                faults.append(f"{template.relative_to(PACKAGE)} uses {name}")
    assert not faults


@pytest.mark.parametrize("kind", ["views", "api"])
def test_no_query_in_views_nor_api(kind: str) -> None:
    faults = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sources()
        if path.stem == kind or path.stem.startswith(f"{kind}_")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert not faults


def test_only_the_manifests_import_by_name() -> None:
    faults = [
        str(path.relative_to(PACKAGE))
        for path in sources()
        if path != PACKAGE / "core" / "rooms.py"
        if {"importlib.import_module", "django.utils.module_loading", "django.utils.module_loading.import_string"}
        & set(imported(path))
        or "__import__(" in path.read_text(encoding="utf-8")
    ]
    assert not faults


def test_only_named_files_open_sockets() -> None:
    faults = []
    for path in sources():
        name = path.relative_to(PACKAGE).as_posix()
        used = SOCKETS & set(imported(path))
        if used and not any(name == one or name.startswith(f"{one}/") for one in MAY_CONNECT):
            faults.append(f"{name} imports {', '.join(sorted(used))}")
    assert not faults


def test_core_has_no_drawer_for_odds_and_ends() -> None:
    odd = {"utils", "helpers", "common", "misc", "util", "helper"}
    assert not [path for path in (PACKAGE / "core").rglob("*") if path.stem in odd]


def test_core_names_no_room() -> None:
    """Core never branches on a room's name: its code does not contain it as a string of its own."""
    faults = []
    for path in sources(PACKAGE / "core"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and node.value in room_names():
                faults.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert not faults


def test_manifests_tell_the_truth() -> None:
    assert check_manifests() == []


def test_codes_of_manifests_are_distinct() -> None:
    codes = [room.code for room in rooms()]
    assert len(codes) == len(set(codes))


def test_files_are_short() -> None:
    """400 lines, as the house asks, and 600 for tests: longer files are to be cut."""
    assert not [
        f"{path.relative_to(ROOT)}: {count}"
        for path in sources(tests=True)
        if "migrations" not in path.parts
        and (count := path.read_text(encoding="utf-8").count("\n")) > (600 if "tests" in path.parts else 400)
    ]


def test_save_has_no_side_effect() -> None:
    """No signal receiver and no save() of our own: writes are in actions, where they are seen."""
    faults = []
    for path in sources():
        if "django.db.models.signals" in " ".join(imported(path)) or "django.dispatch" in " ".join(imported(path)):
            faults.append(f"{path.relative_to(PACKAGE)}: signals")
        if path.stem == "models" and re.search(r"def (save|delete)\(", path.read_text(encoding="utf-8")):
            faults.append(f"{path.relative_to(PACKAGE)}: save() or delete()")
    assert not faults
