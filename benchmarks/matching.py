"""How long it takes to find the duplicates of a directory: blocking and scoring, beside comparing all with all.

One JSON line per figure. `python benchmarks/matching.py [--records N]`

The records are made up: French-looking names and streets, one record in five written again as another source would
(abbreviations, capitals, moved by some metres). Recall here is that of these easy copies, not of real files: for those see
kernels/matching/README.md. Peer: RapidFuzz `cdist` of every name with every other, on the first 5,000 records.
"""

import argparse
import json
import os
import platform
import random
import resource
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from maillage.kernels.matching.blocking import candidate_pairs
from maillage.kernels.matching.records import Record
from maillage.kernels.matching.scoring import PROPOSED, SURE, Comparison

KINDS = ["Mairie de", "Centre communal d'action sociale de", "Médiathèque", "Maison des jeunes et de la culture",
         "Centre social", "Espace public numérique", "Mission locale", "France services", "Association"]  # fmt: skip
SHORT = {"Centre communal d'action sociale de": "CCAS", "Maison des jeunes et de la culture": "MJC",
         "Espace public numérique": "EPN", "Mairie de": "COMMUNE DE"}  # fmt: skip
SYLLABLES = ["ba", "ron", "vil", "mar", "tin", "lou", "per", "sal", "dou", "gri", "fon", "cha", "nay", "bel", "rey"]
PEER = 5_000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=20_000)
    count = arguments.parse_args().records
    on_real_pairs()
    records, copies = made_up(count, random.Random(7))
    begun = time.perf_counter()
    comparison = Comparison(records)
    read = time.perf_counter()
    pairs = candidate_pairs(records, comparison.features)
    blocked = time.perf_counter()
    scores = comparison.scores(pairs.left, pairs.right)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000  # of the whole process, records included
    found = set(
        zip(
            pairs.left[scores.totals >= PROPOSED].tolist(), pairs.right[scores.totals >= PROPOSED].tolist(), strict=True
        )
    )
    say(
        "matching",
        records=len(records),
        pairs=len(pairs.left),
        seconds=done - begun,
        features=read - begun,
        blocking=blocked - read,
        scoring=done - blocked,
        peak_mb=peak,
        copies_found=len(found & copies) / len(copies),
    )
    names = [one.name for one in comparison.features[:PEER]]
    begun = time.perf_counter()
    process.cdist(names, names, scorer=fuzz.token_set_ratio, dtype=np.uint8, workers=1)
    taken = time.perf_counter() - begun
    say("matching", who=f"RapidFuzz {version('rapidfuzz')} cdist, all with all, names only", records=len(names),
        seconds=taken, seconds_for_all_if_square=taken * (len(records) / len(names)) ** 2)  # fmt: skip


def on_real_pairs() -> None:
    """Precision and recall on the 300 labelled pairs, where the real directories lie under MAILLAGE_DATA."""
    folder = Path(os.environ.get("MAILLAGE_DATA", "../shared/data")) / "places"
    if not folder.is_dir():
        say("labelled pairs", skipped=f"no directories at {folder}")
        return
    from maillage.kernels.matching.tests.test_pairs import labelled

    found = labelled(folder)
    for threshold in (40, PROPOSED, 60, SURE):
        for name, options in (("all 300", {}), ("held-out 150", {"half": 1}), ("sure labels", {"only_sure": True})):
            one = found.at(threshold, **options)  # type: ignore[arg-type]
            say("labelled pairs", which=name, score=threshold, precision=float(one.precision), recall=float(one.recall))
    say("labelled pairs", which="brought together at all", recall=found.blocking_recall())


def made_up(count: int, rng: random.Random) -> tuple[list[Record], set[tuple[int, int]]]:
    """Records of two sources; `copies` are the numbers of those that are one place."""
    towns = [(word(rng, 3), f"{rng.randint(1, 95):02d}{rng.randint(0, 99) * 10:03d}", rng.uniform(-1, 7), rng.uniform(43, 50))
             for _ in range(count // 8)]  # fmt: skip
    records: list[Record] = []
    copies: set[tuple[int, int]] = set()
    while len(records) < count:
        town, postcode, lon, lat = rng.choice(towns)
        kind, lon, lat = rng.choice(KINDS), lon + rng.gauss(0, 0.01), lat + rng.gauss(0, 0.01)
        own = town if kind.endswith("de") else word(rng, 2)
        number, street = rng.randint(1, 120), word(rng, 3)
        phone = f"0{rng.randint(1, 5)}{rng.randint(0, 99_999_999):08d}"
        records.append(Record(str(len(records)), "one", f"{kind} {own}", f"{number} avenue {street}", postcode, town,
                              lon=lon, lat=lat, phone=phone))  # fmt: skip
        if rng.random() < 0.2:
            copies.add((len(records) - 1, len(records)))
            name, street = f"{SHORT.get(kind, kind)} {own}".upper(), f"{number} AV {street.upper()}"
            lon, lat, phone = (
                lon + rng.gauss(0, 0.0004),
                lat + rng.gauss(0, 0.0004),
                phone if rng.random() < 0.5 else "",
            )
            records.append(
                Record(str(len(records)), "two", name, street, postcode, town.upper(), lon=lon, lat=lat, phone=phone)
            )
    return records, {pair for pair in copies if pair[1] < len(records)}


def word(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(length)).capitalize()


def say(figure: str, *, who: str = "maillage", **facts: object) -> None:
    versions = {"numpy": version("numpy"), "rapidfuzz": version("rapidfuzz"), "python": platform.python_version()}
    short = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in facts.items()}
    print(json.dumps({"figure": figure, "who": who, **short, "versions": versions}))


if __name__ == "__main__":
    main()
