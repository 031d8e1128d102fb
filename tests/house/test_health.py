"""Health, readiness, figures, and the headers that every answer bears."""

from __future__ import annotations

import re
import shutil
from collections import namedtuple
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.utils.functional import SimpleLazyObject
from prometheus_client.parser import text_string_to_metric_families

from maillage.core.channels.models import OutboundMessage
from maillage.core.people.actions import add_person, sign_in_link
from maillage.house import health

Usage = namedtuple("Usage", "total used free")


def test_a_process_is_alive_without_any_database(client: Client) -> None:
    answer = client.get("/sante/")  # no django_db mark: a statement would raise
    assert answer.status_code == 200
    assert answer.json() == {"state": "ok", "reasons": []}
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.django_db
def test_ready_when_all_is_there(client: Client) -> None:
    answer = client.get("/pret/")
    assert (answer.status_code, answer.json()) == (200, {"state": "ok", "reasons": []})
    assert client.get("/en/pret/").status_code == 404, "one address, in no language"


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'journal'")
        gone = cursor.rowcount
    answer = client.get("/pret/")
    assert answer.status_code == 503
    assert [f"({gone} changements attendent)" in reason for reason in answer.json()["reasons"]] == [True]
    assert "maillage prepare" in answer.json()["reasons"][0]


