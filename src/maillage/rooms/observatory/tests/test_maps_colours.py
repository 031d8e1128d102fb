"""Ramps hold for colour-blind eyes and on a grey printer: computed, for each ramp and each number of classes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from maillage.rooms.observatory.maps.colours import (
    LEAST_CLASSES,
    MOST_CLASSES,
    RAMPS,
    colour_of,
    colours,
    ink_on,
    lab_of,
)
from maillage.rooms.observatory.tests.vision import DEFICIENCIES, ciede2000, difference, seen

# Two neighbouring patches are told apart with ease from about 5; a reader who compares a map and its legend needs more.
LEAST_DIFFERENCE = 7.0
COUNTS = range(LEAST_CLASSES, MOST_CLASSES + 1)


@pytest.mark.parametrize(
    "one, other, told",
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)  # fmt: skip
def test_the_measure_is_that_of_its_authors(one: tuple[float, ...], other: tuple[float, ...], told: float) -> None:
    assert ciede2000(one, other) == pytest.approx(told, abs=5e-5)


def test_red_and_green_are_confused_by_those_who_confuse_them() -> None:
    """The simulation would be worthless if it left the well-known pair apart."""
    assert difference("#D7301F", "#5B7F2B") > 40
    assert difference(seen("#C0392B", "deuteranopia"), seen("#7A7A1E", "deuteranopia")) < 15


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("ramp", RAMPS)
def test_neighbouring_classes_are_told_apart_by_all_eyes(ramp: str, deficiency: str) -> None:
    for count in COUNTS:
        shown = [seen(one, deficiency) for one in colours(ramp, count)]
        assert min(difference(one, other) for one, other in pairwise(shown)) >= LEAST_DIFFERENCE, (count, shown)


@pytest.mark.parametrize("ramp", RAMPS)
def test_lightness_only_falls_by_equal_steps(ramp: str) -> None:
    for count in COUNTS:
        lightness = [float(lab_of(one)[0]) for one in colours(ramp, count)]
        steps = [one - other for one, other in pairwise(lightness)]
        assert min(steps) > 9 and max(steps) - min(steps) < 3.5


def test_a_rainbow_would_not_pass() -> None:
    rainbow = ["#FF0000", "#FFFF00", "#00FF00", "#00FFFF", "#0000FF"]
    lightness = [float(lab_of(one)[0]) for one in rainbow]
    assert lightness != sorted(lightness, reverse=True)


@pytest.mark.parametrize("colour", ["#000000", "#FFFFFF", "#1F5C99", "#C2632F"])
def test_there_and_back(colour: str) -> None:
    assert colour_of(lab_of(colour)) == colour


def test_ink_is_read_on_every_class() -> None:
    for ramp in RAMPS:
        for one in colours(ramp, MOST_CLASSES):
            ink, ground = (_luminance(each) for each in (ink_on(one), one))
            assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) >= 4.5, (ramp, one)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
