"""Who gets what from the addresses of core/people."""

from __future__ import annotations

from tests.helpers.permissions import asked, sent

OWN = ("account", "own_data")

ROWS = [
    *asked("people:sign_in", everybody=200),
    *sent("people:sign_in", everybody=422),
    *asked("people:sign_in_code", {"secret": "unknown"}, everybody=200),
    *sent("people:sign_in_code", {"secret": "unknown"}, everybody=422),
    *asked("people:sign_in_link", {"link": "unknown"}, everybody=200),
    *sent("people:sign_in_link", {"link": "unknown"}, everybody=422),
    # Without a first step passed just now, back to the beginning.
    *asked("people:second_step", everybody=302),
    *sent("people:second_step", data={"code": "000000"}, everybody=302),
    *asked("people:sign_out", everybody=405),
    *sent("people:sign_out", everybody=302),
    *asked("people:signed_out", everybody=200),
    *sent("people:signed_out", nobody=405),
    *(
        row
        for name in OWN
        for row in (
            *asked(f"people:{name}", everybody=200, nobody=302),
            *sent(f"people:{name}", everybody=405, nobody=302),
        )
    ),
    *asked("people:device_close", {"device_id": 0}, everybody=405, nobody=302),
    *sent("people:device_close", {"device_id": 0}, everybody=404, nobody=302),
    *asked("people:devices_close", everybody=405, nobody=302),
    *sent("people:devices_close", everybody=302),
    *asked("people:second_factor", everybody=302),
    *sent("people:second_factor", data={"begin": "1"}, everybody=302),
    *asked("people:second_factor_remove", everybody=405, nobody=302),
    *sent("people:second_factor_remove", everybody=302),
    *asked("people:recovery_codes", everybody=405, nobody=302),
    *sent("people:recovery_codes", everybody=302),
]


def SAMPLES() -> dict[str, object]:  # noqa: N802 -- the name that the house test looks for
    """These pages need nothing but the person."""
    return {}
