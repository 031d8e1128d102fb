"""What protects every page: headers, no inline code, no write without the page's own token, no method by accident."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.helpers.permissions import Row, filled, rows_of
from tests.house.test_permissions import person, tables

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "font-src": "'self'",
    "connect-src": "'self'", "worker-src": "'self'", "manifest-src": "'self'", "form-action": "'self'", "base-uri": "'none'",
}  # fmt: skip
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
}
# Shown in frames of other sites on purpose; they carry nothing of a person.
IN_FRAMES = {"atlas:embed", "atlas:embed_frame", "observatory:map_frame"}
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>\s*\S|\sstyle=\"|<style[\s>]|\son[a-z]+=\"|javascript:", re.IGNORECASE
)
# Names with no token of a page: what a program sends holds no cookie's power.
OPEN_TO_PROGRAMS = re.compile(r"^api:")
UNSAFE = ("PUT", "PATCH", "DELETE")


def _one_row_an_address() -> Iterator[tuple[Row, Mapping[str, object]]]:
    """For each address and method, the row that gets furthest: a page rather than a refusal."""
    for table in tables():
        samples = table.SAMPLES() if hasattr(table, "SAMPLES") else {}
        rows = rows_of(table)
        for name, method in sorted({(row.url_name, row.method) for row in rows}):
            fitting = [row for row in rows if (row.url_name, row.method) == (name, method)]
            yield min(fitting, key=lambda row: (row.status, row.who)), samples


def _address(row: Row, samples: Mapping[str, object]) -> str:
    kwargs = {name: filled(value, samples) for name, value in row.kwargs.items()}
    return reverse(row.url_name, args=row.args or None, kwargs=kwargs or None) + row.query


def _client(who: str, known: dict[str, object], *, strict: bool = False) -> Client:
    client = Client(enforce_csrf_checks=strict, raise_request_exception=False)
    if who != "nobody":
        known.setdefault(who, person(who))
        client.force_login(known[who])  # type: ignore[arg-type]
    return client


@pytest.mark.slow
def test_every_address_is_protected() -> None:
    """One pass, because the rows that addresses need are dear to make: what each answer carries, what each refuses."""
    faults: list[str] = []
    known: dict[str, object] = {}
    every = list(_one_row_an_address())
    read, sent = ([pair for pair in every if pair[0].method == method] for method in ("GET", "POST"))
    pages = sum(_faults_of_an_answer(row, samples, known, faults) for row, samples in read)
    for row, samples in read:
        _try_other_methods(row, samples, known, faults)
    writes = sum(_write_without_token(row, samples, known, faults) for row, samples in sent)
    assert not faults, "\n".join(faults)
    assert pages > 40 and writes > 20


def _faults_of_an_answer(row: Row, samples: Mapping[str, object], known: dict[str, object], faults: list[str]) -> bool:
    """Whether it is a page, whose code was looked at."""
    answer = _client(row.who, known).get(_address(row, samples))
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    frames = policy.pop("frame-ancestors")
    faults += [f"{row.url_name}: policy {policy}"] if policy != POLICY else []
    if row.url_name not in IN_FRAMES and (frames, answer.headers.get("X-Frame-Options")) != ("'none'", "DENY"):
        faults.append(f"{row.url_name}: may stand in a frame of another site ({frames})")
    faults += [f"{row.url_name}: {name}" for name, value in HEADERS.items() if answer.headers.get(name) != value]
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return False
    found = INLINE.search(answer.content.decode())
    faults += [f"{row.url_name}: inline code {found[0]!r}"] if found else []
    return True


def _try_other_methods(row: Row, samples: Mapping[str, object], known: dict[str, object], faults: list[str]) -> None:
    client = _client("operator", known, strict=True)
    for method in UNSAFE:
        answer = client.generic(method, _address(row, samples), b"{}", content_type="application/json")
        faults += (
            [f"{method} {row.url_name}: {answer.status_code}"] if answer.status_code not in {403, 404, 405} else []
        )


def _write_without_token(row: Row, samples: Mapping[str, object], known: dict[str, object], faults: list[str]) -> bool:
    """Whether it is an address that would have written."""
    if row.status >= 400 or OPEN_TO_PROGRAMS.match(row.url_name):
        return False
    data = {name: filled(value, samples) for name, value in row.data.items()}
    answer = _client(row.who, known, strict=True).post(_address(row, samples), data)
    faults += [f"{row}: {answer.status_code} without a token"] if answer.status_code != 403 else []
    return True


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<p style="color:red">',
        '<a onclick="go()">',
        '<a href="javascript:x">',
        "<style>p{}",
    ],
)
def test_inline_code_would_be_seen(text: str) -> None:
    assert INLINE.search(text) and not INLINE.search('<script src="/static/app.js" defer></script><p class="x">')


def test_cookies_are_closed_to_scripts_and_to_other_sites() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert not settings.DEBUG


def test_no_secret_is_in_the_repository() -> None:
    """Private keys, tokens of well-known services, passwords in addresses; the examples say CHANGE-ME."""
    root = Path(__file__).resolve().parents[2]
    secret = re.compile(
        rb"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-[0-9A-Za-z-]{10}"
        rb"|postgres(?:ql)?://[^\s:/@<{]+:(?!CHANGE-ME|password@|secret@|[^@\s]{0,3}@|\.\.\.|\{|MOT-DE|%|x@)[^@\s]{8,}@"
    )
    found = []
    for folder in ("src", "deploy", "docs", "tests", "benchmarks"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and path.suffix in {".py", ".md", ".yaml", ".example", ".conf", ".service", ""}:
                match = secret.search(path.read_bytes())
                found += [f"{path.relative_to(root)}: {match[0][:40]!r}"] if match and path != Path(__file__) else []
    assert not found
