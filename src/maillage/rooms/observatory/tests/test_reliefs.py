"""Reliefs over things with known answers: counts, meanings of empty cells, addresses, groups."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from django.http import QueryDict

from maillage.core.errors import Invalid
from maillage.core.observed import ObservedThing
from maillage.rooms.observatory.actions_reliefs import shipped_searches
from maillage.rooms.observatory.reliefs.address import cell_query, pairs_of, query_of, question_from
from maillage.rooms.observatory.reliefs.compare import compared
from maillage.rooms.observatory.reliefs.coverage import Ground, Search, Sought, covers, reaches
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, FACETS, UNSTATED, known_values
from maillage.rooms.observatory.reliefs.matrix import Known, Matrix, Question, relief
from maillage.rooms.observatory.reliefs.rules import defaults, groups_of, rules_with
from maillage.rooms.observatory.reliefs.snapshot import Condition
from maillage.rooms.observatory.tests.things import GROUPS, taken, thing

NOTHING = Known(GROUPS)


def cell(matrix: Matrix, row: str, column: str) -> tuple[int, str]:
    place = [value for value, _total in matrix.columns].index(column)
    line = next(one for one in matrix.lines if one.value == row)
    return line.cells[place].count, line.cells[place].state


def test_a_thing_counts_in_each_of_its_cells_and_once_in_totals() -> None:
    things = taken(
        thing(1, theme="rights culture", actor_kind="association library"),
        thing(2, theme="rights", actor_kind="association"),
        thing(3, theme="rights"),
    )
    matrix = relief(things, Question(), NOTHING)
    assert cell(matrix, "rights", "association") == (2, "present")
    assert cell(matrix, "culture", "library") == (1, "present")
    assert cell(matrix, "rights", UNSTATED) == (1, "present")
    assert cell(matrix, "culture", UNSTATED) == (0, "complete")
    totals = {line.value: line.total for line in matrix.lines}
    assert (totals["rights"], totals["culture"], totals["mobility"], matrix.total) == (3, 1, 0, 3)
    assert dict(matrix.columns)["association"] == 2 and dict(matrix.columns)[UNSTATED] == 1
    assert UNSTATED not in totals, "every thing has a theme: no row for those without"


def random_things(seed: int) -> list[ObservedThing]:
    chance = random.Random(seed)

    def some(code: str) -> str:
        return " ".join(chance.sample(known_values(code), chance.randint(0, 3)))

    return [
        thing(
            number, territories=tuple(chance.sample(["commune:1", "commune:2", "region:84"], chance.randint(0, 3))),
            source=chance.choice(["a", "b"]), theme=some("theme"), actor_kind=some("actor_kind"),
            digital_means=some("digital_means"), scale=chance.choice(["", *known_values("scale")]),
        )
        for number in range(60)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows,columns",
    [("theme", "actor_group"), ("commune", "theme"), ("theme_count", "source"), ("reach", "means_nature"), ("theme", "theme")],
)  # fmt: skip
def test_every_cell_opens_to_the_things_that_it_counts(rows: str, columns: str) -> None:
    things = taken(*random_things(7))
    narrowing = (Condition("source", ("a",)), Condition("theme", ("rights", "culture")))
    matrix = relief(things, Question(rows, columns, narrowing), NOTHING)
    counted = 0
    for line in matrix.lines:
        for one, (value, total) in zip(line.cells, matrix.columns, strict=True):
            asked, strange = question_from(QueryDict(cell_query(matrix.question, line.value, value)))
            assert not strange and len(things.selected(asked.conditions, GROUPS)) == one.count
            head, _strange = question_from(QueryDict(cell_query(matrix.question, column=value)))
            assert len(things.selected(head.conditions, GROUPS)) == total
            counted += one.count
        row, _strange = question_from(QueryDict(cell_query(matrix.question, line.value)))
        assert len(things.selected(row.conditions, GROUPS)) == line.total
    assert counted > 0


def test_addresses_come_back_as_they_were() -> None:
    question = Question(
        "actor_kind", "commune",
        (Condition("theme", ("rights", "culture")), Condition("reach", ("local",)), Condition("territory", ("epci:200046977",))),
    )  # fmt: skip
    again, strange = question_from(QueryDict(query_of(question)))
    assert again == question and not strange
    assert ("lignes", "acteur") in pairs_of(question) and ("portee", "local") in pairs_of(question)


@pytest.mark.parametrize(
    "asked,left_out",
    [
        ("lignes=zzz", "lignes"),
        ("colonnes=theme&theme=zzz", "theme"),
        ("commune=qpv:1", "commune"),
        ("territoire=lyon", "territoire"),
        ("ligne=theme", "ligne"),
        ("ligne=zzz:rights", "ligne"),
        ("source=a%00b", "source"),
    ],
)
def test_what_is_not_understood_is_told_and_left_out(asked: str, left_out: str) -> None:
    question, strange = question_from(QueryDict(asked))
    assert strange == (left_out,) and question.conditions == ()


def test_codes_are_understood_as_well_as_parameters() -> None:
    question, strange = question_from(QueryDict("lignes=actor_kind&colonnes=digital_means"))
    assert (question.rows, question.columns, strange) == ("actor_kind", "digital_means", ())


def search(**fields: object) -> Search:
    plain = Search(
        code="s", title="S", who="Q", began_on="2017", ended_on="", how="h", limits="", grain="commune",
        territories=("epci:1",), excluded=("qpv:out",), towns_only=False,
        dimensions={"theme": Sought("searched", ("rights", "culture")), "actor_kind": Sought("classified", ("commune",))},
    )  # fmt: skip
    return replace(plain, **fields)  # type: ignore[arg-type]


def test_an_empty_cell_says_who_searched() -> None:
    matrix = relief(taken(thing(1, theme="rights")), Question(), Known(GROUPS, (search(),)))
    assert cell(matrix, "culture", "commune") == (0, "sought")
    assert cell(matrix, "culture", "association") == (0, "unsought"), "that kind of actor was not looked at"
    assert cell(matrix, "mobility", "commune") == (0, "unsought"), "that theme was not looked at"
    assert relief(taken(thing(1, theme="rights")), Question(), NOTHING).lines[1].cells[0].state == "unsought"


def test_a_search_speaks_of_its_territories_only() -> None:
    ground = Ground(
        {
            "commune:in": frozenset({"commune:in", "epci:1"}),
            "commune:town": frozenset({"commune:town", "epci:1"}),
            "qpv:out": frozenset({"qpv:out", "commune:in", "epci:1"}),
            "commune:far": frozenset({"commune:far", "epci:2"}),
        },
        towns=frozenset({"commune:town"}),
    )
    assert reaches(search(), "commune:in", ground) and not reaches(search(), "commune:far", ground)
    assert not reaches(search(), "commune:unknown", ground)
    assert not reaches(search(), "qpv:any", ground), "a search by communes does not reach a neighbourhood"
    assert not reaches(search(grain="qpv"), "qpv:out", ground), "what was left out was not searched"
    assert reaches(search(towns_only=True), "commune:town", ground)
    assert not reaches(search(towns_only=True), "commune:in", ground)
    assert reaches(search(towns_only=True, territories=("epci:1", "commune:in")), "commune:in", ground), "named"
    assert not reaches(search(grain="country", territories=("france",)), "commune:in", ground)


def test_groups_numbers_and_what_is_not_stated() -> None:
    known = search(
        dimensions={"digital_means": Sought("classified", ("sensor",)), "theme": Sought("searched", ("rights",))}
    )
    nowhere = Ground()
    assert covers(known, [Condition("means_nature", ("infrastructure",))], GROUPS, nowhere)
    assert not covers(known, [Condition("means_nature", ("people",))], GROUPS, nowhere)
    assert covers(known, [Condition("theme_count", ("several",))], GROUPS, nowhere)
    assert not covers(known, [Condition("theme", (UNSTATED,))], GROUPS, nowhere)
    assert not covers(known, [Condition("source", ("essai",))], GROUPS, nowhere)


def test_the_shipped_searches_say_what_the_study_left_out() -> None:
    national, local, field = shipped_searches()
    assert "qpv:QN06934M" in local.excluded and local.towns_only and local.began_on == "2017"
    assert "residents" not in local.dimensions["actor_kind"].values
    assert "residents" in national.dimensions["actor_kind"].values
    assert not field.dimensions and all(one.limits and one.pages for one in (national, local, field))
    duchere = Ground({"qpv:QN06934M": frozenset({"qpv:QN06934M", "commune:69123", "epci:200046977"})})
    assert not reaches(local, "qpv:QN06934M", duchere)


def test_a_rule_that_moves_changes_the_counts() -> None:
    things = taken(thing(1, digital_means="kiosk"), thing(2, digital_means="website"))
    question = Question("means_nature", "theme")
    before = {line.value: line.total for line in relief(things, question, NOTHING).lines}
    moved = Known(groups_of(rules_with([("means_nature", "kiosk", "service")])))
    after = {line.value: line.total for line in relief(things, question, moved).lines}
    assert (before["infrastructure"], before["service"]) == (1, 1)
    assert (after["infrastructure"], after["service"]) == (0, 2)
    out = Known(groups_of(rules_with([("means_nature", "kiosk", "")])))
    assert {line.value: line.total for line in relief(things, question, out).lines}[UNSTATED] == 1


def test_every_rule_has_a_default_that_exists() -> None:
    for grouping, lines in rules_with([]).items():
        assert lines and all(not one.is_changed for one in lines)
        assert set(defaults()[grouping]) <= {one.value for one in lines}


def test_territories_named_by_a_search_have_their_row() -> None:
    things = taken(thing(1, theme="rights", territories=("commune:a", "epci:1")))
    ground = Ground({"commune:b": frozenset({"commune:b", "epci:1"})})
    matrix = relief(things, Question("commune", "theme"), Known(GROUPS, (search(),), ground), named=["commune:b"])
    assert [line.value for line in matrix.lines] == ["commune:a", "commune:b"]
    assert cell(matrix, "commune:b", "culture") == (0, "sought")


def test_national_beside_local() -> None:
    national, local = {"scale": "national_benchmark"}, {"scale": "local_benchmark"}
    things = taken(
        thing(1, theme="rights", **national), thing(2, theme="rights culture", **national), thing(3, **national),
        thing(4, theme="culture", **local), thing(5, theme="culture"),
    )  # fmt: skip
    found = compared(things, "theme", GROUPS)
    lines = {line.value: line for line in found.lines}
    assert found.stated == (2, 1) and found.unstated == (1, 0)
    assert (lines["rights"].national_share, lines["rights"].local_share, lines["rights"].difference) == (1.0, 0.0, -1.0)
    assert (lines["culture"].national, lines["culture"].local, lines["culture"].difference) == (1, 1, 0.5)
    assert compared(taken(thing(1, theme="rights")), "theme", GROUPS).lines[0].difference is None


def test_every_dimension_has_its_own_parameter_and_label() -> None:
    assert len({one.parameter for one in DIMENSIONS.values()}) == len(DIMENSIONS)
    assert all(known_values(code) for code in FACETS)


def test_a_table_that_would_fill_the_memory_is_refused() -> None:
    things = taken(*(thing(n, territories=(f"commune:{n}", f"qpv:{n}")) for n in range(1500)))
    with pytest.raises(Invalid, match="trop grand"):
        relief(things, Question("commune", "qpv"), NOTHING)
    few = relief(things, Question("commune", "qpv", (Condition("territory", ("commune:7",)),)), NOTHING)
    assert [line.value for line in few.lines] == ["commune:7"] and few.lines[0].cells[0].count == 1


def test_things_are_listed_by_name_whatever_their_accents() -> None:
    names = ["Zoé", "écluse", "Œuvre", "Atelier", "Écully"]
    things = taken(*(replace(thing(number), name=name) for number, name in enumerate(names)))
    assert [one.name for one in things.selected((), GROUPS)] == ["Atelier", "écluse", "Écully", "Œuvre", "Zoé"]


def test_nothing_described_is_an_empty_relief() -> None:
    matrix = relief(taken(), Question("theme", "commune"), NOTHING)
    assert matrix.total == 0 and matrix.columns == () and len(matrix.lines) == 8
