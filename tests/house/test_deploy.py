"""The examples of deploy/ and the two guides say what the code does: commands, options, variables, addresses."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.urls import reverse

from maillage.house.cli import make_parser

ROOT = Path(__file__).resolve().parents[2]
DEPLOY, GUIDE = ROOT / "deploy", ROOT / "docs" / "guide"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
HOLES = {"FICHIER": "a.tar", "EMPREINTE": "abc", "VOTRE-COURRIEL": "a@b.invalid"}


def understood(words: list[str]) -> None:
    """The command line takes these words; argparse leaves otherwise."""
    options = make_parser().parse_args([HOLES.get(word, word) for word in words])
    assert hasattr(options, "handler"), f"{words} does nothing"


def unit(path: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=False)
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read(path, encoding="utf-8")
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_run_commands_that_exist_without_rights(path: Path) -> None:
    service = unit(path)["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program == "/srv/maillage/app/.venv/bin/maillage"
    understood(words)
    assert service["User"] == "maillage"
    assert service["EnvironmentFile"] == "/etc/maillage/maillage.env"
    assert service["NoNewPrivileges"] == "yes" and service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


def test_the_proxy_looks_where_the_unit_listens() -> None:
    words = shlex.split(unit(DEPLOY / "systemd" / "maillage-web.service")["Service"]["ExecStart"])
    at = f"{words[words.index('--host') + 1]}:{words[words.index('--port') + 1]}"
    assert "--exact-port" in words, "on another port the proxy would find nobody"
    for name in ("nginx.conf", "Caddyfile"):
        assert at in (DEPLOY / name).read_text(encoding="utf-8")


def code_of_src() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))


def test_every_variable_of_the_examples_is_read() -> None:
    code, quoted = code_of_src(), re.compile(r"'[^']*'")
    for line in (DEPLOY / "maillage.env.example").read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"#?([A-Z_]+)=(.*)", line):
            assert quoted.fullmatch(found[2]), f"{line}: systemd and the shell read other quotes differently"
            assert found[1] in code or found[1] == "NUMBA_CACHE_DIR" or f"MAILLAGE_{found[1]}" in code, found[1]
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for name in set(
        re.findall(r"\b(?:MAILLAGE|DATABASE)_[A-Z_]+", compose + (DEPLOY / "Dockerfile").read_text("utf-8"))
    ):
        assert name in code, name


def test_compose_runs_commands_that_exist_and_waits_for_what_it_needs() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert {"database", "prepare", "web", "worker", "backup"} == set(services)
    for name in ("prepare", "worker", "backup"):
        program, *words = services[name]["command"]
        assert program == "maillage"
        understood(words)
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"], "not to the world: TLS stands in front"
    volumes = {one.split(":")[0] for service in services.values() for one in service.get("volumes", [])}
    assert volumes == set(compose["volumes"])


def test_the_image_runs_as_nobody_of_importance_what_exists_here() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert len(stages) == 3
    assert "\nUSER maillage\n" in stages[-1] and stages[-1].index("USER maillage") < stages[-1].index("CMD [")
    command = re.findall(r"^CMD \[(.*)\]", stages[-1], re.MULTILINE)[-1]
    understood([word.strip('" ') for word in command.split(",")][1:])
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for source in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name
            assert name.split("/")[0] not in ignored
    assert {".git", "var", ".venv"} <= set(ignored), "neither history nor data nor keys in the image"


def test_addresses_of_the_watchers_are_closed_to_the_public() -> None:
    for name in ("ready", "metrics"):
        address = reverse(name)
        assert f"location = {address} {{ return 404; }}" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
        assert re.search(rf"@watching path .*{address}", (DEPLOY / "Caddyfile").read_text(encoding="utf-8"))


def test_what_a_visitor_says_of_their_address_is_overwritten() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "$proxy_add_x_forwarded_for" not in text
    # WSGI makes one name of X-Forwarded-For and X_Forwarded_For: nginx drops the second by itself, Caddy when it is told.
    assert "underscores_in_headers" not in text
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "header_up X-Forwarded-For {remote_host}" in caddy and "header_up -*_*" in caddy
    assert "MAILLAGE_TRUSTED_PROXIES='1'" in (DEPLOY / "maillage.env.example").read_text(encoding="utf-8")
    log = re.findall(r"log_format maillage '(.*)';", text)
    assert log and not {"$remote_addr", "$request", "$request_uri", "$uri", "$args", "$http_referer"} & set(
        log[0].split()
    )
    assert text.count("access_log ") == text.count(".log maillage;") >= 2, "no log of another format"


def commands_of(text: str) -> list[list[str]]:
    """What the guides tell to type, `maillage-admin` and `maillage`, in blocks and in sentences."""
    typed = [*re.findall(r"`([^`\n]+)`", text), *(line for block in _blocks(text) for line in block.splitlines())]
    plain = (re.sub(r'"\$\(.*?\)"', "FICHIER", line.split(" > ")[0]).strip() for line in typed)
    matches = (re.fullmatch(r"(?:MAILLAGE_[A-Z_]+=\S+ )?maillage(?:-admin)? (.+)", line) for line in plain)
    return [shlex.split(match[1]) for match in matches if match]


def _blocks(text: str) -> list[str]:
    return [block.replace("\\\n", " ") for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("name", ["installer.md", "exploiter.md"])
def test_guides_tell_to_type_what_exists(name: str) -> None:
    commands = commands_of((GUIDE / name).read_text(encoding="utf-8"))
    assert len(commands) >= 7, commands
    for words in commands:
        understood(words)


@pytest.mark.parametrize("name", ["installer.md", "exploiter.md"])
def test_guides_name_files_and_addresses_that_exist(name: str) -> None:
    text = (GUIDE / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (GUIDE / target).resolve().exists(), target
    for target in re.findall(r"deploy/[\w./-]*\w", text):
        assert (ROOT / target).exists() or list(ROOT.glob(f"{target}*")), target
    code = code_of_src()
    for variable in re.findall(r"MAILLAGE_[A-Z]+(?:_[A-Z]+)*", text):
        assert variable in code + (DEPLOY / "maillage-admin").read_text("utf-8"), variable


def test_guides_know_every_command_that_keeps_the_site() -> None:
    told = {
        words[0]
        for name in ("installer.md", "exploiter.md")
        for words in commands_of((GUIDE / name).read_text("utf-8"))
    }
    assert {
        "prepare",
        "doctor",
        "backup",
        "restore",
        "upgrade-database",
        "journal",
        "privacy",
        "person",
        "intake",
    } <= told


def test_the_cache_of_nginx_stands_in_a_folder_that_debian_makes() -> None:
    """Debian's nginx has /var/lib/nginx and no /var/cache/nginx, and makes one level only: without it nginx stays down."""
    path = re.findall(r"^proxy_cache_path (\S+)", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"), re.MULTILINE)
    assert [Path(one).parent for one in path] == [Path("/var/lib/nginx")]


def test_a_stopped_application_is_announced_in_french() -> None:
    for name in ("nginx.conf", "Caddyfile"):
        assert "Le site revient bientôt" in (DEPLOY / name).read_text(encoding="utf-8"), name


def test_the_command_of_the_operator_opens_no_session() -> None:
    """The journal keeps the whole command of a program that opens one, hence the e-mail of the person it is about."""
    lines = (DEPLOY / "maillage-admin").read_text(encoding="utf-8").splitlines()
    words = [line.split()[:2] for line in lines if line and not line.startswith("#")]
    assert ["exec", "setpriv"] in words
    assert not [one for one in words if {"runuser", "sudo", "su"} & set(one)]


def test_the_image_installs_the_lock_whole() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"pip install --no-deps --require-hashes -r requirements\.lock", text)
    assert "-m pip check" in text
