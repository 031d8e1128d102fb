from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.matching.blocking import MOST_IN_GROUP, RADIUS_M, candidate_pairs, metres_between, positions
from maillage.kernels.matching.records import Record, features_of
from maillage.kernels.matching.tests.twin import metres, near_pairs

LETTERS = "abcdefghijklmnopqrstuvwxyz"
spots = st.tuples(st.floats(-0.006, 0.006), st.floats(-0.004, 0.004))
corners = st.sampled_from([(4.85, 45.75), (2.35, 48.86), (-1.68, 48.11), (55.45, -20.88), (-52.3, 4.9), (0.0, 0.0)])


def pairs_of(records: list[Record]) -> set[tuple[int, int]]:
    found = candidate_pairs(records, [features_of(one) for one in records])
    assert (found.left < found.right).all()
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    return set(pairs)


@settings(max_examples=60, deadline=None)
@given(corners, st.lists(spots, min_size=2, max_size=40))
def test_all_that_is_near_is_found(corner: tuple[float, float], offsets: list[tuple[float, float]]) -> None:
    lon, lat = corner
    records = [
        Record(str(i), "a", f"Lieu {LETTERS[i % 26]}{i}", lon=lon + x, lat=lat + y) for i, (x, y) in enumerate(offsets)
    ]
    found = pairs_of(records)
    # The plane and the sphere differ by less than half a percent at this size.
    assert near_pairs(records, RADIUS_M * 0.995) <= found <= near_pairs(records, RADIUS_M * 1.005)


@given(corners, spots, spots)
def test_metres_are_those_of_the_sphere(
    corner: tuple[float, float], a: tuple[float, float], b: tuple[float, float]
) -> None:
    one = Record("1", "a", "x", lon=corner[0] + a[0], lat=corner[1] + a[1])
    two = Record("2", "a", "x", lon=corner[0] + b[0], lat=corner[1] + b[1])
    lon, lat = positions([one, two])
    found = metres_between(lon[:1], lat[:1], lon[1:], lat[1:])[0]
    assert abs(found - metres(one, two)) <= 0.005 * metres(one, two) + 0.001


def test_shared_values_make_pairs() -> None:
    records = [
        Record("0", "a", "Alpha", phone="04 72 00 00 01"),
        Record("1", "b", "Beta", phone="+33472000001", siret="73282932000074"),
        Record("2", "b", "Gamma", siret="732 829 320 00074", email="accueil@exemple.fr"),
        Record("3", "c", "Delta", email="Accueil@exemple.fr"),
        Record("4", "c", "Bibliothèque Kateb Yacine", postcode="38000"),
        Record("5", "d", "Médiathèque KATEB", commune="Grenoble", postcode="38000"),
        Record("6", "d", "Epsilon", address="12 rue Pasteur", postcode="69001"),
        Record("7", "e", "Zeta", address="12, R. Louis Pasteur", postcode="69001"),
        Record("8", "e", "Eta", address="14, R. Louis Pasteur", postcode="69001"),
    ]
    assert pairs_of(records) == {(0, 1), (1, 2), (2, 3), (4, 5), (6, 7)}


def test_nothing_gives_nothing() -> None:
    assert pairs_of([]) == set()
    assert pairs_of([Record("0", "a", "", lon=200.0, lat=95.0)]) == set()


def test_a_crowd_at_one_point_stays_linear_and_finds_the_same_names() -> None:
    count = 3_000
    records = [Record(str(i), "a", f"Lieu numéro{i % (count // 2):05d}", lon=4.85, lat=45.75) for i in range(count)]
    found = candidate_pairs(records, [features_of(one) for one in records])
    assert len(found.left) < count * MOST_IN_GROUP
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert {(i, i + count // 2) for i in range(count // 2)} <= pairs


def test_a_telephone_of_everybody_stays_linear() -> None:
    records = [Record(str(i), "a", f"Lieu {i}", phone="0800000000") for i in range(2_000)]
    assert len(candidate_pairs(records, [features_of(one) for one in records]).left) < 2_000 * MOST_IN_GROUP


def test_the_order_of_records_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    records = [
        Record(
            str(i),
            "a",
            f"Lieu {i % 7}",
            postcode="69001",
            lon=4.85 + rng.normal() / 500,
            lat=45.75 + rng.normal() / 500,
        )
        for i in range(60)
    ]
    turned = [records[i] for i in rng.permutation(60)]
    named = {frozenset((records[a].key, records[b].key)) for a, b in pairs_of(records)}
    assert named == {frozenset((turned[a].key, turned[b].key)) for a, b in pairs_of(turned)}
