"""Work of the atlas done by the worker; procrastinate looks for this module only, the work is in those it names."""

from maillage.rooms.atlas import duplicates_tasks, freshness_tasks, importing_tasks

__all__ = ["duplicates_tasks", "freshness_tasks", "importing_tasks"]
