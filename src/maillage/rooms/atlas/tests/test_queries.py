"""The list, its order, its pages, its counts."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from maillage.core.errors import Missing
from maillage.core.search.index import Query
from maillage.rooms.atlas import queries, readmodel_masks
from maillage.rooms.atlas.facets import facet_counts
from maillage.rooms.atlas.filters import Filters, filters_from
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.makers import at, make_entry

pytestmark = pytest.mark.django_db


def names(address: str) -> list[str]:
    return [entry.name for entry in queries.page_of(filters_from(QueryDict(address))).entries]


def every_page(filters: Filters, size: int) -> list[int]:
    found: list[int] = []
    cursor = ""
    while True:
        page = queries.page_of(filters, cursor, size)
        found += [entry.pk for entry in page.entries]
        cursor = page.next_cursor
        if not cursor:
            return found


def test_names_come_in_the_order_of_a_dictionary() -> None:
    for name in ("Zoé", "écluse", "Eau", "œuvre", "Oasis", "l’Atelier", "مركز", "Ordi"):
        make_entry(name)
    assert names("") == ["Eau", "écluse", "l’Atelier", "Oasis", "œuvre", "Ordi", "Zoé", "مركز"]


@pytest.mark.parametrize("order", ["nom", "recent", "distance", "pertinence"])
def test_pages_hold_each_entry_once_in_every_order(order: str) -> None:
    for number in range(23):
        places = (at(4.8 + number / 100, 45.7),) if number % 3 else ()
        make_entry("Même nom" if number % 2 else f"Atelier {number}", places=places)
    filters = Filters(text="essayer", lon=4.8, lat=45.7, sort=order)
    found = every_page(filters, 5)
    assert len(found) == len(set(found)) == queries.page_of(filters).total == 23


def test_nearest_first_and_entries_without_position_last() -> None:
    make_entry("Loin", places=(at(4.95, 45.7),))
    make_entry("Nulle part")
    make_entry("Deux lieux", places=(at(5.5, 45.7), at(4.81, 45.7)))
    assert names("lon=4.8&lat=45.7") == ["Deux lieux", "Loin", "Nulle part"]
    nearest = queries.page_of(Filters(lon=4.8, lat=45.7)).entries[0]
    assert nearest.distance_m == pytest.approx(777, rel=0.01)  # type: ignore[attr-defined]


def test_a_box_finds_what_is_inside_only() -> None:
    make_entry("Dedans", places=(at(4.85, 45.75),))
    make_entry("Dehors", places=(at(4.95, 45.75),))
    assert names("bbox=4.8,45.7,4.9,45.8") == ["Dedans"]


def test_search_forgives_accents_typing_and_understands_everyday_words() -> None:
    make_entry("Médiathèque des Minguettes", description="On y imprime ses papiers.")
    make_entry("PIMMS de Vaise", summary="Aide pour les démarches auprès de la caisse d’allocations familiales.")
    make_entry("Café des Arts")
    assert names("q=mediateque") == ["Médiathèque des Minguettes"]
    assert names("q=MÉDIATHÈQUE minguettes") == ["Médiathèque des Minguettes"]
    assert names("q=imprimer") == ["Médiathèque des Minguettes"]
    assert names("q=Caf") == ["PIMMS de Vaise"]
    assert names("q=C.A.F.") == ["PIMMS de Vaise"]
    assert names("q=café") == ["Café des Arts"]


@pytest.mark.parametrize("typed", ["' ) ! & |", "\\", "a:* <-> b", "%%", "()", "\u202e", "' OR 1=1 --", "x" * 5000])
def test_no_typed_text_breaks_the_search(typed: str) -> None:
    make_entry()
    query = QueryDict(mutable=True)
    query["q"] = typed
    queries.page_of(filters_from(query))


def test_facets_count_exactly_with_their_own_choice_left_out() -> None:
    make_entry("a", themes=["rights", "training"], status="active")
    make_entry("b", themes=["rights"], status="closed")
    make_entry("c", themes=["mobility"], status="active")
    counts = facet_counts(filters_from(QueryDict("theme=rights&etat=active")))
    themes = {one.value: one.count for one in counts["theme"]}
    states = {one.value: one.count for one in counts["etat"]}
    assert themes == {"rights": 1, "training": 1, "mobility": 1}
    assert states == {"active": 1, "closed": 1}
    assert [one.value for one in counts["theme"] if one.is_chosen] == ["rights"]


def test_facet_counts_equal_the_list_one_gets_by_choosing() -> None:
    for number in range(12):
        make_entry(
            f"Entrée {number}",
            themes=["rights", "culture"][: 1 + number % 2],
            publics=["everyone"] if number % 3 else [],
        )
    base = filters_from(QueryDict("theme=culture"))
    for one in facet_counts(base)["public"]:
        assert one.count == queries.matching(filters_from(QueryDict(f"theme=culture&public={one.value}"))).count()


def test_the_number_of_statements_does_not_grow_with_the_rows() -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            queries.page_of(Filters())
            facet_counts(Filters())
        return len(seen)

    for number in range(2):
        make_entry(f"Peu {number}", places=(at(4.8, 45.7),))
    few = statements()
    for number in range(18):
        make_entry(f"Plus {number}", places=(at(4.8, 45.7),))
    assert statements() == few


def test_hidden_entries_are_nowhere() -> None:
    entry = make_entry("Cachée", places=(at(4.85, 45.75),))
    Entry.objects.filter(pk=entry.pk).update(is_published=False)
    assert names("") == []
    assert names("q=cachée") == []
    assert facet_counts(Filters())["etat"] == []
    with pytest.raises(Missing):
        queries.sheet(entry.pk)


def test_alike_shares_a_theme_and_never_is_itself() -> None:
    entry = make_entry("Un", themes=["culture"], digital_means=["fablab"])
    best = make_entry("Deux", themes=["culture"], digital_means=["fablab"])
    make_entry("Trois", themes=["culture"])
    make_entry("Quatre", themes=["housing"], digital_means=["fablab"])
    assert [one.name for one in queries.alike(entry)] == [best.name, "Trois"]


def test_everything_gives_every_row_once() -> None:
    for number in range(30):
        make_entry(f"Entrée {number}", themes=["rights"] if number % 2 else ["culture"])
    filters = filters_from(QueryDict("theme=rights"))
    assert Counter(queries.everything(filters).values_list("pk", flat=True)).most_common(1)[0][1] == 1
    assert len(queries.everything(filters)) == queries.page_of(filters).total == 15


def test_very_many_documents_are_all_found_and_those_with_the_word_in_their_title_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readmodel_masks, "MOST_RANKED", 2)
    monkeypatch.setattr(readmodel_masks, "_SMALL", 0)
    for number in range(5):
        make_entry(f"Lieu {number}", summary="Un jardin pour tous.")
    title = make_entry("Jardin des lilas", summary="Ici.")
    for is_broad in (False, True):  # known beforehand to be many, or seen only then
        asked = Query("jardin", "(jardin)", is_broad=is_broad)
        monkeypatch.setattr(queries, "understand", lambda _text, asked=asked: asked)
        readmodel_masks.HITS.clear()
        page = queries.page_of(Filters(text="jardin"), size=4)
        assert page.total == 6 and page.entries[0].pk == title.pk
        rest = queries.page_of(Filters(text="jardin"), page.next_cursor, size=4)
        assert len({one.pk for one in (*page.entries, *rest.entries)}) == 6


def test_an_example_from_elsewhere_is_no_news() -> None:
    make_entry("Ailleurs", scale="national_benchmark")
    make_entry("Ici", scale="local_benchmark")
    make_entry("Nouveau", scale="")
    assert [one.name for one in queries.newest()] == ["Nouveau", "Ici"]
