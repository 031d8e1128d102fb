"""Who may do what in the observatory: anyone reads; those who moderate somewhere, or run the site, load and change."""

from __future__ import annotations

from maillage.core.people.queries import HELPING, MODERATING, Viewer, holds_somewhere


def may_load_indicators(viewer: Viewer) -> bool:
    """Whether the viewer may load indicator files, edit the dictionary and the rules of classification."""
    return holds_somewhere(viewer, MODERATING)


def may_moderate_maps(viewer: Viewer) -> bool:
    """Whether the viewer may list, hide and show again the maps that people compose."""
    return holds_somewhere(viewer, MODERATING)


def may_enter_for_others(viewer: Viewer) -> bool:
    """Whether the viewer may type what came on paper: helpers and moderators, anywhere."""
    return holds_somewhere(viewer, HELPING)
