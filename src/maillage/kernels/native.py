"""The one way kernels are compiled: Numba, without the interpreter lock, kept on disk where the disk allows.

Import this only from modules named `*_loops`, and import those inside the functions that need them: Numba costs half a
second to import, and a management command that draws no tile should not pay for it.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def native(function: F) -> F:
    """Compile a function at its first call, releasing the interpreter lock so that other requests go on meanwhile."""
    try:
        compiled = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no writable place for Numba's cache: compile in each process rather than not start
        compiled = numba.njit(nogil=True)(function)
    return cast("F", compiled)
