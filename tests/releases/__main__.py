"""python -m tests.releases: cuts the image of the release that pyproject.toml names (see "Releases" in docs/map.md)."""

from __future__ import annotations

from tests.releases.images import cut

if __name__ == "__main__":
    print(f"Cut: {cut()}")
