"""What the matching is worth, on 300 pairs of the real directories that a person labelled; see README.md."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from maillage.kernels.matching.blocking import candidate_pairs
from maillage.kernels.matching.scoring import PROPOSED, SURE, Comparison
from maillage.kernels.matching.tests.real_files import COLUMNS, all_records

PAIRS = Path(__file__).parent / "pairs.csv"
# How many pairs each stratum was drawn from when the sample was made: what one pair of it stands for.
POPULATION = {
    "band0": 17470, "band10": 2280, "band20": 1463, "band30": 1250, "band40": 826, "band50": 932, "band60": 567,
    "band70": 522, "band80": 877, "band90": 4966, "miss-hi": 1032, "miss-lo": 118178,
}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    precision: float
    recall: float


@dataclass(frozen=True)
class Labelled:
    """Pairs with their score (0 where blocking did not bring them together), label and weight."""

    scores: np.ndarray
    blocked: np.ndarray
    same: np.ndarray
    sure: np.ndarray
    weight: np.ndarray

    def at(
        self, threshold: float, *, only_sure: bool = False, weighted: bool = False, half: int | None = None
    ) -> Measure:
        weight = self.weight if weighted else np.ones(len(self.same))
        kept = self.sure if only_sure else np.ones(len(self.same), bool)
        kept = kept if half is None else kept & (np.arange(len(self.same)) % 2 == half)
        said = self.blocked & (self.scores >= threshold)
        right = weight[kept & said & self.same].sum()
        return Measure(right / weight[kept & said].sum(), right / weight[kept & self.same].sum())

    def blocking_recall(self, *, weighted: bool = False) -> float:
        weight = self.weight if weighted else np.ones(len(self.same))
        return float(weight[self.same & self.blocked].sum() / weight[self.same].sum())


def rows() -> list[dict[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def read_labelled() -> Callable[[Path], Labelled]:
    kept: dict[Path, Labelled] = {}

    def read(folder: Path) -> Labelled:
        if folder not in kept:
            kept[folder] = labelled(folder)
        return kept[folder]

    return read


def labelled(folder: Path) -> Labelled:
    records = all_records(folder)
    rank = {record.key: position for position, record in enumerate(records)}
    pairs = rows()
    left, right = (
        np.array([rank[f"{row[f'{side}_file']}#{row[f'{side}_row']}"] for row in pairs]) for side in ("left", "right")
    )
    comparison = Comparison(records)
    candidates = candidate_pairs(records, comparison.features)
    known = set(zip(candidates.left.tolist(), candidates.right.tolist(), strict=True))
    blocked = [(min(a, b), max(a, b)) in known for a, b in zip(left.tolist(), right.tolist(), strict=True)]
    drawn = Counter(row["stratum"] for row in pairs)
    return Labelled(
        comparison.scores(left, right).totals,
        np.array(blocked),
        np.array([row["label"] == "same" for row in pairs]),
        np.array([row["sure"] == "yes" for row in pairs]),
        np.array([POPULATION[row["stratum"]] / drawn[row["stratum"]] for row in pairs]),
    )


def test_the_file_of_pairs_is_whole_and_holds_nothing_of_the_files() -> None:
    pairs = rows()
    assert len(pairs) == 300
    assert len({(row["left_file"], row["left_row"], row["right_file"], row["right_row"]) for row in pairs}) == 300
    assert {row["label"] for row in pairs} == {"same", "different"}
    assert {row["left_file"] for row in pairs} | {row["right_file"] for row in pairs} <= set(COLUMNS)
    assert all(row["reason"] and row["stratum"] in POPULATION for row in pairs)
    assert not any("@" in row["reason"] or any(sign.isdigit() for sign in row["reason"]) for row in pairs)


@pytest.mark.real_data
def test_precision_and_recall_are_what_the_readme_says(
    real_data: Path, read_labelled: Callable[[Path], Labelled]
) -> None:
    found = read_labelled(real_data / "places")
    proposed, certain = found.at(PROPOSED), found.at(PROPOSED, only_sure=True)
    assert proposed.precision >= 0.935 and proposed.recall >= 0.835
    assert certain.precision >= 0.965 and certain.recall >= 0.94
    weighted = found.at(PROPOSED, weighted=True)
    assert weighted.precision >= 0.97 and weighted.recall >= 0.88
    held = found.at(PROPOSED, half=1)
    assert held.precision >= 0.93 and held.recall >= 0.82


@pytest.mark.real_data
def test_no_labelled_pair_is_wrong_above_the_sure_score(
    real_data: Path, read_labelled: Callable[[Path], Labelled]
) -> None:
    assert read_labelled(real_data / "places").at(SURE).precision == 1.0


@pytest.mark.real_data
def test_blocking_misses_few(real_data: Path, read_labelled: Callable[[Path], Labelled]) -> None:
    found = read_labelled(real_data / "places")
    assert found.blocking_recall() >= 0.975
    assert found.blocking_recall(weighted=True) >= 0.98


@pytest.mark.real_data
def test_the_measure_can_fail(real_data: Path, read_labelled: Callable[[Path], Labelled]) -> None:
    """With the labels turned round, the figures fall."""
    found = read_labelled(real_data / "places")
    turned = Labelled(found.scores, found.blocked, ~found.same, found.sure, found.weight)
    assert turned.at(PROPOSED).precision < 0.1