@pytest.mark.django_db
def test_not_ready_when_the_database_refuses_to_write(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    answer = client.get("/pret/")
    assert answer.status_code == 503
    assert "refuse toute écriture" in answer.json()["reasons"][0]


def test_not_ready_without_the_database_and_nothing_about_it_is_told(client: Client) -> None:
    fault = OperationalError('connection to server at "10.1.2.3" failed for user "maillage_app"')
    with mock.patch.object(connection, "cursor", side_effect=fault):
        answer = client.get("/pret/", headers={"Accept": "text/plain"})
    assert answer.status_code == 503
    assert "La base de données ne répond pas" in answer.text
    assert "10.1.2.3" not in answer.text and "maillage_app" not in answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
def test_not_ready_without_the_browser_files(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    storage = SimpleLazyObject(lambda: ManifestStaticFilesStorage(location=tmp_path))  # lazy, as Django's own
    monkeypatch.setattr(health, "staticfiles_storage", storage)
    answer = client.get("/pret/")
    assert answer.status_code == 503
    assert "maillage prepare" in answer.json()["reasons"][0]
    (tmp_path / storage.manifest_name).write_text('{"paths": {"a.css": "a.1.css"}, "version": "1.1", "hash": "1"}')
    answer = client.get("/pret/")
    assert answer.status_code == 503, "this process has no list: its pages would fail"
    assert "redémarrez" in answer.json()["reasons"][0]
    monkeypatch.setattr(health, "staticfiles_storage", ManifestStaticFilesStorage(location=tmp_path))
    assert client.get("/pret/").status_code == 200


@pytest.mark.django_db
def test_not_ready_when_the_disk_is_nearly_full(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12 - 199_999_999, 199_999_999))
    assert "199 Mo libres" in client.get("/pret/").json()["reasons"][0]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12 - 200_000_000, 200_000_000))
    assert client.get("/pret/").status_code == 200


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and labels."""
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.django_db
def test_figures_count_what_was_answered_and_what_waits(client: Client) -> None:
    name = ("maillage_requests_total", "method=GET", "page=web:legal", "status=200")
    before = figures(client.get("/mesures/").text).get(name, 0)
    for _ in range(3):
        client.get("/mentions-legales/?q=secret")
    OutboundMessage.objects.create(by="sms", to="0600000000", body="", idempotency_key="k")
    text = client.get("/mesures/").text
    found = figures(text)
    assert found[name] - before == 3, sorted(found)
    assert found[("maillage_request_seconds_count", "page=web:legal")] >= 3
    assert found[("maillage_outbound_messages", "state=waiting")] == 1
    assert found[("maillage_jobs", "state=failed")] == 0
    assert found[("maillage_database_up",)] == 1
    assert {key[1:] for key in found if key[0] == "maillage_waiting_contributions"} >= {
        ("of=atlas.suggestion", "state=proposed"),
        ("of=atlas.suggestion", "state=held"),
    }
    assert "secret" not in text and "0600000000" not in text


def test_figures_say_that_the_database_is_away(client: Client) -> None:
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        found = figures(client.get("/mesures/").text)
    assert found[("maillage_database_up",)] == 0
    assert not [key for key in found if key[0] == "maillage_jobs"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers,address,status",
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "192.0.2.7", 404),
        ({}, "", 404),
        ({"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 404),
        ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", 404),
        ({"Forwarded": "for=192.0.2.7"}, "127.0.0.1", 404),
        ({"Authorization": "Bearer right"}, "192.0.2.7", 200),
        ({"Authorization": "Bearer wrong"}, "192.0.2.7", 404),
        ({"Authorization": "Bearer "}, "192.0.2.7", 404),
    ],
)
def test_figures_are_for_this_machine_and_for_who_knows_the_token(
    client: Client, headers: dict[str, str], address: str, status: int
) -> None:
    with override_settings(METRICS_TOKEN="right"):
        assert client.get("/mesures/", headers=headers, REMOTE_ADDR=address).status_code == status
    if "Authorization" in headers:
        assert client.get("/mesures/", headers=headers, REMOTE_ADDR=address).status_code == 404, "no token, no entry"


PAGES = ("/", "/atlas/", "/connexion/", "/mentions-legales/", "/nulle-part/", "/sante/", "/api/v1/openapi.json")


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_every_answer_bears_the_headers_that_protect_it(client: Client, page: str) -> None:
    answer = client.get(page)
    headers = answer.headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"] and policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    for sources in policy.values():
        assert not [one for one in sources if one in {"*", "'unsafe-inline'", "'unsafe-eval'", "https:", "http:"}]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert "Server" not in headers and "X-Powered-By" not in headers
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-ID"])
    if "text/html" in headers["Content-Type"]:
        inline = re.findall(
            r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>|\sstyle=|\son[a-z]+=\"", answer.text
        )
        assert not inline, "the policy would stop these"


@pytest.mark.django_db
def test_https_is_asked_for_a_year_where_the_visitor_came_by_it(client: Client) -> None:
    with override_settings(SECURE_HSTS_SECONDS=31_536_000, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        fresh = Client()  # its middleware reads the settings when it is made
        assert (
            fresh.get("/sante/", headers={"X-Forwarded-Proto": "https"})
            .headers["Strict-Transport-Security"]
            .startswith("max-age=31536000")
        )
        assert "Strict-Transport-Security" not in fresh.get("/sante/").headers


@pytest.mark.django_db
def test_cookies_are_closed_to_scripts_and_to_other_sites(client: Client) -> None:
    person = add_person("Alice", email="alice@example.invalid", role="moderator")
    signed_in = client.post(urlsplit(sign_in_link(person)).path)
    shown = client.post("/affichage/", {"theme": "dark", "contrast": "high", "text": "150", "retour": "/"})
    form = client.get("/connexion/")
    cookies = {**signed_in.cookies, **shown.cookies, **form.cookies}
    assert {"sessionid", "csrftoken"} <= set(cookies), f"{set(cookies)}: this proves nothing"
    assert len(cookies) >= 3, "the cookie of the display too"
    assert {cookie["samesite"] for cookie in cookies.values()} <= {"Lax", "Strict"}
    assert cookies["sessionid"]["httponly"]


def settings_with(**environment: str) -> dict[str, object]:
    """What production's settings become with these variables, in a process of its own."""
    import json
    import os
    import subprocess
    import sys

    body = (
        "import json, maillage.house.settings as s;"
        "print(json.dumps({n: getattr(s, n, None) for n in ('SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE', 'SECURE_HSTS_SECONDS',"
        " 'SECURE_PROXY_SSL_HEADER', 'ALLOWED_HOSTS', 'DEBUG', 'CSRF_TRUSTED_ORIGINS', 'SESSION_COOKIE_HTTPONLY')}))"
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAILLAGE_")}
    home = os.environ["MAILLAGE_HOME"]
    done = subprocess.run(
        [sys.executable, "-c", body],
        env={**plain, "MAILLAGE_HOME": home, **environment},
        capture_output=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_an_https_address_closes_what_must_be_closed() -> None:
    found = settings_with(MAILLAGE_ADDRESS="https://maillage.example", MAILLAGE_TRUSTED_PROXIES="1")
    assert found["SESSION_COOKIE_SECURE"] and found["CSRF_COOKIE_SECURE"] and found["SESSION_COOKIE_HTTPONLY"]
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert found["DEBUG"] is False
    assert "maillage.example" in str(found["ALLOWED_HOSTS"]) and "*" not in str(found["ALLOWED_HOSTS"])
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://maillage.example"]


def test_without_a_proxy_nobody_is_believed_about_https() -> None:
    found = settings_with(MAILLAGE_ADDRESS="http://127.0.0.1:8000")
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert found["SECURE_HSTS_SECONDS"] == 0
