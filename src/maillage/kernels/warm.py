"""Compiles, once for an installation, the loops that pages call: `python -m maillage.kernels.warm`, in a process of its own.

What Numba compiles it keeps on disk, and the compiler keeps in memory: some 90 MB for as long as the process lives. A
process that finds it on disk reads it within a second.
"""

from __future__ import annotations

import numpy as np

from maillage.kernels.tiles.warm import warm_up
from maillage.kernels.weights.margins import Margin
from maillage.kernels.weights.raking import rake


def compile_all() -> None:
    """Calls each loop on a small thing of each kind."""
    warm_up()
    margins = [
        Margin("a", np.array([0, 0, 1, 1]), np.array([3.0, 5.0])),
        Margin("b", np.array([0, 1, 0, 1]), np.array([4.0, 4.0])),
    ]
    for limits in (None, (0.2, 5.0)):
        rake(margins, limits=limits)


if __name__ == "__main__":
    compile_all()
