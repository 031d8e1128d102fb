"""The pages of the reliefs, as a browser without JavaScript asks them, over entries of the atlas and over made-up things."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from maillage.core.journal.models import JournalLine
from maillage.core.observed import ObservedThing
from maillage.core.people.actions import add_person
from maillage.core.people.models import Person
from maillage.core.places.models import Territory
from maillage.core.web.tests.pages_read import read
from maillage.rooms.observatory import queries_reliefs
from maillage.rooms.observatory.actions_reliefs import change_rules, load_reliefs, save_coverage
from maillage.rooms.observatory.forms_reliefs import CoverageForm, initial_of
from maillage.rooms.observatory.models_indicators import Indicator, IndicatorValue
from maillage.rooms.observatory.models_reliefs import Coverage, CoverageState, ReliefRule, ReliefRuleChange
from maillage.rooms.observatory.queries_needs import needs
from maillage.rooms.observatory.queries_reliefs import rules_in_force, search_of
from maillage.rooms.observatory.reliefs_data import conclusions, matrix, searches
from maillage.rooms.observatory.tests.things import many, thing
from tests.helpers.budgets import assert_same_statements

pytestmark = pytest.mark.django_db
Give = Callable[[Iterable[ObservedThing]], None]


@pytest.fixture
def moderator() -> Person:
    return add_person("Modératrice", email="m@example.org", role="moderator", territory="commune:69259")


@pytest.fixture
def browser(client: Client, moderator: Person) -> Client:
    client.force_login(moderator)
    return client


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Give:
    """What rooms describe is what the test says, each time that it says so."""
    monkeypatch.setattr(queries_reliefs, "_marks", tuple)

    def said(things: Iterable[ObservedThing]) -> None:
        kept = list(things)
        monkeypatch.setattr(queries_reliefs, "observed_things", lambda: iter(kept))

    said([])
    return said


def text_of(client: Client, name: str, query: str = "", **kwargs: Any) -> str:
    response = client.get(reverse(f"observatory:{name}", kwargs=kwargs or None) + query)
    assert response.status_code == 200
    return response.content.decode()


def rows_of(client: Client, name: str, query: str = "") -> list[dict[str, str]]:
    response = client.get(reverse(f"observatory:{name}", args=["csv"]) + query)
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def territory(code: str, kind: str = "commune", **fields: Any) -> Territory:
    return Territory.objects.create(kind=kind, code=code, name=f"Lieu {code}", sort_key=code.encode(), **fields)


def test_a_cell_of_the_page_leads_to_exactly_its_entries(client: Client, give: Give) -> None:
    load_reliefs()
    give([*many(6, theme="rights", actor_kind="commune"), thing(9, theme="rights culture", actor_kind="library")])
    page = client.get(reverse("observatory:reliefs"))
    text = page.content.decode()
    assert "petit nombre" in text and "non trouvé" in text and "7 fiches" in text
    links = [
        link for link in read(page.content).links() if "ligne=theme%3Arights" in link and "acteur%3Acommune" in link
    ]
    assert len(links) == 1
    opened = client.get(links[0]).content.decode()
    assert opened.count('<li><a href="/choses/') == 6 and "Chose 9" not in opened
    assert len(rows_of(client, "relief_entries_file", f"?{links[0].partition('?')[2]}")) == 6


def test_every_cell_is_in_the_file(client: Client, give: Give) -> None:
    give([thing(1, theme="rights", actor_kind="commune")])
    rows = rows_of(client, "relief_file", "?lignes=theme&colonnes=acteur")
    assert len(rows) == 8 * 21
    assert [row["fiches"] for row in rows if (row["ligne"], row["colonne"]) == ("rights", "commune")] == ["1"]
    assert {row["etat"] for row in rows} == {"present", "unsought"}, "no search is recorded"


def test_an_empty_cell_says_who_looked_or_that_nobody_did(client: Client, give: Give) -> None:
    give([thing(1, theme="rights")])
    assert "Aucune recherche inscrite ne couvre" in text_of(client, "relief_entries", "?theme=mobility")
    load_reliefs()
    found = text_of(client, "relief_entries", "?theme=mobility&acteur=landlord")
    assert "Panorama national" in found and "Cherché, non trouvé" in found
    alone = text_of(client, "relief_entries", "?portee=local&acteur=residents")
    assert "Non cherché" in alone and "Qui a cherché là" not in alone


def test_searches_speak_of_towns_with_a_neighbourhood(client: Client, give: Give) -> None:
    load_reliefs()
    epci = "epci:200046977"
    territory("69266", parent_codes=[epci])
    territory("69999", parent_codes=[epci])
    territory("69998", parent_codes=[epci])
    territory("QN1", "qpv", parent_codes=["commune:69998", epci], generation="2024")
    states = {line.value: line.cells[0].state for line in matrix(rows="commune", columns="theme").lines}
    assert (states["commune:69266"], states["commune:69998"], states["commune:69999"]) == (
        "sought",
        "sought",
        "unsought",
    )


def test_a_page_of_a_place_without_anything_says_so(client: Client, give: Give) -> None:
    assert "Rien à compter" in text_of(client, "reliefs", "?territoire=commune:69001")
    assert "Laissé de côté\N{NO-BREAK SPACE}: lignes." in text_of(client, "reliefs", "?lignes=zzz")
    assert "Page" not in text_of(client, "relief_entries", "?page=zzz")


def test_long_lists_are_read_by_pages_and_carried_away_whole(client: Client, give: Give) -> None:
    give(many(120, theme="rights"))
    first, last = (
        text_of(client, "relief_entries", "?theme=rights"),
        text_of(client, "relief_entries", "?theme=rights&page=3"),
    )
    assert first.count('<li><a href="/choses/') == 50 and last.count('<li><a href="/choses/') == 20
    assert "theme=rights&amp;page=2" in first
    assert len(rows_of(client, "relief_entries_file", "?theme=rights")) == 120


def test_statements_do_not_grow_with_rows(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[ObservedThing] = []
    monkeypatch.setattr(queries_reliefs, "observed_things", lambda: iter(kept))
    load_reliefs()

    def more(count: int) -> None:
        for number in range(count):
            code = f"69{len(kept):03}"
            territory(code)
            kept.append(thing(len(kept) + number, theme="rights", territories=(f"commune:{code}",)))

    assert_same_statements(client, reverse("observatory:reliefs") + "?lignes=commune&colonnes=theme", more)


def test_the_seed_is_idempotent_and_leaves_alone_what_was_changed(moderator: Person) -> None:
    assert load_reliefs().startswith("3 recherches") and load_reliefs().startswith("0 recherches")
    assert Coverage.objects.count() == CoverageState.objects.count() == 3
    row = Coverage.objects.get(code="etude-2018-terrain")
    changed = CoverageForm(
        {**initial_of(search_of(row)), "limits": "Autre chose.", "reason": "relu", "territories": "france"}
    )
    assert changed.is_valid(), changed.errors
    save_coverage(by=moderator, search=changed.search(row.code), reason="relu", coverage_id=row.pk)
    load_reliefs()
    row.refresh_from_db()
    assert (row.limits, row.version, row.is_edited) == ("Autre chose.", 2, True)
    Coverage.objects.filter(code="etude-2018-local").update(limits="vieux texte de la graine")
    assert load_reliefs().startswith("1 recherches"), "a seed that changed is put right where nobody touched it"


def form_of_new(**fields: Any) -> dict[str, Any]:
    plain = {
        "title": "Tournée de 2026", "who": "Centre social", "began_on": "2026-05", "how": "À pied.", "grain": "qpv",
        "territories": "france", "basis_theme": "searched", "values_theme": ["mobility"], "reason": "premier relevé",
    }  # fmt: skip
    return plain | fields


def test_a_search_that_is_recorded_changes_what_empty_cells_say(browser: Client, give: Give) -> None:
    give([thing(1, theme="rights")])
    before = matrix(rows="theme", columns="theme_count").lines
    done = browser.post(reverse("observatory:relief_search_add"), form_of_new())
    assert done.status_code == 302 and done["Location"].endswith("#tournee-de-2026")
    after = matrix(rows="theme", columns="theme_count").lines
    changed = [line.value for old, line in zip(before, after, strict=True) if old.cells[1].state != line.cells[1].state]
    assert changed == ["mobility"]
    assert JournalLine.objects.filter(action="observatory.coverage_saved").count() == 1
    state = CoverageState.objects.get()
    assert (state.who, state.reason, state.snapshot["title"]) == ("moderator", "premier relevé", "Tournée de 2026")
    assert "Tournée de 2026" in text_of(browser, "relief_searches") and searches()[0].code == "tournee-de-2026"


@pytest.mark.parametrize(
    "fields,told",
    [
        ({"title": ""}, "Cette réponse manque."),
        ({"began_on": "mai 2026"}, "Écrivez une année, un mois ou un jour."),
        ({"ended_on": "2025"}, "La fin vient avant le début."),
        ({"territories": "france\nNulle-Part"}, "Nulle-Part"),
        ({"territories": "commune:00000"}, "commune:00000"),
        ({"pages": "cinq"}, "Écrivez des numéros de page."),
        ({"source_url": "pas une adresse"}, "Cette adresse n’est pas comprise."),
        ({"values_theme": []}, "Cochez au moins une réponse"),
        ({"how": "x" * 4001}, "Ce texte est trop long"),
    ],
)
def test_a_faulty_record_is_told_field_by_field(browser: Client, fields: dict[str, Any], told: str) -> None:
    answer = browser.post(reverse("observatory:relief_search_add"), form_of_new(**fields))
    assert answer.status_code == 422 and told in answer.content.decode() and not Coverage.objects.exists()
    assert "premier relevé" in answer.content.decode(), "what was typed is kept"


def test_a_record_is_changed_taken_out_and_put_back_with_its_history(browser: Client, give: Give) -> None:
    browser.post(reverse("observatory:relief_search_add"), form_of_new())
    row = Coverage.objects.get()
    edit = reverse("observatory:relief_search_edit", args=[row.pk])
    assert "Tournée de 2026" in browser.get(edit).content.decode()
    assert "Rien n’a changé" in browser.post(edit, form_of_new()).content.decode()
    assert browser.post(edit, form_of_new(limits="Deux jours seulement.")).status_code == 302
    out = reverse("observatory:relief_search_in_force", args=[row.pk])
    assert browser.post(out, {"compte": "non"}).status_code == 302 and len(searches()) == 1, "no reason, no change"
    browser.post(out, {"compte": "non", "sortie-reason": "doublon"})
    assert searches() == []
    page = text_of(browser, "relief_searches")
    assert "Ne compte plus" in page and "doublon" in page
    assert rows_of(browser, "relief_searches_file")[0]["compte"] == "non"
    browser.post(out, {"compte": "oui", "sortie-reason": "erreur"})
    assert len(searches()) == 1 and CoverageState.objects.count() == 4


def test_moving_a_value_recounts_pages_and_can_be_undone(browser: Client, moderator: Person, give: Give) -> None:
    give(
        [
            *many(12, innovation_kind="frugal", scale="local_benchmark"),
            *many(11, 20, innovation_kind="technological", scale="local_benchmark"),
        ]
    )
    human = next(one for one in conclusions() if one.code == "innovations-humaines")
    assert human.verdict == "agrees"
    now = {one.value: one.group for one in rules_in_force()["innovation_group"]}
    form = {f"innovation_group-value_{value}": group or "aucun" for value, group in now.items()}
    form |= {"classement": "innovation_group", "innovation_group-value_frugal": "technological"}
    address = reverse("observatory:relief_rules")
    without = browser.post(address, form)
    assert (
        without.status_code == 422
        and "Cette réponse manque." in without.content.decode()
        and not ReliefRule.objects.exists()
    )
    form["innovation_group-reason"] = "pour voir"
    assert browser.post(address, form).status_code == 302
    human = next(one for one in conclusions() if one.code == "innovations-humaines")
    assert (human.verdict, [figure.count for figure in human.figures]) == ("differs", [0, 23])
    assert "pour voir" in text_of(browser, "relief_rules")
    assert browser.post(address, form | {"retablir": "oui"}).status_code == 302
    assert not ReliefRule.objects.exists() and ReliefRuleChange.objects.count() == 2
    assert {one.version for one in ReliefRuleChange.objects.order_by("id")} == {1, 2}
    assert JournalLine.objects.filter(action="observatory.rules_changed").count() == 2
    changes = rows_of(browser, "relief_rules_file")
    assert len([row for row in changes if row["groupe"] != row["defaut"]]) == 0


def test_changing_nothing_or_to_nothing_known_is_refused(browser: Client, moderator: Person) -> None:
    form = {f"reach-value_{one.value}": one.group or "aucun" for one in rules_in_force()["reach"]}
    same = browser.post(reverse("observatory:relief_rules"), form | {"classement": "reach", "reach-reason": "x"})
    assert same.status_code == 422 and "Rien n’a changé" in same.content.decode()
    strange = form | {"reach-value_local_benchmark": "mars", "classement": "reach", "reach-reason": "x"}
    assert browser.post(reverse("observatory:relief_rules"), strange).status_code == 422
    with pytest.raises(Exception, match="classement"):
        change_rules(by=moderator, grouping="reach", groups={"zzz": "local"}, reason="x")


def need_of(code: str, value: float, vintage: int = 2021, indicator: str = "chomage") -> None:
    row, _made = Indicator.objects.get_or_create(
        code=indicator,
        defaults={"label": "Chômage", "nature": "rate", "unit": "%", "direction": "bad", "sort_key": b"c"},
    )
    IndicatorValue.objects.create(indicator=row, kind="commune", code=code, vintage=vintage, value=value)


def test_supply_is_set_against_need_and_missing_stays_missing(client: Client, give: Give) -> None:
    territory("1", population=10_000)
    territory("2", population=10_000)
    territory("3", population=10_000)
    territory("4")
    for code, value in (("1", 30.0), ("2", 10.0), ("4", 20.0)):
        need_of(code, value)
    need_of("1", 5.0, vintage=2010)
    give(
        [
            *many(4, theme="rights"),
            thing(9, territories=("commune:2",), theme="rights"),
            thing(10, territories=("commune:3",)),
        ]
    )
    found = needs("commune")
    assert found.vintage == 2021 and found.elsewhere == 4
    lines = {line.ground.reference: line for line in found.lines}
    assert [line.ground.reference for line in found.lines][:2] == ["commune:1", "commune:2"], "the largest gap first"
    assert (lines["commune:1"].count, lines["commune:1"].rate, lines["commune:1"].gap) == (0, 0.0, 100.0)
    assert (lines["commune:2"].rate, lines["commune:2"].gap) == (1.0, -75.0)
    assert lines["commune:3"].gap is None and lines["commune:4"].rate is None and lines["commune:4"].gap is None
    page = text_of(client, "relief_needs")
    assert "non renseigné" in page and "Chômage" in page and "4 fiches" in page
    rows = rows_of(client, "relief_needs_file")
    assert len(rows) == 4 and {row["nom"]: row["ecart"] for row in rows}["Lieu 4"] == ""
    assert "non cherché" in page and not found.sought
    load_reliefs()
    Territory.objects.filter(code="1").update(parent_codes=["epci:200046977"])
    Coverage.objects.filter(code="etude-2018-local").update(towns_only=False)
    assert needs("commune").sought == {"commune:1"} and "non trouvé" in text_of(client, "relief_needs")
    assert client.get(reverse("observatory:relief_needs") + "?indicateur=zzz").status_code == 404
    assert "Aucun indicateur n’est chargé" in text_of(client, "relief_needs", "?type=qpv")


def test_undetermined_neighbourhoods_are_told_and_not_guessed(client: Client, give: Give) -> None:
    territory("QN1", "qpv", generation="2024", population=1000)
    territory("QP1", "qpv", generation="2015", population=1000)
    give([thing(1, territories=("qpv:QN1",)), thing(2, in_qpv="undetermined"), thing(3, in_qpv="undetermined near")])
    found = needs("qpv")
    assert [line.ground.reference for line in found.lines] == ["qpv:QN1"], "one generation, the newest"
    assert (found.lines[0].count, found.undetermined, found.elsewhere) == (1, 2, 2)
    assert "rien n’est deviné" in text_of(client, "relief_needs", "?type=qpv")


def test_conclusions_open_exactly_what_they_count(client: Client, give: Give) -> None:
    give(
        [*many(11, theme="training", scale="local_benchmark"), *many(3, 20, theme="mobility", scale="local_benchmark")]
    )
    page = client.get(reverse("observatory:conclusions"))
    text = page.content.decode()
    assert "Ne peut pas être testée" in text and "notre classement" in text
    result = next(one for one in conclusions() if one.code == "local-formation-nombreuse")
    assert result.verdict == "agrees" and result.figures[0].count == 11
    rows = [row for row in rows_of(client, "conclusions_file") if row["conclusion"] == result.code]
    opened = client.get("/" + rows[0]["adresse"].split("/", 3)[3]).content.decode()
    assert opened.count('<li><a href="/choses/') == 11


def test_english_readers_get_english_statements(client: Client, give: Give) -> None:
    page = client.get("/en" + reverse("observatory:conclusions")).content.decode()
    assert "In housing, social landlords are in the front line." in page and "Cannot be tested" in page


def test_the_snapshot_is_kept_while_the_read_model_says_that_nothing_changed(
    give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[tuple[str, ...]] = [("a",)]
    monkeypatch.setattr(queries_reliefs, "_marks", lambda: marks[0])
    monkeypatch.setattr(queries_reliefs.KEPT, "last", None)
    give([thing(1)])
    first = queries_reliefs.snapshot()
    give([thing(1), thing(2)])
    assert queries_reliefs.snapshot() is first
    marks[0] = ("b",)
    assert len(queries_reliefs.snapshot()) == 2
    give([])
    marks[0] = ()
    assert len(queries_reliefs.snapshot()) == 0, "no mark: nothing is kept"
    marks[0] = ("b",)
    assert len(queries_reliefs.snapshot()) == 2


def test_addresses_of_files_keep_the_question(client: Client, give: Give) -> None:
    give([thing(1, theme="rights", scale="local_benchmark")])
    page = read(client.get(reverse("observatory:reliefs") + "?lignes=moyen&portee=local").content)
    files = [link for link in page.links() if "telecharger" in link]
    assert len(files) == 2
    for link in files:
        asked = QueryDict(link.partition("?")[2])
        assert (asked["lignes"], asked["portee"]) == ("moyen", "local")
