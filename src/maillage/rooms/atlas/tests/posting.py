"""Reads a form out of a page as a browser without JavaScript would send it back."""

from __future__ import annotations

from html.parser import HTMLParser


class _Form(HTMLParser):
    """Values of the last post form of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, list[str]]] = []
        self._area: str | None = None
        self._select: str | None = None
        self._text = ""
        self.values: dict[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.values = {}
            if (given.get("method") or "").lower() == "post":
                self.forms.append(self.values)
        if self.values is None:
            return
        name = given.get("name")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self.values.setdefault(name, []).append("on" if given.get("value") is None else str(given["value"]))
            else:
                self.values.setdefault(name, []).append(given.get("value") or "")
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values.setdefault(self._select, []).append(given.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None and self.values is not None:
            self.values.setdefault(self._area, []).append(self._text.removeprefix("\n"))
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self.values = None


def forms_in(page: str) -> list[dict[str, list[str]]]:
    """Every post form of the page, with the values it would send."""
    reader = _Form()
    reader.feed(page)
    return reader.forms


def typed_values(page: str) -> dict[str, object]:
    """The largest post form of the page; lists stay lists."""
    largest = max(forms_in(page), key=len)
    return {name: values[0] if len(values) == 1 else values for name, values in largest.items()}


def hidden_values(page: str) -> dict[str, str]:
    """The same, single values only."""
    return {name: values[0] for name, values in max(forms_in(page), key=len).items()}
