"""Settings of the server process of the journeys: those of production, with files in a folder that is thrown away."""

from __future__ import annotations

import os
from pathlib import Path

from maillage.house.settings import *  # noqa: F403

_FOLDER = Path(os.environ["MAILLAGE_JOURNEYS_FOLDER"])
OUTBOX = _FOLDER / "outbox"
MEDIA_ROOT = _FOLDER / "files"
