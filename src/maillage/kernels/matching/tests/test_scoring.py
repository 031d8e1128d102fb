from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from maillage.kernels.matching.records import Record
from maillage.kernels.matching.scoring import CRITERIA, PROPOSED, SURE, Comparison

MAIRIE = Record(
    "1", "a", "Mairie de Gap", "3 rue Colonel Roux", "05000", "Gap", lon=6.0790, lat=44.5590, phone="0492000000"
)


def compared(one: Record, other: Record, *rest: Record) -> tuple[float, dict[str, float]]:
    comparison = Comparison([one, other, *rest])
    scores = comparison.scores(np.array([0]), np.array([1]))
    told = {said.criterion: said.points for said in comparison.evidence(0, 1, scores, 0)}
    assert scores.totals[0] == np.clip(sum(told.values()), 0, 100)  # what is told is all there is
    return float(scores.totals[0]), told


def changed(record: Record, **values: object) -> Record:
    return Record(**{**record.__dict__, "key": "2", "source": "b", **values})  # type: ignore[arg-type]


def test_the_same_twice_is_sure() -> None:
    score, told = compared(MAIRIE, changed(MAIRIE, name="COMMUNE DE GAP"))
    assert score >= SURE
    assert told["name"] > 0 and told["distance"] > 0 and told["phone"] > 0 and told["address"] > 0


def test_the_library_of_the_same_building_is_not_the_town_hall() -> None:
    score, told = compared(MAIRIE, changed(MAIRIE, name="Médiathèque de Gap", phone="0492000001"))
    assert score < PROPOSED
    assert told["natures"] < 0


def test_the_same_name_in_two_towns_is_two_places() -> None:
    score, told = compared(MAIRIE, changed(MAIRIE, name="Mairie de Veynes", commune="Veynes", postcode="05400", lon=5.8,
                                           lat=44.53, address="Place de la République", phone="0492111111"))  # fmt: skip
    assert score < PROPOSED
    assert told["commune"] < 0 and told["distance"] < 0


def test_two_town_halls_of_one_postcode_and_one_telephone() -> None:
    here = Record("1", "a", "Mairie de Druillat", "20 place Dunant", "01160", "Druillat", phone="0400000001")
    score, told = compared(
        here, Record("2", "a", "Mairie de Certines", "3 rue Haute", "01160", "Certines", phone="0400000001")
    )
    assert told["commune"] < 0
    assert score < SURE


def test_other_names_at_one_address_with_one_telephone_are_proposed() -> None:
    score, _told = compared(changed(MAIRIE, name="Point info 14"), changed(MAIRIE, name="France services de Gap"))
    assert score >= PROPOSED


def test_a_carrier_s_siret_says_little() -> None:
    siret = "73282932000074"
    rest = [Record(str(i), "b", f"Antenne {i}", siret=siret) for i in range(3, 6)]
    alone = compared(changed(MAIRIE, siret=siret), changed(MAIRIE, siret=siret))[1]["siret"]
    carried = compared(changed(MAIRIE, siret=siret), changed(MAIRIE, siret=siret), *rest)[1]["siret"]
    assert 0 < carried < alone / 2


def test_what_is_unknown_says_nothing() -> None:
    score, told = compared(Record("1", "a", "Le Lieu"), Record("2", "b", "Autre chose entièrement"))
    assert set(told) == {"name"}
    assert score == 0


def test_numbers_in_names() -> None:
    assert compared(changed(MAIRIE, name="Collège 3"), changed(MAIRIE, name="Collège 5"))[1]["numbers"] < 0


@given(st.lists(st.builds(Record, st.just("k"), st.sampled_from("ab"), st.text(max_size=20), st.text(max_size=20),
                          st.sampled_from(["", "69001", "01000"]), st.sampled_from(["", "Lyon", "Bourg"]),
                          phone=st.sampled_from(["", "0472000001"]), lon=st.sampled_from([None, 4.85]),
                          lat=st.just(45.7)), min_size=2, max_size=6))  # fmt: skip
def test_scores_do_not_depend_on_the_side(records: list[Record]) -> None:
    records = [Record(**{**one.__dict__, "lat": None if one.lon is None else one.lat}) for one in records]
    comparison = Comparison(records)
    left, right = np.triu_indices(len(records), 1)
    one, other = comparison.scores(left, right), comparison.scores(right, left)
    assert np.allclose(one.totals, other.totals)
    assert one.points.shape == (len(left), len(CRITERIA))
    assert ((one.totals >= 0) & (one.totals <= 100)).all()
