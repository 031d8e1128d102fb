"""What a page does while a person uses it: every request, every complaint of the browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response


@dataclass
class Watch:
    """Records a browser context; `faults` says what no page of ours may do."""

    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Listens to all pages of a context, those opened later too."""
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("console", self._on_console)
        context.on("weberror", lambda fault: self.complaints.append(f"script error: {fault.error}"))

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _on_response(self, response: Response) -> None:
        if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            self.complaints.append(f"{response.status} {response.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        # A page that answers 404 or 422 on purpose is told on the console too: the journey looks at it itself.
        is_status = "Failed to load resource: the server responded with a status of 4" in message.text
        # Software drawing says that it waits for itself; it is about this machine.
        is_slow_card = "GPU stall due to ReadPixels" in message.text
        if message.type in {"error", "warning"} and not is_status and not is_slow_card:
            self.complaints.append(f"console {message.type}: {message.text}")

    @property
    def foreign(self) -> list[str]:
        """Requests to anybody but us."""
        own = urlsplit(self.address).netloc
        spoken = {"http", "https", "ws", "wss"}  # tel:, sms:, mailto:, data: and blob: leave for nobody's server
        return [url for url in self.requests if urlsplit(url).scheme in spoken and urlsplit(url).netloc != own]

    @property
    def faults(self) -> list[str]:
        """Third-party requests, errors on the console (policy violations among them), scripts that failed, 5xx."""
        complaints = [text for text in self.complaints if not any(part in text for part in self.allowed)]
        return [*(f"third-party request: {url}" for url in self.foreign), *complaints]


def overflow_of(page: Page) -> list[str]:
    """The elements that make the page scroll sideways; empty when it does not."""
    script = """() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        const isCut = (one) => getComputedStyle(one).overflowX !== "visible";
        const isScrolled = (one) => one !== document.body && (isCut(one) || isScrolled(one.parentElement));
        return [...document.querySelectorAll("body *")]
            .map((one) => [one, one.getBoundingClientRect()])
            .filter(([one, box]) => box.width && (box.right > width + 1 || box.left < -1))
            .filter(([one]) => !one.firstElementChild && !isScrolled(one))
            .sort(([one], [other]) => Boolean(other.closest("main")) - Boolean(one.closest("main")))
            .slice(0, 8).map(([one, box]) => `${Math.round(box.right)} of ${width}: ${one.outerHTML.slice(0, 120)}`);
    }"""
    # Once the letters are those of the site. Asked from here: a page without scripts keeps no promise.
    for _wait in range(100):
        if page.evaluate("document.fonts.status") == "loaded":
            break
        page.wait_for_timeout(50)
    found: list[str] = page.evaluate(script)
    return found
