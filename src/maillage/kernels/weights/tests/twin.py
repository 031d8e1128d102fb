"""Raking as one would do it by hand: dictionaries, one category after the other, for ever."""

from __future__ import annotations


def slow_rake(codes: list[list[int]], targets: list[list[float]], base: list[float], passes: int = 3000) -> list[float]:
    weights = list(base)
    for _pass in range(passes):
        for code, target in zip(codes, targets, strict=True):
            for category, wanted in enumerate(target):
                members = [i for i, one in enumerate(code) if one == category]
                found = sum(weights[i] for i in members)
                for i in members:
                    weights[i] *= wanted / found
    return weights
