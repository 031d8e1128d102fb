"""Visitors who write: a browser without JavaScript, and what people do with it from the first page to the answer."""

from __future__ import annotations

import hashlib
import http.client
import random
import re
import time
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from maillage.rooms.atlas.tests.posting import forms_in

TAKE = re.compile(r'action="(/atlas/bureau/\d+/prendre/[^"]*)"')
CODE = re.compile(r"\d(?:[  ]?\d){5,}")
POST_S = 40.0  # a letter is waited for so long


class NotAnswered(Exception):
    """A page was not what a visitor expects; the words say which, and with which status."""


@dataclass
class Browser:
    """Keeps a connection and cookies; notes each answer by the kind of page."""

    port: int
    note: object  # (kind, status, seconds) → None
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def ask(self, kind: str, path: str, form: dict[str, object] | None = None) -> tuple[int, str, str]:
        """Status, address to go to, and text; a form is sent by POST."""
        body = urlencode(form, doseq=True) if form is not None else None
        headers = {"Accept-Encoding": "gzip", "Accept-Language": "fr"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.monotonic()
        try:
            answer = self._answer("POST" if body is not None else "GET", path, body, headers)
            content = answer.read()
        except (OSError, http.client.HTTPException) as fault:
            self.leave()
            self.note(kind, type(fault).__name__, time.monotonic() - started)  # type: ignore[operator]
            raise NotAnswered(f"{kind}: {type(fault).__name__}") from fault
        self._keep_cookies(answer)
        self.note(kind, answer.status, time.monotonic() - started)  # type: ignore[operator]
        return answer.status, answer.headers.get("Location", ""), self._text(answer, content)

    def _answer(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        """On the connection that is open; once more on a new one where the server had closed it."""
        was_open = self._connection is not None
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self._connection.request(method, path, body=body, headers=headers)
            return self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.leave()
            if not was_open or method != "GET":
                raise
            return self._answer(method, path, body, headers)

    def _keep_cookies(self, answer: http.client.HTTPResponse) -> None:
        for given in answer.headers.get_all("Set-Cookie") or []:
            name, _sign, value = given.split(";")[0].partition("=")
            self.cookies[name] = value
            if not value or value == '""':
                del self.cookies[name]

    def _text(self, answer: http.client.HTTPResponse, content: bytes) -> str:
        if not answer.headers.get("Content-Type", "").startswith(("text/", "application/json")):
            return ""
        if answer.headers.get("Content-Encoding") == "gzip":
            import gzip

            content = gzip.decompress(content)
        return content.decode(errors="replace")

    def page(self, kind: str, path: str) -> str:
        """The text of a page, redirections followed."""
        for _turn in range(4):
            status, location, text = self.ask(kind, path)
            if status == 200:
                return text
            if status not in {301, 302, 303}:
                raise NotAnswered(f"{kind} {path}: {status}")
            path = _path_of(location)
        raise NotAnswered(f"{kind} {path}: turns in a circle")

    def send(self, kind: str, path: str, form: dict[str, object]) -> str:
        """Sends a form that must be accepted; returns where it leads."""
        status, location, text = self.ask(kind, path, form)
        if status not in {302, 303}:
            told = re.findall(r'class="[^"]*(?:error|alert|message)[^"]*"[^>]*>(?:<[^>]*>|\s)*([^<]{3,120})', text)
            raise NotAnswered(f"{kind} {path}: {status} {' | '.join(unescape(one).strip() for one in told[:3])}")
        return _path_of(location)

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _path_of(location: str) -> str:
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def form_with(page: str, name: str) -> dict[str, object]:
    """The first form of the page that has this field, filled as the page filled it."""
    for form in forms_in(page):
        if name in form:
            return dict(form)
    raise NotAnswered(f"no form with {name} in the page")


def propose(browser: Browser, number: str) -> str:
    """A new place in three steps; returns its code."""
    form = form_with(browser.page("propose", "/atlas/proposer/"), "summary")
    what = {"name": f"Atelier d’essai {number}", "kind": "place", "summary": f"On répare ensemble {number}.",
            "themes": ["mobility"]}  # fmt: skip
    second = browser.send("propose", "/atlas/proposer/", {**form, **what})
    form = form_with(browser.page("propose", second), "address")
    where = {"address": f"{random.randint(1, 90)} avenue Jean-Cagne", "postcode": "69200", "commune": "Vénissieux"}
    third = browser.send("propose", second, {**form, **where})
    if third.endswith("/deja/"):  # something alike is there: it is new all the same
        third = f"{second.rsplit('/', 2)[0]}/3/"
    form = form_with(browser.page("propose", third), "message")
    done = browser.send("propose", third, {**form, "opening_hours_text": "Le mercredi", "message": number})
    browser.page("propose", done)
    return done.split("/")[3]


def report(browser: Browser, entry: int, key: str) -> None:
    """One word about an entry, as many send it."""
    path = f"/atlas/fiche/{entry}/signaler/closed/"
    form = form_with(browser.page("report", path), "message")
    browser.page("report", browser.send("report", path, {**form, "message": key}))


def sign_in(browser: Browser, address: str, outbox: Path) -> None:
    """Asks for a code, waits for the letter, types the code."""
    form = form_with(browser.page("sign in", "/connexion/"), "address")
    known = set(outbox.glob("*.txt"))
    second = browser.send("sign in", "/connexion/", {**form, "address": address})
    code = letter_code(outbox, address, known)
    form = form_with(browser.page("sign in", second), "code")
    browser.page("sign in", browser.send("sign in", second, {**form, "code": code}))


def letter_code(outbox: Path, address: str, known: set[Path]) -> str:
    until = time.monotonic() + POST_S
    while time.monotonic() < until:
        for path in set(outbox.glob("*.txt")) - known:
            text = path.read_text(encoding="utf-8")
            if f"To: {address}\n" in text and (found := CODE.search(text.split("\n\n", 1)[1])):
                return found[0]
        time.sleep(0.2)
    raise NotAnswered(f"sign in: no letter in {POST_S:.0f} s")


def sign_out(browser: Browser) -> None:
    form = form_with(browser.page("sign in", "/compte/"), "csrfmiddlewaretoken")
    browser.send("sign in", "/deconnexion/", {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"]})


def decide(browser: Browser) -> bool:
    """Takes the first item of the desk and decides it; whether there was one."""
    queue = browser.page("desk", "/atlas/bureau/")
    found = TAKE.search(queue)
    if found is None:
        return False
    token = form_with(queue, "csrfmiddlewaretoken")["csrfmiddlewaretoken"]
    path = browser.send("desk", unescape(found[1]), {"csrfmiddlewaretoken": token})
    form = form_with(browser.page("desk", path), "seen_state")
    action = random.choice(["accept", "refuse", "aside"])
    wanted = {"action": action, "reason": "Essai de charge." if action == "refuse" else ""}
    kept = {name: value for name, value in form.items() if not name.startswith("edit-")}
    browser.send("desk", path, {**kept, **wanted})
    return True


def key_of(number: object) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=6).hexdigest()
