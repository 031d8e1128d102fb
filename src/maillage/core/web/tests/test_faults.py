"""A request that fails is told in the shape its sender can use, and loses nothing typed."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.web.middleware import ErrorTable, embeddable
from maillage.house.urls import urlpatterns as house_urls

ERRORS = {
    "missing": (Missing("La fiche 12 n’est plus là."), 404),
    "refused": (Refused("Réservé aux relecteurs."), 403),
    "invalid": (Invalid("Le nom manque.", {"name": ["Écrivez un nom <b>."]}), 422),
}


def _failing(_request: HttpRequest, kind: str) -> HttpResponse:
    if kind == "frame":
        return embeddable(HttpResponse("<p>x</p>"))
    if kind == "bug":
        raise ZeroDivisionError
    raise ERRORS[kind][0]


urlpatterns = [path("essai/<kind>/", _failing), *house_urls]
handler404 = "maillage.core.web.views.missing"
handler500 = "maillage.core.web.views.server_error"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.mark.parametrize("kind", ERRORS)
def test_a_page_for_a_browser(client: Client, kind: str) -> None:
    error, status = ERRORS[kind]
    response = client.get(f"/essai/{kind}/", headers={"accept": "text/html,*/*;q=0.8"})
    text = response.content.decode()
    assert response.status_code == status
    assert str(error) in text and "<h1>" in text and 'name="robots" content="noindex"' in text


@pytest.mark.parametrize("kind", ERRORS)
def test_a_part_for_htmx(client: Client, kind: str) -> None:
    response = client.get(f"/essai/{kind}/", headers={"HX-Request": "true"})
    text = response.content.decode()
    assert response.status_code == ERRORS[kind][1]
    assert "<html" not in text and "notice-error" in text and "data-announce" in text


@pytest.mark.parametrize("kind", ERRORS)
def test_a_problem_for_a_program(client: Client, kind: str) -> None:
    error, status = ERRORS[kind]
    response = client.get(f"/essai/{kind}/", headers={"accept": "application/json"})
    assert response["Content-Type"] == "application/problem+json"
    assert response.status_code == status == response.json()["status"]
    assert response.json()["detail"] == str(error)
    assert response.json().get("errors") == ({"name": ["Écrivez un nom <b>."]} if kind == "invalid" else None)


def test_what_was_sent_is_escaped(client: Client) -> None:
    text = client.get("/essai/invalid/", headers={"accept": "text/html"}).content.decode()
    assert "Écrivez un nom &lt;b&gt;." in text


def test_an_unknown_address_is_a_page_that_helps(client: Client) -> None:
    response = client.get("/cette-page-n-existe-pas/")
    assert response.status_code == 404
    assert 'href="/plan-du-site/"' in response.content.decode()


def test_an_unknown_address_of_the_interface_is_a_problem(client: Client) -> None:
    response = client.get("/api/v1/nulle-part")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_a_programming_error_is_not_swallowed() -> None:
    table = ErrorTable(lambda _request: HttpResponse())
    assert table.process_exception(RequestFactory().get("/"), ZeroDivisionError()) is None


def test_a_failure_of_the_server_has_a_page_without_context() -> None:
    client = Client(raise_request_exception=False)
    response = client.get("/essai/bug/")
    assert response.status_code == 500
    assert "Une panne chez nous" in response.content.decode()


def test_a_form_open_too_long_gives_back_what_was_typed() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/affichage/", {"theme": "dark", "message": "Le PIMMS <a déménagé", "pin": "1234"})
    text = response.content.decode()
    assert response.status_code == 403
    assert "Le PIMMS &lt;a déménagé" in text and "1234" not in text


def test_only_an_embeddable_answer_may_stand_in_a_frame(client: Client) -> None:
    assert "frame-ancestors *" in client.get("/essai/frame/")["Content-Security-Policy"]
    assert "X-Frame-Options" not in client.get("/essai/frame/")
    assert "frame-ancestors 'none'" in client.get("/")["Content-Security-Policy"]
    assert client.get("/")["X-Frame-Options"] == "DENY"


@override_settings(BASEMAP="osm")
def test_a_basemap_chosen_by_setting_opens_the_policy_to_it_alone(client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]
    assert policy.count("http") == policy.count("https://tile.openstreetmap.org") > 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/atlas/?q=%00&territoire=%00",
        "/atlas/?lieu=a%00b",
        "/territoires/?q=%00",
    ],
)
def test_a_nul_in_an_address_breaks_nothing(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/observatoire/participation/lignes/?territoire=commune:%%0000",  # a NUL within a NUL
        "/observatoire/profils/commune/%00/",
        "/atlas/proposer/%00/1/",
        "/atlas/suivi/ABC%00/",
        "/en/connexion/code/%00/",
    ],
)
def test_an_address_that_names_nothing_for_its_nul_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
