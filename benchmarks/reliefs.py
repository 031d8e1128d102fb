"""All relief matrices over many entries: our crosstab beside a plain loop and pandas, counts compared.

One JSON line per figure. `python benchmarks/reliefs.py [--things N] [--communes N] [--pandas PYTHON]`

Peers: a loop over Python sets, and `pandas.merge` + `pandas.crosstab` when --pandas names a Python that has pandas (no
dependency of ours: make it a virtual environment of its own). Each peer counts the same pairs of columns, from the same arrays.
`seconds` are of the clock; `processor` are those that the process had, which a busy machine does not stretch.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.house.settings")
PANDAS = """
import json, sys, time
import numpy as np, pandas as pd
arrays = np.load(sys.argv[1])
names = [str(name) for name in arrays["names"]]
frames = {n: pd.DataFrame({"thing": arrays[n + ".owners"], "value": arrays[n + ".codes"]}) for n in names}
began, used, sums = time.perf_counter(), time.process_time(), {}
for pair in arrays["pairs"]:
    one, other = (names[number] for number in pair)
    both = frames[one].merge(frames[other], on="thing")
    table = pd.crosstab(both["value_x"], both["value_y"])
    sums[f"{one}/{other}"] = [int(table.to_numpy().sum()), int((table.to_numpy() ** 2).sum())]
print(json.dumps({"seconds": [time.perf_counter() - began, time.process_time() - used], "version": pd.__version__, "sums": sums}))
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--things", type=int, default=100_000)
    arguments.add_argument("--communes", type=int, default=2_000)
    arguments.add_argument("--pandas", default="", help="a Python that has pandas")
    chosen = arguments.parse_args()
    import django

    django.setup()
    from maillage.core.observed import ObservedThing
    from maillage.kernels.crosstab import crosstab
    from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS
    from maillage.rooms.observatory.reliefs.matrix import Known, Question, relief
    from maillage.rooms.observatory.reliefs.rules import groups_of, rules_with
    from maillage.rooms.observatory.reliefs.snapshot import snapshot_of

    things = list(made_up(ObservedThing, chosen.things, chosen.communes))
    facts = {
        "things": chosen.things,
        "communes": chosen.communes,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    started = clock()
    snapshot = snapshot_of(things)
    tell("encode the things as columns", since(started), facts)
    groups = groups_of(rules_with([]))
    names = [code for code in DIMENSIONS if code not in {"qpv", "departement", "arrondissement", "region"}]
    columns = {name: snapshot.column(name, groups) for name in names}
    pairs = list(combinations(range(len(names)), 2))
    facts |= {"matrices": len(pairs), "pairs_of_values": int(sum(len(column.codes) for column in columns.values()))}

    started, sums = clock(), {}
    for one, other in pairs:
        table = crosstab(columns[names[one]], columns[names[other]])
        sums[f"{names[one]}/{names[other]}"] = [int(table.sum()), int((table**2).sum())]
    ours = since(started)
    tell("count all matrices (kernel)", ours, facts)

    started = clock()
    for one, other in pairs:
        relief(snapshot, Question(names[one], names[other]), Known(groups))
    tell("all matrices with totals, states and what is not stated", since(started), facts)

    started = clock()
    mine = looped(columns, names, pairs)
    tell("peer: loop over sets", since(started), facts, ours, is_same=mine == sums)
    if chosen.pandas:
        with_pandas(chosen.pandas, columns, names, pairs, facts, ours, sums)


def made_up(kind: type, count: int, communes: int) -> Iterator[object]:
    """Things whose numbers of values are those of an atlas: mostly one or two, often none."""
    from maillage.rooms.observatory.reliefs.dimensions import FACETS, known_values

    rng = np.random.default_rng(5)
    facets = {code: known_values(code) for code in FACETS}
    sizes = {code: rng.choice([0, 1, 1, 2, 3], count) for code in facets}
    picks = {code: rng.integers(0, len(values), (count, 3)) for code, values in facets.items()}
    places = rng.integers(0, communes, count)
    for number in range(count):
        found = {
            code: tuple(facets[code][pick] for pick in picks[code][number, : sizes[code][number]]) for code in facets
        }
        yield kind(
            room="essai", id=number, name="Chose", url="/", source=f"s{number % 5}",
            facets={code: values for code, values in found.items() if values},
            territories=(f"commune:{places[number]}", "region:84"),
        )  # fmt: skip


def looped(columns: dict, names: list[str], pairs: list[tuple[int, int]]) -> dict:  # type: ignore[type-arg]
    """The obvious way: for each thing, each value of one side with each of the other."""
    cells = {name: [[] for _ in range(columns[name].size)] for name in names}
    for name in names:
        for owner, code in zip(columns[name].owners.tolist(), columns[name].codes.tolist(), strict=True):
            cells[name][owner].append(code)
    sums = {}
    for one, other in pairs:
        counts: dict[tuple[int, int], int] = {}
        for left, right in zip(cells[names[one]], cells[names[other]], strict=True):
            for a in left:
                for b in right:
                    counts[a, b] = counts.get((a, b), 0) + 1
        sums[f"{names[one]}/{names[other]}"] = [sum(counts.values()), sum(count**2 for count in counts.values())]
    return sums


def with_pandas(python, columns, names, pairs, facts, ours, sums) -> None:  # type: ignore[no-untyped-def]
    """The same pairs by pandas, in its own process; only the counting is timed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "columns.npz"
        arrays = {f"{name}.owners": columns[name].owners for name in names}
        arrays |= {f"{name}.codes": columns[name].codes for name in names}
        np.savez(path, names=np.array(names), pairs=np.array(pairs), **arrays)
        done = subprocess.run([python, "-c", PANDAS, str(path)], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    facts = facts | {"pandas": told["version"]}
    tell("peer: pandas merge and crosstab", tuple(told["seconds"]), facts, ours, is_same=told["sums"] == sums)


def clock() -> tuple[float, float]:
    """The time of the clock and of the processor."""
    return time.perf_counter(), time.process_time()


def since(started: tuple[float, float]) -> tuple[float, float]:
    """Seconds of the clock and of the processor since then."""
    return time.perf_counter() - started[0], time.process_time() - started[1]


def tell(question, seconds, facts, ours=None, *, is_same=None) -> None:  # type: ignore[no-untyped-def]
    line = {"question": question, "seconds": round(seconds[0], 3), "processor": round(seconds[1], 3), **facts}
    if ours:
        line |= {"times_ours": round(seconds[1] / ours[1], 1), "same_counts": is_same}
    print(json.dumps(line | {"load": round(os.getloadavg()[0], 1)}), flush=True)


if __name__ == "__main__":
    main()
