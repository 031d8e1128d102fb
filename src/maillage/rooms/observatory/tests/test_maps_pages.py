"""The composer and the saved maps, by their pages: anyone composes, keeps, changes, flags; bad questions get plain answers."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from maillage.core.channels.models import LedgerEntry
from maillage.core.journal.models import JournalLine
from maillage.core.moderation.states import State
from maillage.core.places.tests.makers import at, territory
from maillage.rooms.observatory.models_maps import ComposedMap
from maillage.rooms.observatory.tests.makers_maps import QUERY, communes, give, indicator, saved, unemployment

pytestmark = pytest.mark.django_db
HOME = "/observatoire/cartes/"


def page(client: Client, query: str = "", path: str = HOME) -> str:
    answer = client.get(f"{path}?{query}" if query else path)
    assert answer.status_code == 200
    return (
        unescape(answer.content.decode()).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    )


def picture(client: Client, query: str) -> str:
    answer = client.get(f"/observatoire/cartes/fichier/image/?{query}")
    assert answer.status_code == 200 and answer["Content-Type"] == "image/svg+xml"
    return answer.content.decode()


def test_nothing_chosen_yet_says_what_to_do(client: Client) -> None:
    assert "Choisissez d’abord un indicateur" in page(client)


def test_a_rate_is_drawn_in_classes_with_its_table_and_its_sentence(client: Client) -> None:
    unemployment()
    text = page(client, QUERY)
    assert "de 4,0 % (Ville 1) à 21,0 % (Ville 5)" in text
    assert "La moitié des 5 territoires renseignés sont à 9,0 % ou moins." in text
    assert "1 territoire n’est pas renseigné" in text
    assert text.count("<tr>") == 7 and "non renseigné" in text
    svg = picture(client, QUERY)
    assert svg.count('fill-rule="evenodd"') == 6
    assert len(set(re.findall(r'<path d="M[^"]+" fill="(#[0-9A-F]{6})"', svg))) == 5
    assert "url(#carte-h)" in svg and "Source : Essai, 2021." in text and "non renseigné (1)" in text
    printed = client.get(f"/observatoire/cartes/fichier/svg/?{QUERY}").content.decode()
    assert (
        "Source\N{NO-BREAK SPACE}: Essai, 2021." in printed
        and "non renseigné (1)" in printed
        and "Licence Ouverte" in printed
    )


def test_a_missing_value_is_never_a_zero(client: Client) -> None:
    unemployment((0.0, None, 3.0))
    csv = b"".join(client.get(f"/observatoire/cartes/fichier/csv/?{QUERY}").streaming_content).decode()  # type: ignore[attr-defined]
    lines = {line.split(",")[0].lstrip("\ufeff"): line for line in csv.splitlines()}
    assert ",0.0,renseigné," in lines["69001"] and ",,non renseigné," in lines["69002"]


def test_a_count_in_colours_is_refused_and_mended_in_one_click(client: Client) -> None:
    codes = communes(4)
    give(
        indicator("demandeurs", nature="count", unit="", decimals=0, label="Demandeurs d’emploi"),
        dict.fromkeys(codes, 40.0),
    )
    text = page(client, "indicateur=demandeurs&forme=couleurs")
    assert "est un nombre" in text and "<img" not in text.split("titre-carte")[1]
    mends = dict(re.findall(r'<a class="button" href="\?*([^"]+)">([^<]+)</a>', text))
    labels = {label: href for href, label in mends.items()}
    circles = page(client, labels["Passer aux cercles"].partition("?")[2])
    assert "drawn-map" in circles and "est un nombre" not in circles
    rate = page(client, labels["Garder les couleurs, pour 1 000 habitants"].partition("?")[2])
    assert "pour 1 000 habitants" in rate and "de 10,0 pour 1 000 (Ville 4) à 40,0 pour 1 000 (Ville 1)" in rate


def test_a_count_is_drawn_with_circles_whose_area_follows_it(client: Client) -> None:
    codes = communes(3)
    give(indicator("gens", nature="count", unit="", decimals=0), dict(zip(codes, (100.0, 400.0, 0.0), strict=True)))
    svg = picture(client, "indicateur=gens")
    radii = {name: float(radius) for radius, name in re.findall(r'r="([\d.]+)"[^>]*><title>([^<]+?) :', svg)}
    assert radii["Ville 2"] == pytest.approx(2 * radii["Ville 1"], rel=0.02) and radii["Ville 3"] < radii["Ville 1"]


def test_a_rate_in_circles_is_refused(client: Client) -> None:
    unemployment()
    assert "Un taux ne se dessine pas avec des cercles" in page(client, f"{QUERY}&forme=cercles")


def test_a_division_by_another_year_is_said(client: Client) -> None:
    codes = communes(3)
    give(indicator("gens", nature="count", unit="", decimals=0), dict.fromkeys(codes, 30.0), vintage=2018)
    text = page(client, "indicateur=gens&par=habitants")
    assert "Divisé par la population des territoires (2021) ; les chiffres sont de 2018." in text


def test_a_division_by_nothing_is_not_computed(client: Client) -> None:
    communes(2)
    territory(
        "commune", "69999", name="Vide", population=0, parent_codes=["epci:200046977"], lon=at(5, 5)[0], lat=at(5, 5)[1]
    )
    give(indicator("gens", nature="count", unit=""), {"69001": 3.0, "69999": 3.0})
    text = page(client, "indicateur=gens&par=habitants")
    assert "non calculé" in text and "diviseur nul" in text


def test_two_years_and_two_lists_are_never_on_one_map(client: Client) -> None:
    row = unemployment()
    give(row, {"69001": 99.0}, vintage=2015)
    assert "99" not in page(client, QUERY).split("<tbody>")[1].split("</tbody>")[0]
    other = page(client, "indicateur=chomage&serie=qpv:2015:2021:published")
    assert "n’existe pas pour ces territoires et cette année" in other and "Communes, 2015" in other


@pytest.mark.parametrize(
    "query, told",
    [
        ("indicateur=rien", "n’est pas dans le dictionnaire"),
        ("indicateur=chomage&serie=n'importe", "« territoires et année » : la valeur de l’adresse n’existe pas"),
        ("indicateur=chomage&nombre=99", "« nombre de classes »"),
        ("indicateur=chomage&nombre=²", "« nombre de classes »"),
        ("indicateur=chomage&couleurs=arc-en-ciel", "« couleurs »"),
        ("indicateur=chomage&dans=epci:0", "ne contient aucun de ces territoires"),
        ("indicateur=chomage&par=surface", "ne peut pas être divisé ainsi"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_gets_a_plain_answer(client: Client, query: str, told: str) -> None:
    unemployment()
    assert told in page(client, query)


def test_values_all_missing(client: Client) -> None:
    communes(2)
    give(indicator(), {"00000": 3.0})
    text = page(client, QUERY)
    assert "Aucune valeur n’est renseignée pour ces territoires." in text and "00000" in text


@pytest.mark.parametrize("values", [(5.0,), (5.0, 5.0, 5.0), (-3.0, 0.0, 4.0)])
def test_one_value_equal_values_negative_values_are_drawn(client: Client, values: tuple[float, ...]) -> None:
    unemployment(values)
    assert "drawn-map" in page(client, f"{QUERY}&nombre=7")
    picture(client, f"{QUERY}&nombre=7")


def test_negative_counts_have_a_sign_of_their_own(client: Client) -> None:
    codes = communes(2)
    give(indicator("solde", nature="count", unit="", decimals=0), dict(zip(codes, (-10.0, 10.0), strict=True)))
    assert "stroke-dasharray" in picture(client, "indicateur=solde")
    assert "valeur négative (1)" in page(client, "indicateur=solde")


def test_more_classes_than_values_is_said(client: Client) -> None:
    unemployment((1.0, 2.0, None))
    assert "2 classes au lieu de 5" in page(client, QUERY)


def test_territories_known_by_a_point_are_drawn_as_points_and_it_is_said(client: Client) -> None:
    communes(3)
    for number, (east, north) in enumerate(((500, 500), (1500, 700)), start=1):
        lon, lat = at(east, north)
        territory("qpv", f"QN0690{number}I", name=f"Quartier {number}", generation="2024", lon=lon, lat=lat)
    territory("qpv", "QN06903I", name="Nulle part", generation="2024")
    give(indicator(), {"QN06901I": 20.0, "QN06902I": 30.0, "QN06903I": 1.0}, kind="qpv", generation="2024")
    text = page(client, "indicateur=chomage")
    assert "2 territoires sans contour chargé sont dessinés comme des points" in text and "pas sur la carte" in text
    assert len(re.findall(r"<circle[^>]*><title>Quartier", picture(client, "indicateur=chomage"))) == 2


def test_territories_without_any_place_keep_their_table(client: Client) -> None:
    territory("qpv", "QN06903I", name="Nulle part", generation="2024")
    give(indicator(), {"QN06903I": 1.0}, kind="qpv", generation="2024")
    text = page(client, "indicateur=chomage")
    assert "ne peuvent pas être dessinés" in text and "Nulle part" in text


def test_a_map_is_kept_without_account_or_address(client: Client) -> None:
    unemployment()
    answer = client.post(f"{HOME}garder/", {"composition": QUERY, "title": "Chez nous", "form_key": "k1"}, follow=True)
    row = ComposedMap.objects.get()
    text = answer.content.decode()
    assert f"/observatoire/cartes/{row.code}/" in text and "/la-mienne/" in text
    shown = page(client, path=f"{HOME}{row.code}/")
    assert "Chez nous" in shown and "Carte sans auteur" in shown
    assert LedgerEntry.objects.filter(subject=f"observatory:map:{row.pk}", channel="web").count() == 1
    assert JournalLine.objects.filter(action="observatory.map_saved").count() == 1
    assert "Chez nous" not in page(client)  # the list shows what a moderator listed


def test_a_map_sent_twice_is_one_map(client: Client) -> None:
    unemployment()
    sent = {"composition": QUERY, "title": "Chez nous", "form_key": "k1"}
    first, second = (client.post(f"{HOME}garder/", sent)["Location"] for _ in range(2))
    assert first == second and ComposedMap.objects.count() == 1


def test_a_new_version_leaves_the_old_one_readable(client: Client) -> None:
    unemployment()
    row, secret = saved(title="Une")
    sent = {"composition": f"{QUERY}&nombre=3", "title": "Deux", "form_key": "k2"}
    assert client.post(f"{HOME}la-mienne/{secret}/modifier/", sent).status_code == 302
    assert "Deux" in page(client, path=f"{HOME}{row.code}/")
    old = page(client, "version=1", f"{HOME}{row.code}/")
    assert "Une" in old and "ancienne version" in old
    assert client.get(f"{HOME}{row.code}/?version=3").status_code == 404


@pytest.mark.parametrize("secret", ["x", "0" * 32])
def test_another_secret_changes_nothing(client: Client, secret: str) -> None:
    unemployment()
    row, _secret = saved(title="Une")
    assert (
        client.post(f"{HOME}la-mienne/{secret}/modifier/", {"composition": QUERY, "title": "Deux"}).status_code == 404
    )
    assert row.versions.count() == 1


def test_a_map_taken_back_is_gone_with_its_words(client: Client) -> None:
    unemployment()
    row, secret = saved(title="Une", author="Alice")
    assert client.post(f"{HOME}la-mienne/{secret}/retirer/").status_code == 200
    assert client.get(f"{HOME}{row.code}/").status_code == 404
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN and not row.versions.exists()


def test_bad_words_are_refused_and_kept_in_the_form(client: Client) -> None:
    unemployment()
    answer = client.post(
        f"{HOME}garder/", {"composition": QUERY, "title": "a" * 100_000, "author": "Alice", "form_key": "k"}
    )
    text = answer.content.decode()
    assert answer.status_code == 422 and "Alice" in text and "150" in text and "drawn-map" in text
    assert not ComposedMap.objects.exists()


def test_nothing_to_keep_is_refused(client: Client) -> None:
    answer = client.post(f"{HOME}garder/", {"title": "Vide", "form_key": "k"})
    assert answer.status_code == 422 and "Choisissez d’abord un indicateur" in answer.content.decode()


def test_markup_in_a_title_is_only_text(client: Client) -> None:
    unemployment()
    row, _secret = saved(title="<script>alert(1)</script><b>Gras</b>")
    raw = client.get(f"{HOME}{row.code}/").content.decode()
    assert "<script>alert" not in raw and "&lt;script&gt;" in raw
    svg = client.get(f"{HOME}{row.code}/fichier/svg/").content.decode()
    assert "<script>" not in svg and "&lt;script&gt;" in svg


def test_a_title_from_right_to_left(client: Client) -> None:
    unemployment()
    row, _secret = saved(title="خريطة البطالة")
    svg = client.get(f"{HOME}{row.code}/fichier/svg/").content.decode()
    assert 'direction="rtl"' in svg and "خريطة البطالة" in svg


def test_the_frame_may_stand_on_another_site_and_the_page_may_not(client: Client) -> None:
    unemployment()
    row, _secret = saved()
    frame, own = client.get(f"{HOME}{row.code}/cadre/"), client.get(f"{HOME}{row.code}/")
    assert "frame-ancestors *" in frame["Content-Security-Policy"] and "X-Frame-Options" not in frame
    assert "frame-ancestors 'none'" in own["Content-Security-Policy"]


def test_a_flag_reaches_the_desk_and_changes_nothing_else(client: Client) -> None:
    unemployment()
    row, _secret = saved(title="Une")
    answer = client.post(f"{HOME}{row.code}/signaler/", {"message": "Elle trompe", "form_key": "k"})
    assert answer.status_code == 200 and "Une personne va regarder" in answer.content.decode()
    assert row.flags.get().message == "Elle trompe" and client.get(f"{HOME}{row.code}/").status_code == 200


def test_the_workshop_puts_maps_side_by_side_with_their_hypotheses(client: Client) -> None:
    unemployment()
    one, _ = saved(title="Une", hypothesis="Je crois que oui")
    two, _ = saved(title="Deux", hypothesis="Je crois que non")
    text = page(
        client,
        f"carte={one.code}&hypothese=&carte={two.code}.1&hypothese=Autre+id%C3%A9e&carte=NEANT",
        f"{HOME}atelier/",
    )
    assert "Je crois que oui" in text and "Autre idée" in text and "Je crois que non" not in text
    assert "Aucune carte ne porte le code « NEANT »" in text
    assert text.count('class="drawn-map"') == 2


def test_the_workshop_takes_an_address_and_says_what_it_leaves_out(client: Client) -> None:
    unemployment()
    row, _ = saved()
    address = f"https://exemple.fr/observatoire/cartes/{row.code}/"
    assert page(client, f"carte={address}", f"{HOME}atelier/").count('class="drawn-map"') == 1
    assert "au plus 6 cartes" in page(client, "&".join([f"carte={row.code}"] * 7), f"{HOME}atelier/")
