"""Joins: which points lie in which polygons, by the million. See README.md."""
