"""The command line: help everywhere, exit codes, one plain sentence for what goes wrong."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from maillage.core.people.models import Person
from maillage.house.cli import main, make_parser
from maillage.house.terminal import FAILED, MISUSED, OK, TO_MEND
from maillage.rooms.atlas.models import Suggestion

BOTH_ROLES = pytest.mark.django_db(databases=["default", "owner"])


def commands(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield words
    for group in groups:
        for name, below in group.choices.items():
            yield from commands(below, (*words, name))


EVERY_COMMAND = list(commands(make_parser()))


def test_the_commands_that_are_promised_exist() -> None:
    promised = {"demo", "demo-real", "serve", "worker", "doctor", "export"}
    assert promised <= {words[0] for words in EVERY_COMMAND}
    assert ("intake", "territories") in EVERY_COMMAND


@pytest.mark.parametrize("words", EVERY_COMMAND, ids=" ".join)
def test_each_command_has_help_that_tells_its_exit_codes(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([*words, "--help"])
    assert left.value.code == OK
    told = capsys.readouterr().out
    assert "exit codes:" in told
    assert len(told.splitlines()[0]) > 10


def test_nothing_asked_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == MISUSED
    assert "demo" in capsys.readouterr().err
    assert main(["person"]) == MISUSED


@pytest.mark.parametrize("words", [["nonsense"], ["serve", "--port", "99999"], ["serve", "--workers", "0"], ["intake"]])
def test_what_is_not_understood_is_2(words: list[str]) -> None:
    try:
        code: object = main(words)
    except SystemExit as left:
        code = left.code
    assert code == MISUSED


def test_it_runs_as_a_module_and_as_a_program() -> None:
    for command in ([sys.executable, "-m", "maillage"], [str(Path(sys.executable).parent / "maillage")]):
        done = subprocess.run([*command, "--help"], capture_output=True, text=True)
        assert done.returncode == 0
        assert done.stdout.startswith("usage: maillage")


@BOTH_ROLES
def test_a_failure_is_one_sentence_without_traceback(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["intake", "territories", str(tmp_path / "absent.geojson")]) == FAILED
    told = capsys.readouterr().err
    assert "absent.geojson" in told
    assert "Traceback" not in told
    assert main(["intake", "territories", str(tmp_path / "absent.geojson"), "--debug"]) == FAILED
    assert "Traceback" in capsys.readouterr().err


@BOTH_ROLES
def test_a_moderator_is_added_and_signs_in_by_the_link(capsys: pytest.CaptureFixture[str], client: object) -> None:
    assert main(["person", "add", "Bob", "--email", "bob@example.org", "--role", "moderator"]) == OK
    capsys.readouterr()
    assert main(["person", "sign-in-link", "bob@example.org"]) == OK
    link = capsys.readouterr().out.strip()
    path = "/" + link.split("/", 3)[3]
    answer = client.post(path)  # type: ignore[attr-defined]
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(Person.objects.get(email="bob@example.org").pk)  # type: ignore[attr-defined]


@BOTH_ROLES
@pytest.mark.parametrize(
    "words",
    [
        ["person", "add", "Bob", "--role", "king"],
        ["person", "add", "Bob", "--email", "not an address"],
        ["person", "sign-in-link", "nobody@example.org"],
        ["privacy", "export", "nobody@example.org"],
        ["privacy", "erase", "nobody@example.org", "--yes"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_for_a_person(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == FAILED
    assert re.fullmatch(r"maillage: [^\n]+\n", capsys.readouterr().err)


@BOTH_ROLES
def test_a_person_s_data_go_out_and_then_go(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["person", "add", "Zoé", "--email", "zoe@example.org"])
    path = tmp_path / "zoe.json"
    assert main(["privacy", "export", "zoe@example.org", "--to", str(path)]) == OK
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text(encoding="utf-8"))["people"][0]["name"] == "Zoé"
    assert main(["privacy", "erase", "zoe@example.org", "--yes"]) == OK
    capsys.readouterr()
    assert main(["privacy", "export", "zoe@example.org"]) == FAILED


@BOTH_ROLES
@pytest.mark.parametrize("by,to", [("mail", "lea@example.org"), ("sms", "+33639981234")])
def test_the_data_of_whoever_only_left_an_address(
    by: str, to: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No account: found by the address to which the answer to a proposal goes, and leaves no trace when asked for."""
    sent = Suggestion.objects.create(
        kind="new", code="ABCDEFGHJK", idempotency_key="k", channel="web", answer_by=by, answer_to=to, message="à Léa"
    )
    path, persons = tmp_path / "lea.json", Person.objects.count()
    assert main(["privacy", "export", to, "--to", str(path)]) == OK
    found = json.loads(path.read_text(encoding="utf-8"))
    assert list(found) == ["atlas"] and found["atlas"][0]["answer_to"] == to
    assert Person.objects.count() == persons
    assert main(["privacy", "erase", to, "--yes"]) == OK
    sent.refresh_from_db()
    assert (sent.answer_by, sent.answer_to, sent.message) == ("", "", "")
    capsys.readouterr()
    assert main(["privacy", "export", to]) == FAILED


@BOTH_ROLES
def test_a_closed_account_is_exported_and_erased_too(capsys: pytest.CaptureFixture[str]) -> None:
    main(["person", "add", "Zoé", "--email", "zoe@example.org"])
    Person.objects.filter(email="zoe@example.org").update(is_active=False)
    assert main(["privacy", "export", "zoe@example.org"]) == OK
    assert main(["privacy", "erase", "zoe@example.org", "--yes"]) == OK
    assert not Person.objects.filter(email="zoe@example.org").exists()


@BOTH_ROLES
def test_erasing_asks_first(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    main(["person", "add", "Zoé", "--email", "zoe@example.org"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["privacy", "erase", "zoe@example.org"]) == FAILED
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    assert main(["privacy", "erase", "zoe@example.org"]) == FAILED
    assert Person.objects.filter(email="zoe@example.org").exists()


@BOTH_ROLES
def test_the_journal_is_sealed_and_verified(capsys: pytest.CaptureFixture[str]) -> None:
    main(["person", "add", "Bob", "--email", "bob@example.org"])
    assert main(["journal", "seal"]) == OK
    assert main(["journal", "verify"]) == OK
    assert "2 sealed lines" in capsys.readouterr().out
    assert main(["journal", "verify", "--expect", "0" * 64]) == TO_MEND
    assert "✗" in capsys.readouterr().out


@BOTH_ROLES
def test_export_writes_every_format_and_every_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from maillage.rooms.atlas.tests.makers import make_entry

    names = {make_entry(f"Atelier {number}").name for number in range(3)}
    assert main(["export", str(tmp_path / "all")]) == OK
    kinds = {path.suffix for path in (tmp_path / "all").iterdir()}
    assert kinds == {".csv", ".xlsx", ".geojson", ".gpkg", ".json"}
    assert main(["export", str(tmp_path / "one.json"), "--format", "json"]) == OK
    entries = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))["entries"]
    assert len(entries) == 3
    assert names <= set(re.findall(r"Atelier \d", json.dumps(entries, ensure_ascii=False)))
    assert main(["export", str(tmp_path / "one.doc")]) == MISUSED
    assert main(["export", str(tmp_path / "all"), "--format", "papyrus"]) == MISUSED
    assert not list(tmp_path.rglob("*.part"))
