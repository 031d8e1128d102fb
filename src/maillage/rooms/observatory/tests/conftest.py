"""Each test of the observatory begins without the snapshot that the one before it left in the process."""

from __future__ import annotations

import pytest

from maillage.rooms.observatory import queries_reliefs


@pytest.fixture(autouse=True)
def _no_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_reliefs.KEPT, "last", None)
