"""When the clock itself is wrong: it was ahead, was put right, and rows bear dates that have not come yet.

What is counted or holds "for so many minutes" is bounded on both sides, or it would hold for as long as the clock had
been ahead: see benchmarks/stress_clock.py, which makes it jump.
"""

from __future__ import annotations

from datetime import timedelta

# Clocks of two machines differ by less. What is dated later than this from now was dated by a clock that was wrong.
SLACK = timedelta(minutes=5)
