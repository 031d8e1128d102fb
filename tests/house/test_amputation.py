"""The house stands without any one room: check, migrations, and the pages of the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
@pytest.mark.parametrize("room", settings.ROOMS)
def test_the_house_stands_without(room: str) -> None:
    environment = os.environ | {"MAILLAGE_DATABASE_NAME": connection.settings_dict["NAME"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-m", "tests.helpers.amputated", room]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]


def test_an_unknown_room_is_noticed() -> None:
    command = [sys.executable, "-m", "tests.helpers.amputated", "maillage.rooms.nowhere"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert "is not among ROOMS" in done.stderr
