"""Who gets what from the common pages and from the frame of the programming interface."""

from __future__ import annotations

from tests.helpers.permissions import asked, sent

READ = (
    "home", "accessibility", "accessibility_plan", "legal", "site_map", "privacy", "privacy_register", "words",
    "map_words", "plain_language", "robots", "manifest",
)  # fmt: skip

ROWS = [
    *(row for name in READ for row in (*asked(f"web:{name}", everybody=200), *sent(f"web:{name}", nobody=405))),
    *asked("web:display", everybody=200),
    *sent("web:display", data={"theme": "dark", "contrast": "high", "text": "150", "retour": "/"}, everybody=302),
    *sent("web:display", data={"theme": "plaid"}, nobody=422),
    # The house's own addresses; /mesures/ answers 404 to other machines: see tests/house/test_health.py.
    *(row for name in ("alive", "ready", "metrics") for row in (*asked(name, everybody=200), *sent(name, nobody=405))),
    *asked("api:openapi-json", everybody=200),
    *asked("api:api-root", everybody=404),
    *asked("api:territories", query="?kind=commune", everybody=200),
    *asked("api:territories", nobody=422),
    *asked("api:one_territory", {"kind": "commune", "code": "00000"}, everybody=404),
]


def SAMPLES() -> dict[str, object]:  # noqa: N802 -- the name that the house test looks for
    """These pages need nothing."""
    return {}
