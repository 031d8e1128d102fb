"""Weights of many people on many margins: our raking beside `ipfn` and `weightipy`, sums of weights compared.

One JSON line per figure. `python benchmarks/weights.py [--people N] [--skip-ipfn]`

The peers live in an environment of their own, outside this one: `python3 -m venv DIR && DIR/bin/pip install ipfn weightipy`, then
MAILLAGE_PEERS_PYTHON=DIR/bin/python. They are run by this same file on the same people, one after the other.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

SIZES = (2, 7, 5, 4, 3, 6, 8)
TOLERANCE = 1e-6  # the largest relative gap between a sum of weights and its target; the same is asked of everybody


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("--peer", choices=["ipfn", "weightipy"], help="(used by this program on itself)")
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--skip-ipfn", action="store_true")
    chosen = arguments.parse_args()
    if chosen.peer:
        print(json.dumps(run_peer(chosen.peer, chosen.folder)))
        return
    codes, targets = people(chosen.people)
    facts = {"people": chosen.people, "margins": len(SIZES), "tolerance": TOLERANCE}
    weights, seconds = ours(codes, targets, facts, chosen.repeat)
    python = os.environ.get("MAILLAGE_PEERS_PYTHON")
    for peer in ["weightipy"] + ["ipfn"] * (not chosen.skip_ipfn):
        if not python:
            say("raking", who=peer, skipped="MAILLAGE_PEERS_PYTHON is not set")
            continue
        with tempfile.TemporaryDirectory() as folder:
            np.savez(Path(folder) / "people.npz", codes=codes, **{f"t{at}": one for at, one in enumerate(targets)})
            command = [python, __file__, "--peer", peer, "--folder", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                say("raking", who=peer, failed=done.stderr[-500:])
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            theirs = np.load(Path(folder) / "weights.npy")
        theirs *= weights.sum() / theirs.sum()  # one of them gives weights of mean 1
        apart = float(np.abs(theirs / weights - 1).max())
        say("raking", largest_relative_difference=apart, times=found["seconds"] / seconds, **found, **facts)


def people(count: int) -> tuple[np.ndarray, list[np.ndarray]]:  # type: ignore[type-arg]
    """People whose margins lean, each its own way, from those of the population."""
    rng = np.random.default_rng(1940)
    codes, targets = [], []
    for size in SIZES:
        share = rng.dirichlet(np.full(size, 8.0))
        wanted = share * rng.uniform(0.6, 1.6, size)
        codes.append(rng.choice(size, count, p=share))
        targets.append(wanted / wanted.sum() * count)
    for at in range(1, len(SIZES)):  # as in life, what people are hangs together
        same = rng.random(count) < 0.3
        codes[at][same] = codes[at - 1][same] % SIZES[at]
    return np.array(codes, np.int16), targets


def ours(codes, targets, facts, repeat) -> tuple[np.ndarray, float]:  # type: ignore[no-untyped-def, type-arg]
    from maillage.kernels.weights.margins import Margin
    from maillage.kernels.weights.raking import Stop, rake
    from maillage.kernels.weights.shares import effective_size

    margins = [Margin(str(at), code, target) for at, (code, target) in enumerate(zip(codes, targets, strict=True))]
    rake(margins, stop=Stop(TOLERANCE))  # compiled before it is timed
    times = []
    for _once in range(repeat):
        begun = time.perf_counter()
        raked = rake(margins, stop=Stop(TOLERANCE))
        times.append(time.perf_counter() - begun)
    seconds = float(np.median(times))
    begun = time.perf_counter()
    exact = rake(margins, stop=Stop(1e-12))
    say("raking", seconds=seconds, passes=raked.passes, gap=raked.gap, outcome=raked.outcome.value,
        seconds_to_1e_12=time.perf_counter() - begun, passes_to_1e_12=exact.passes,
        effective_size=effective_size(raked.weights), **facts)  # fmt: skip
    limited = rake(margins, limits=(0.2, 4.0), stop=Stop(TOLERANCE))
    begun = time.perf_counter()
    limited = rake(margins, limits=(0.2, 4.0), stop=Stop(TOLERANCE))
    say("raking within limits", seconds=time.perf_counter() - begun, passes=limited.passes, gap=limited.gap,
        outcome=limited.outcome.value, at_low=limited.at_low, at_high=limited.at_high, **facts)  # fmt: skip
    return exact.weights, seconds


def run_peer(peer: str, folder: Path) -> dict[str, object]:
    """In the peers' environment: rake once, time it without the making of the table, leave the weights in the folder."""
    import pandas as pd  # type: ignore[import-untyped, unused-ignore]  # theirs, not ours

    with np.load(folder / "people.npz") as kept:
        codes = kept["codes"]
        targets = [kept[f"t{at}"] for at in range(len(codes))]
    names = [f"m{at}" for at in range(len(codes))]
    table = pd.DataFrame({name: code.astype(np.int64) + 1 for name, code in zip(names, codes, strict=True)})
    total = float(targets[0].sum())
    if peer == "ipfn":
        from ipfn import ipfn  # type: ignore[import-not-found, unused-ignore]

        table["weight"] = 1.0
        aggregates = [
            pd.Series(one, index=pd.Index(range(1, len(one) + 1), name=name), name="weight")
            for name, one in zip(names, targets, strict=True)
        ]
        fit = ipfn.ipfn(
            table,
            aggregates,
            [[name] for name in names],
            weight_col="weight",
            convergence_rate=TOLERANCE,
            rate_tolerance=0,
        )
        begun = time.perf_counter()
        weights = fit.iteration()["weight"].to_numpy()
    else:
        import weightipy as wp  # type: ignore[import-not-found, unused-ignore]

        shares = {
            name: {at + 1: float(share) * 100 / total for at, share in enumerate(one)}
            for name, one in zip(names, targets, strict=True)
        }
        scheme = wp.scheme_from_dict(shares)
        begun = time.perf_counter()
        weights = wp.weight_dataframe(table, scheme, weight_column="weight")["weight"].to_numpy()
    seconds = time.perf_counter() - begun
    np.save(folder / "weights.npy", weights.astype(float))
    sums = [np.bincount(code, weights, len(one)) for code, one in zip(codes, targets, strict=True)]
    gap = max(float(np.abs(s / s.sum() * total / t - 1).max()) for s, t in zip(sums, targets, strict=True))
    return {"who": f"{peer} {version(peer)}", "seconds": seconds, "gap": gap}


def say(figure: str, *, who: str = "maillage", **facts: object) -> None:
    versions = {name: version(name) for name in ("numpy", "numba")} | {"python": platform.python_version()}
    load = {"load": os.getloadavg()[0]}
    short = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in facts.items()}
    print(json.dumps({"figure": figure, "who": who} | short | load | {"versions": versions}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
