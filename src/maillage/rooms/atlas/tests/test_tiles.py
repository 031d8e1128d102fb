"""The map's tiles, read by an independent reader."""

from __future__ import annotations

import mapbox_vector_tile
import pytest
from django.http import QueryDict

from maillage.kernels.tiles.quadkey import quadkey_of, tile_of
from maillage.rooms.atlas.filters import Filters, filters_from
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.makers import at, make_entry
from maillage.rooms.atlas.tiles import entries_tile

pytestmark = pytest.mark.django_db


def features(filters: Filters, z: int, x: int, y: int) -> list[dict[str, dict[str, object]]]:
    decoded = mapbox_vector_tile.decode(entries_tile(filters, z, x, y))
    return list(decoded.get("clusters", {"features": []})["features"])


def total(filters: Filters, z: int) -> int:
    """Points told by all tiles of a zoom."""
    count = 0
    for x in range(2**z):
        for y in range(2**z):
            count += sum(int(str(one["properties"].get("count", 1))) for one in features(filters, z, x, y))
    return count


@pytest.mark.parametrize("z", [0, 1, 2, 3])
def test_the_tiles_of_a_zoom_count_every_place_once(z: int) -> None:
    for number in range(40):
        make_entry(f"Entrée {number}", themes=["rights"] if number % 4 else ["culture"],
                   places=(at(4.8 + number / 90, 45.7 - number), at(-60 + number, 14.6)))  # fmt: skip
    assert total(Filters(), z) == 80
    assert total(filters_from(QueryDict("theme=culture")), z) == 20


def test_a_lone_point_says_what_it_is_and_where() -> None:
    entry = make_entry("Seule", themes=["mobility"], status="active", places=(at(4.8321, 45.7578),))
    x, y = tile_of(quadkey_of(4.8321, 45.7578), 14)
    (one,) = features(Filters(), 14, x, y)
    assert one["properties"] | {"splits_at": 0} == {
        "id": entry.pk, "name": "Seule", "theme": "mobility", "status": "active", "precision": "address", "splits_at": 0,
    }  # fmt: skip
    assert one["id"] == entry.pk
    assert features(Filters(), 14, x + 1, y) == []


def test_a_hidden_entry_leaves_the_tile_at_once() -> None:
    entry = make_entry("Ici", places=(at(4.8, 45.7),))
    assert total(Filters(), 0) == 1
    Entry.objects.filter(pk=entry.pk).update(is_published=False)
    assert total(Filters(), 0) == 0
