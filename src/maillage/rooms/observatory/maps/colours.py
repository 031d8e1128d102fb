"""Colours of classes: ramps whose lightness only falls, so that they hold for colour-blind eyes and on a grey printer.

Steps are equal in CIE lightness. tests/test_maps_colours.py simulates three kinds of colour blindness and measures the
difference (CIEDE2000) between neighbouring classes, for each ramp and each number of classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

LEAST_CLASSES, MOST_CLASSES = 2, 7
_LIGHTEST, _DARKEST = 91.0, 22.0
_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)

Lab = NDArray[np.float64]


@dataclass(frozen=True)
class Ramp:
    """A ramp by its code in addresses and the colours that it passes through, from light to dark."""

    code: str
    through: Sequence[str]


RAMPS = {
    one.code: one
    for one in (
        Ramp("bleus", ("#EAF2FB", "#1F5C99", "#0A1F3A")),
        Ramp("terres", ("#FDEBD6", "#C2632F", "#3F150A")),
        Ramp("verts", ("#E6F3E9", "#3F8060", "#0A2418")),
        Ramp("violets", ("#F4EAF7", "#8A5499", "#2A0E33")),
        Ramp("lagune", ("#F7F1BE", "#3E9C92", "#17234F")),
        Ramp("gris", ("#F0F0F0", "#777777", "#141414")),
    )
}
DEFAULT_RAMP = "bleus"


def lab_of(colour: str) -> Lab:
    """CIE L*a*b* (D65) of "#RRGGBB"."""
    rgb = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    scaled = _TO_XYZ @ linear / _WHITE
    f = np.where(scaled > (6 / 29) ** 3, np.cbrt(scaled), scaled / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def colour_of(lab: Lab) -> str:
    """ "#RRGGBB" nearest to a CIE L*a*b* colour; what a screen cannot show is brought to its edge."""
    fy = (lab[0] + 16) / 116
    f = np.array([fy + lab[1] / 500, fy, fy - lab[2] / 200])
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _WHITE
    linear = np.clip(np.linalg.solve(_TO_XYZ, xyz), 0, 1)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(one) * 255):02X}" for one in rgb)


@cache
def colours(code: str, count: int) -> tuple[str, ...]:
    """The colours of some classes, from the lowest (light) to the highest (dark); one class alone is of the middle."""
    through = np.array([lab_of(one) for one in RAMPS[code].through])
    if count == 1:
        steps: Sequence[float] = [(_LIGHTEST + _DARKEST) / 2]
    else:
        steps = [float(one) for one in np.linspace(_LIGHTEST, _DARKEST, count)]
    return tuple(colour_of(_at_lightness(through, lightness)) for lightness in steps)


def _at_lightness(through: Lab, lightness: float) -> Lab:
    """The colour of the path that has this lightness; lightness falls along the path."""
    known = through[::-1, 0]
    a, b = (float(np.interp(lightness, known, through[::-1, column])) for column in (1, 2))
    return np.array([lightness, a, b])


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on this colour."""
    return "#000000" if lab_of(colour)[0] > 55 else "#FFFFFF"
