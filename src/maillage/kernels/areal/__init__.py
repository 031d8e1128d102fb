"""Figures of cells brought to other polygons: counts, rates, means; never medians unless asked. See README.md."""
