"""The doctor says what is wrong and how to mend it; each ailment is produced, and then seen."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from maillage.house import doctor
from maillage.house.terminal import OK, TO_MEND

BOTH_ROLES = pytest.mark.django_db(databases=["default", "owner"])


def remedies(findings: object) -> str:
    return " | ".join(one.remedy for one in findings if one.remedy)  # type: ignore[attr-defined]


def test_a_secret_that_others_may_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret_key"
    secret.write_text("x")
    secret.chmod(0o644)
    assert f"chmod 600 {secret}" in doctor._secret(secret).remedy
    secret.chmod(0o600)
    assert doctor._secret(secret).remedy == ""


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=10_000_000))
    assert "MAILLAGE_HOME" in remedies(doctor._home(tmp_path / "not" / "made" / "yet"))


def test_browser_files_that_were_not_collected(settings: object, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    assert "maillage prepare" in doctor._static().remedy
    (tmp_path / "staticfiles.json").write_text("{}")
    assert doctor._static().remedy == ""


def test_a_public_address_in_clear(settings: object) -> None:
    settings.SITE_ADDRESS, settings.HTTPS = "http://maillage.example", False  # type: ignore[attr-defined]
    told = remedies(doctor._configuration())
    assert "https://" in told
    assert "MAILLAGE_OPERATOR_NAME" in told


def test_an_outbox_that_cannot_be_written(settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTBOX = tmp_path / "outbox"  # type: ignore[attr-defined]
    assert doctor._gateways().remedy == ""
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    assert "not writable" in doctor._gateways().remedy


@BOTH_ROLES
def test_migrations_that_wait() -> None:
    from django.db.migrations.recorder import MigrationRecorder

    assert doctor._migrations().remedy == ""
    MigrationRecorder.Migration.objects.using("owner").filter(app="atlas").delete()
    assert "maillage prepare" in doctor._migrations().remedy


@BOTH_ROLES
def test_tables_of_a_newer_version() -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.using("owner").create(app="atlas", name="9999_to_come")
    MigrationRecorder.Migration.objects.using("owner").create(app="room_taken_away", name="0001_initial")
    told = doctor._migrations().remedy
    assert "atlas.9999_to_come" in told and "restore the backup" in told
    assert "room_taken_away" not in told


@BOTH_ROLES
def test_a_table_that_somebody_dropped() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE atlas_suggestion RENAME TO atlas_gone")
    told = doctor._migrations().remedy
    assert "atlas_suggestion" in told and "maillage restore" in told


def test_a_home_that_is_gone_and_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAILLAGE_HOME", str(tmp_path / "gone"))
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    findings = list(doctor.look())  # it ends there: everything else stands on this folder
    assert f"{tmp_path / 'gone'} is not there" in remedies(findings)
    assert not [one for one in findings if one.label.split(":")[0] == "database"]


@pytest.mark.parametrize("problems,code", [([], OK), (["The database cannot be entered: no."], TO_MEND)])
@BOTH_ROLES
def test_the_exit_code_tells(
    problems: list[str],
    code: int,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.SITE_ADDRESS = "http://127.0.0.1:8000"  # type: ignore[attr-defined]
    well: Callable[[], doctor.Finding] = lambda: doctor.Finding("well")  # noqa: E731
    monkeypatch.setattr(doctor, "check_server", lambda _env, _home: problems)
    for name in ("_static", "_fonts", "_catalogues", "_gateways"):
        monkeypatch.setattr(doctor, name, well)
    assert doctor.run() == code
    told = capsys.readouterr().out
    assert ("The database cannot be entered" in told) == bool(problems)


def test_the_mail_server_is_entered_and_nothing_is_sent(settings: object) -> None:
    settings.MAIL_GATEWAY = "maillage.core.channels.gateways.files"  # type: ignore[attr-defined]
    assert not list(doctor._mail_server())
    settings.MAIL_GATEWAY = "maillage.core.channels.gateways.smtp"  # type: ignore[attr-defined]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5  # type: ignore[attr-defined]
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings.EMAIL_PORT = door.getsockname()[1]  # type: ignore[attr-defined]
        answering = threading.Thread(target=_answer_once, args=(door, said))
        answering.start()
        (finding,) = doctor._mail_server()
        answering.join(timeout=10)
    assert finding.remedy == ""
    assert b"".join(said).upper().endswith(b"QUIT\r\n") and b"MAIL FROM" not in b"".join(said).upper()
    (finding,) = doctor._mail_server()  # the door is closed now
    assert "no mail leaves" in finding.remedy and "MAILLAGE_SMTP_HOST" in finding.remedy


def _answer_once(door: socket.socket, said: list[bytes]) -> None:
    connection, _address = door.accept()
    with connection:
        connection.sendall(b"220 essai\r\n")
        while line := connection.recv(1000):
            said.append(line)
            connection.sendall(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 essai\r\n")
