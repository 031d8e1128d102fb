"""Tiles: quadkeys, the columnar point index, clusters, facets and Mapbox Vector Tiles. See README.md."""
