"""The browser of the journeys: the system's Chromium, or the one of the npm package @sparticuz/chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--font-render-hinting=none",
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",  # WebGL without a graphics card
]  # fmt: skip


def executable() -> str | None:
    """Where a Chromium is: MAILLAGE_CHROMIUM, the system's, or the npm package's once unpacked; None without any."""
    if given := os.environ.get("MAILLAGE_CHROMIUM"):
        return given
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return _packaged()


def _packaged() -> str | None:
    if not (ROOT / "node_modules" / "@sparticuz" / "chromium").is_dir() or not shutil.which("node"):
        return None
    script = 'import chromium from "@sparticuz/chromium"; console.log(await chromium.executablePath());'
    command = ["node", "--input-type=module", "--eval", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    path = done.stdout.strip().splitlines()[-1:] or [""]
    return path[0] if done.returncode == 0 and Path(path[0]).exists() else None
