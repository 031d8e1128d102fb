"""Compiled loops of filters and facets, without branches on the data: no processor guesses which rows pass.

See facets.py.
"""

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.native import native
from maillage.kernels.tiles.index import Column

SEVERAL = 255


@native
def _next_failure(own: int) -> NDArray[np.uint8]:
    """Return the table (passes, failure before) -> failure after."""
    table = np.full((2, 256), SEVERAL, np.uint8)
    table[0, 0] = own
    for before in range(256):
        table[1, before] = before
    return table


@native
def fail_codes(column: Column, table: NDArray[np.uint8], failures: NDArray[np.uint8], own: int) -> None:
    """Mark the rows whose code has 0 in the table, or is beyond it: failure 0 becomes `own`, any other SEVERAL."""
    after = _next_failure(own)
    for i in range(column.size):
        code = np.int64(column[i])
        passes = table[code] if code < table.size else 0
        failures[i] = after[passes, failures[i]]


@native
def fail_bits(column: Column, word: np.uint64, failures: NDArray[np.uint8], own: int) -> None:
    """Mark the rows that share no bit with the word: failure 0 becomes `own`, any other SEVERAL."""
    after = _next_failure(own)
    for i in range(column.size):
        passes = np.int64((column[i] & word) != 0)
        failures[i] = after[passes, failures[i]]


@native
def code_counts(column: Column, size: int, failures: NDArray[np.uint8], own: int) -> NDArray[np.int64]:
    """Count the rows per code among those that nothing fails, or only the choice `own` (0 for none)."""
    counts = np.zeros(size, np.int64)
    for i in range(column.size):
        code = np.int64(column[i])
        if code >= size:
            raise ValueError("a code is not below the number of values of its column")
        counts[code] += (failures[i] == 0) | (failures[i] == own)
    return counts


@native
def bit_counts(column: Column, size: int, failures: NDArray[np.uint8], own: int) -> NDArray[np.int64]:
    """Count the rows per bit among those that nothing fails, or only the choice `own` (0 for none).

    Rows are counted per value of each byte, then bits per byte: one step for each eight bits, however many are set.
    """
    width = (size + 7) // 8
    seen = np.zeros((8, 256), np.int64)
    every = np.uint64(0)
    for i in range(column.size):
        word = np.uint64(column[i])
        every |= word
        counted = (failures[i] == 0) | (failures[i] == own)
        for b in range(width):
            seen[b, (word >> np.uint64(8 * b)) & np.uint64(255)] += counted
    if size < 64 and every >> np.uint64(size) != 0:
        raise ValueError("a bit is not below the number of values of its column")
    counts = np.zeros(size, np.int64)
    for value in range(256):
        for bit in range(size):
            if value >> (bit & 7) & 1:
                counts[bit] += seen[bit >> 3, value]
    return counts
