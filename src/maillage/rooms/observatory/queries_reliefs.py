"""Reads of the reliefs: the things described as columns, the searches, the rules, and what they make together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maillage.core.errors import Missing
from maillage.core.intake.models import Source
from maillage.core.observed import observed_things
from maillage.core.places.models import Territory
from maillage.core.places.queries import territory_names
from maillage.core.readmodel.live import Live
from maillage.core.rooms import resolve, rooms
from maillage.rooms.observatory.models_reliefs import Coverage, CoverageState, ReliefRule, ReliefRuleChange
from maillage.rooms.observatory.reliefs.coverage import Ground, Search, Sought
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS
from maillage.rooms.observatory.reliefs.matrix import Known, Matrix, Question, relief
from maillage.rooms.observatory.reliefs.rules import Rule, groups_of, rules_with
from maillage.rooms.observatory.reliefs.snapshot import Snapshot, Thing, snapshot_of


@dataclass
class _Kept:
    """The last snapshot of this process with the marks of the read models it was made from: one value, set at once."""

    last: tuple[tuple[str, ...], Snapshot] | None = None


KEPT = _Kept()


def snapshot() -> Snapshot:
    """Everything that rooms describe, as it is now.

    Kept between requests only while the read model of every room that gives things says that nothing changed: its mark is
    asked for first, so that a snapshot is never newer than its mark says, and a change is seen at the next request.
    """
    marks, last = _marks(), KEPT.last
    if marks and last is not None and last[0] == marks:
        return last[1]
    made = snapshot_of(observed_things())
    if marks:
        KEPT.last = (marks, made)
    return made


def _marks() -> tuple[str, ...]:
    """A mark for each room that gives things; none at all when one of them cannot tell whether it changed."""
    marks = []
    for manifest in rooms():
        if manifest.observed:
            live = resolve(manifest.read_model)() if manifest.read_model else None
            mark = live.view().mark if isinstance(live, Live) else ""
            if not mark:
                return ()
            marks.append(f"{manifest.code}:{mark}")
    return tuple(marks)


def rules_in_force() -> dict[str, list[Rule]]:
    """Every rule of classification, the default under what was changed here."""
    changed = ReliefRule.objects.order_by("id").values_list("grouping", "value", "group")
    return rules_with(changed)


def rule_changes() -> list[ReliefRuleChange]:
    """The past of the rules, newest first."""
    return list(ReliefRuleChange.objects.order_by("-version", "id"))


def search_of(row: Coverage) -> Search:
    """A record as a plain value."""
    return Search(
        code=row.code,
        title=row.title,
        who=row.who,
        began_on=row.began_on,
        ended_on=row.ended_on,
        how=row.how,
        limits=row.limits,
        grain=row.grain,
        territories=tuple(row.territories),
        excluded=tuple(row.excluded),
        towns_only=row.towns_only,
        dimensions={code: Sought(one["basis"], tuple(one["values"])) for code, one in row.dimensions.items()},
        source_text=row.source_text,
        source_url=row.source_url,
        pages=tuple(row.pages),
    )


def coverages(*, in_force_only: bool = False) -> list[Coverage]:
    """Records of what was searched, those in force first."""
    rows = Coverage.objects.order_by("-is_in_force", "began_on", "id")
    return list(rows.filter(is_in_force=True) if in_force_only else rows)


def coverage(coverage_id: int) -> Coverage:
    """One record; raises Missing."""
    row = Coverage.objects.filter(pk=coverage_id).first()
    if row is None:
        raise Missing(f"coverage {coverage_id}")
    return row


def coverage_states(row: Coverage) -> list[CoverageState]:
    """The past of a record, newest first."""
    return list(CoverageState.objects.filter(coverage=row).order_by("-number"))


def known(territories: Iterable[str] = ()) -> Known:
    """What cells are read with: rules, searches in force, and what holds these territories."""
    searches = tuple(search_of(row) for row in coverages(in_force_only=True))
    return Known(groups_of(rules_in_force()), searches, _ground(territories) if searches else Ground())


def _ground(territories: Iterable[str]) -> Ground:
    wanted = {one for one in territories if ":" in one}
    kinds, codes = {one.partition(":")[0] for one in wanted}, {one.partition(":")[2] for one in wanted}
    rows = Territory.objects.filter(kind__in=kinds, code__in=codes) if wanted else Territory.objects.none()
    lines: dict[str, frozenset[str]] = {}
    for kind, code, parents in rows.order_by("generation").values_list("kind", "code", "parent_codes"):
        lines[f"{kind}:{code}"] = frozenset({f"{kind}:{code}", *parents})
    held = Territory.objects.filter(kind__in=["qpv", "qva"]).order_by("id").values_list("parent_codes", flat=True)
    towns = {one for line in held for one in line if one.partition(":")[0] in {"commune", "arrondissement"}}
    return Ground(lines, frozenset(towns))


def matrix_of(question: Question, taken: Snapshot | None = None) -> Matrix:
    """The relief of a question, with the meaning of each empty cell; over `taken` when the caller has a snapshot.

    Where one side is a territory, every territory that a search names, or that lies in its area, has its row.
    """
    taken = snapshot() if taken is None else taken
    named = _territories_of(question, taken)
    return relief(taken, question, known(named), named=named)


def _territories_of(question: Question, taken: Snapshot) -> list[str]:
    """The territories that the question is about: chosen, on a side and used, or inside what was searched."""
    found = [one for part in question.conditions if _is_territorial(part.dimension) for one in part.values]
    for code in (question.rows, question.columns):
        if DIMENSIONS[code].sort == "territory":
            found += taken.columns[code].values
            found += _inside_searches(code)
    return list(dict.fromkeys(found))


def _is_territorial(code: str) -> bool:
    return code == "territory" or (code in DIMENSIONS and DIMENSIONS[code].sort == "territory")


def _inside_searches(kind: str) -> list[str]:
    """Territories of a kind inside the area of a search in force that is not the whole country."""
    areas = {one for row in coverages(in_force_only=True) for one in row.territories if ":" in one}
    if not areas:
        return []
    rows = Territory.objects.filter(kind=kind, valid_until__isnull=True).order_by("sort_key", "id")
    inside = rows.filter(parent_codes__overlap=list(areas)).values_list("code", flat=True)
    return [*(one for one in areas if one.partition(":")[0] == kind), *(f"{kind}:{code}" for code in inside)]


def names_of(values: Iterable[str]) -> dict[str, str]:
    """Names of territories ("kind:code") and of sources, those that are known."""
    listed = list(values)
    territories = [one for one in listed if ":" in one]
    names = territory_names(territories) if territories else {}
    others = [one for one in listed if ":" not in one]
    rows = Source.objects.filter(code__in=others).order_by("id") if others else Source.objects.none()
    return names | dict(rows.values_list("code", "name"))


def things_of(question: Question) -> list[Thing]:
    """The things behind a figure, all of them."""
    return snapshot().selected(question.conditions, groups_of(rules_in_force()))
