"""Exact counts of things by pairs of values, where a thing may have several values or none."""

from maillage.kernels.crosstab.columns import Column, encoded, holders, regrouped, restricted
from maillage.kernels.crosstab.counts import crosstab, tally

__all__ = ["Column", "crosstab", "encoded", "holders", "regrouped", "restricted", "tally"]
