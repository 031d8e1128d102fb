"""The study's data set against its check list, against the maps, and against the study's own text where it is present."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import shapely

from maillage.rooms.atlas.study.schema import Initiative, all_initiatives
from maillage.rooms.atlas.tests import study_checks as checks

ROOT = Path(__file__).resolve().parents[5]
TEXT = Path(os.environ.get("MAILLAGE_STUDY") or ROOT.parent / "shared" / "study" / "etude.txt")
ROWS = checks.listed()


@cache
def records() -> dict[str, Initiative]:
    return {one.id: one for one in all_initiatives()}


@pytest.fixture(scope="module")
def study() -> str:
    """The text of the study, which is not shipped."""
    if not TEXT.is_file():
        pytest.skip(f"the study's text is not at {TEXT}: set MAILLAGE_STUDY")
    return TEXT.read_text(encoding="utf-8")


def _broken(record_id: str, /, **changes: object) -> Initiative:
    """A copy of a record with some fields changed, unchecked: what a slip of the pen would leave."""
    return records()[record_id].model_copy(update=changes)


def test_the_list_counts_the_names_it_says() -> None:
    counts = Counter(row.mark for row in ROWS)
    assert (counts["H"], counts["M"], set(counts)) == (51, 102, {"H", "M", "P", "D"})
    assert len({(row.mark, row.name) for row in ROWS}) == len(ROWS)


def test_every_name_has_its_records_and_every_record_its_name() -> None:
    assert checks.unheld(ROWS, records()) == []
    without_pimms = {name: one for name, one in records().items() if name != "pimms-lyon-metropole"}
    assert checks.unheld(ROWS, without_pimms) == ["PIMMS Lyon Métropole: no record pimms-lyon-metropole"]
    assert checks.unheld(ROWS[1:], records()) == ["mission-numerisation-seine-saint-denis: no line of the list"]


def test_the_headings_of_the_study_are_the_51_of_the_list() -> None:
    headed = {one.id for one in records().values() if one.has_heading}
    assert headed == {row.ids[0] for row in ROWS if row.mark == "H"}
    assert len(headed) == 51


def test_records_bear_the_names_that_the_study_writes() -> None:
    assert checks.misnamed(ROWS, records()) == []
    lost = {
        **records(),
        "micro-folie-sevran": _broken("micro-folie-sevran", name_in_study="Musée", name="Lieu", other_names=()),
    }
    assert checks.misnamed(ROWS, lost) == ["632 Micro-Folie Sevrans"]


def test_records_give_the_page_of_the_list() -> None:
    assert checks.off_page(ROWS, records()) == []
    assert checks.off_page(ROWS, {**records(), "totem-mobi": _broken("totem-mobi", pages=(38,))}) == [
        "TOTEM Mobi: page 39"
    ]


def test_facts_are_on_a_page_of_their_record() -> None:
    assert checks.pages_astray(records().values()) == []
    assert checks.pages_astray([_broken("host", pages=(37,))])[0] == "host: page 38"


def test_what_is_over_is_said_in_the_same_way_everywhere() -> None:
    assert checks.endings(records().values()) == []
    still = records()["noit"].status
    assert checks.endings([_broken("super-demain", status=still)]) == ["super-demain: past, yet active"]
    wrong = records()["super-demain"].status.model_copy(update={"ended_on": "2016"})
    assert len(checks.endings([_broken("super-demain", status=wrong)])) == 1


def test_points_are_in_their_commune_and_say_where_they_come_from() -> None:
    assert checks.misplaced(records().values()) == []
    place = records()["le-hublot-nice"].places[0]
    for change in ({"lon": 7.6}, {"commune_code": "06004"}, {"commune": "Antibes"}, {"obtained": "de mémoire"}):
        assert checks.misplaced([_broken("le-hublot-nice", places=(place.model_copy(update=change),))]), change


@pytest.mark.real_data
def test_points_of_quarters_are_in_the_official_contour_they_cite(real_data: Path) -> None:
    features = json.loads((real_data / "qpv" / "qpv2024_metropole_lyon_extrait.geojson").read_text(encoding="utf-8"))[
        "features"
    ]
    contours = {
        code: one["geometry"] for one in features for code in re.findall(r"QN\d{5}[A-Z]", str(one["properties"]))
    }
    seen = 0
    for one in records().values():
        for place in one.places:
            if code := re.search(r"QN\d{5}[A-Z]", place.obtained or ""):
                contour = shapely.from_geojson(json.dumps(contours[code[0]]))
                assert contour.contains(shapely.Point(place.lon, place.lat)), (one.id, place.label)
                seen += 1
    assert seen >= 10


@pytest.mark.real_data
def test_telephones_are_those_of_the_directories(real_data: Path) -> None:
    directories = " ".join(
        file.read_text(encoding="utf-8", errors="replace") for file in (real_data / "places").iterdir()
    )
    known = set(re.findall(r"\d{10}", re.sub(r"(?<=\d)[ .](?=\d\d)", "", directories)))
    known |= {f"0{one}" for one in re.findall(r"\+33(\d{9})", directories)}
    phones = [
        place.contact.phone
        for one in records().values()
        for place in one.places
        if place.contact and place.contact.phone
    ]
    assert len(phones) >= 10
    assert [phone for phone in phones if phone.replace(" ", "") not in known] == []


def test_all_points_of_the_pimms_say_where_and_when_to_come() -> None:
    points = records()["pimms-lyon-metropole"].places
    assert len(points) == 7
    assert all(one.address and one.opening_hours_osm and one.contact and one.contact.phone for one in points)


def test_telephones_and_hours_are_well_written() -> None:
    assert checks.unreachable(records().values()) == []
    point = records()["pimms-lyon-metropole"].places[0]
    hours = point.model_copy(update={"opening_hours_osm": "le lundi matin"})
    assert point.contact is not None
    phone = point.model_copy(update={"contact": point.contact.model_copy(update={"phone": "0619315157"})})
    assert len(checks.unreachable([_broken("pimms-lyon-metropole", places=(hours, phone))])) == 2


def test_no_e_mail_address_is_kept() -> None:
    assert checks.addresses_of_people(records().values()) == []
    assert checks.addresses_of_people([_broken("noit", area_text="jean.dupont@noit.fr")]) == [
        "noit: jean.dupont@noit.fr"
    ]


def test_names_are_on_the_line_that_the_list_gives(study: str) -> None:
    lines = study.split("\n")
    absent = [row.name for row in ROWS if not _words(row.name.split(" (")[0]) <= _words(lines[row.line - 1])]
    assert absent == []


def _words(text: str) -> set[str]:
    """The long words of a text, without their plural."""
    return {word.rstrip("s") for word in checks.fold(text).split() if len(word) > 3}


def test_links_are_printed_by_the_study(study: str) -> None:
    assert checks.unprinted_links(records().values(), study) == []
    link = records()["wimoov"].links[0]
    shorter = link.model_copy(update={"url": "http://www.wimoov.org/implant"})
    assert len(checks.unprinted_links([_broken("wimoov", links=(shorter,))], study)) == 1


def test_numbers_and_years_are_given_by_the_study_about_the_page(study: str) -> None:
    assert checks.unfounded_numbers(records().values(), study, ROWS) == []
    figure = records()["simplon"].figures[0].model_copy(update={"value": 1021.0})
    assert checks.unfounded_numbers([_broken("simplon", figures=(figure,))], study, ROWS) == ["simplon: 1021, page 29"]
    date = records()["altercarto"].model_copy(update={"dates": records()["simplon"].dates})
    assert checks.unfounded_numbers([date], study, ROWS) == []


def test_our_texts_are_our_own(study: str) -> None:
    assert checks.copied(list(records().values()), study) == []
    theirs = _broken(
        "la-cocotte",
        description="Son but est d'informer, d'accompagner et de former si nécessaire, ainsi que le reste.",
    )
    mixed = [theirs if one.id == "la-cocotte" else one for one in records().values()]
    assert checks.copied(mixed, study)[0].startswith("la-cocotte: son but est d informer d accompagner et")
