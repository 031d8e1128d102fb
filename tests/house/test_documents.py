"""The documents tell the truth about what they name: files, commands, targets, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maillage.house.cli import make_parser
from tests.house.test_cli import commands

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "maillage"
DOCUMENTS = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tests" / "journeys" / "README.md"])


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", text_of(document)) + re.findall(r'src="([^"]+)"', text_of(document))
    broken = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_and_targets_exist(document: Path) -> None:
    known = {" ".join(words) for words in commands(make_parser())} | {words[0] for words in commands(make_parser())}
    named = re.findall(r"`maillage ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", text_of(document))
    assert not [name for name in named if name not in known and name.split()[0] not in known]
    targets = re.findall(r"(?:^|`)make ([a-z-]+)", text_of(document), re.M)
    makefile = text_of(ROOT / "Makefile")
    assert not [target for target in targets if not re.search(rf"^{target}:", makefile, re.M)]


def test_the_map_names_files_that_exist() -> None:
    table = text_of(ROOT / "docs" / "map.md")
    names = re.findall(r"`((?:core|rooms|house|kernels|docs|tests)/[\w./*-]+|[\w-]+\.(?:py|yaml|typ))`", table)
    assert len(names) > 35
    places = (PACKAGE, ROOT, PACKAGE / "rooms" / "atlas")
    missing = [name for name in names if not any(list(place.glob(name)) for place in places)]
    assert not missing


def test_decisions_have_their_four_parts() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert 5 <= len(pages) <= 15
    for page in pages:
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", page.name)
        for part in ("Context", "Decision", "Rejected", "Consequences"):
            assert f"**{part}.**" in text_of(page), f"{page.name} has no {part}"


def test_the_readme_is_finished() -> None:
    for name in ("README.md", "README.fr.md"):
        assert not re.search(r"@[A-Z_]+@|TODO|TBD", text_of(ROOT / name))


def test_the_licence_is_whole() -> None:
    text = text_of(ROOT / "LICENSE")
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "13. Remote Network Interaction" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text.split()) > 5000
