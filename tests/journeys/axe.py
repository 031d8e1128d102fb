"""axe-core in a page: what it finds against WCAG 2.2 A and AA."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, *, context: str = "document", rules: tuple[str, ...] = ()) -> list[str]:
    """One line for each rule broken (of all, or of those named); the page's context must have `bypass_csp`."""
    page.add_script_tag(path=AXE)
    run_only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    options = json.dumps({"runOnly": run_only, "resultTypes": ["violations"]})
    result: dict[str, Any] = page.evaluate(f"async () => await axe.run({context}, {options})")
    assert result["testEngine"]["name"] == "axe-core"
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']} — "
        + " | ".join(node["html"][:160] for node in rule["nodes"][:3])
        for rule in result["violations"]
    ]
