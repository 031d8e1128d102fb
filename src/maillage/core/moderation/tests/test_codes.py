"""Codes: hard to misread, forgiven as typed."""

from __future__ import annotations

import math

import pytest

from maillage.core.moderation.codes import ALPHABET, LENGTH, code_as_shown, code_as_typed, new_code


def test_the_space_is_too_large_to_try() -> None:
    assert LENGTH * math.log2(len(set(ALPHABET))) >= 40
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)


def test_what_is_shown_is_understood() -> None:
    for _ in range(200):
        code = new_code()
        assert code_as_typed(code_as_shown(code)) == code
        assert code_as_typed(code_as_shown(code).lower().replace("-", " ")) == code


@pytest.mark.parametrize(
    "typed",
    [
        "018-52A-CDEF",
        "o1852acdef",
        "  OIB5Z-ACDE-F ",
        "0L8 S2a cdef",
        "０１８５２ＡＣＤＥＦ",
        "018.52A.CDÉF",
        "٠١٨-٥٢a-cdef",
    ],
)
def test_confusions_are_forgiven(typed: str) -> None:
    assert code_as_typed(typed) == "01852ACDEF"


@pytest.mark.parametrize("typed", ["", "018-52A-CDE", "018-52A-CDEFG", "'; DROP TABLE", "مرحبا", "0" * 5000])
def test_what_can_be_no_code(typed: str) -> None:
    assert code_as_typed(typed) == ""
