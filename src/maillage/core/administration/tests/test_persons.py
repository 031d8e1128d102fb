"""Who gives which role where; seeing the site as another, in the open and without touching."""

from __future__ import annotations

import csv
import io
import time

import pytest
from django.test import Client
from django.urls import reverse

from maillage.core.errors import Invalid
from maillage.core.journal.models import JournalLine, Pseudonym
from maillage.core.people.actions import add_person, end_role, request_sign_in
from maillage.core.people.models import Membership, Person
from maillage.core.people.queries import roles_of
from maillage.core.people.seeing import may_give, may_see_as, roles_given_by
from maillage.core.people.standing import SEEN_UNTIL
from maillage.core.places.models import Territory

pytestmark = pytest.mark.django_db
VENISSIEUX, QUARTER, MARSEILLE = "commune:69259", "qpv:QN06936M", "commune:13055"


@pytest.fixture(autouse=True)
def _territories() -> None:
    """Whatever was loaded before for the whole run keeps its row."""
    rows = (
        ("commune", "69259", "Vénissieux", ["departement:69"]),
        ("commune", "13055", "Marseille", ["departement:13"]),
        ("qpv", "QN06936M", "Minguettes", [VENISSIEUX, "departement:69"]),
    )
    for kind, code, name, parents in rows:
        Territory.objects.filter(kind=kind, code=code).delete()
        Territory.objects.create(
            kind=kind, code=code, name=name, parent_codes=parents, sort_key=name.encode(), contour_quality="none"
        )


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def manager() -> Person:
    return add_person("Malika", email="malika@example.org", role="manager", territory=VENISSIEUX)


@pytest.fixture
def operator() -> Person:
    return add_person("Olga", email="olga@example.org", role="operator")


@pytest.mark.parametrize(
    "role, territory, may",
    [
        ("helper", VENISSIEUX, True), ("moderator", QUARTER, True), ("manager", VENISSIEUX, False),
        ("operator", VENISSIEUX, False), ("moderator", MARSEILLE, False), ("moderator", "", False),
        ("moderator", "departement:69", False), ("moderator", "commune:unknown", False),
    ],
)  # fmt: skip
def test_a_manager_gives_lower_roles_within_their_territory(
    manager: Person, role: str, territory: str, may: bool
) -> None:
    assert may_give(manager, role, territory) is may


def test_an_operator_gives_every_role_and_a_moderator_none(operator: Person) -> None:
    assert all(may_give(operator, role, "") for role in ("helper", "moderator", "manager", "operator"))
    moderator = add_person("Bob", role="moderator")
    assert not roles_given_by(moderator) and not may_give(moderator, "helper", VENISSIEUX)


def test_a_manager_adds_a_person_by_the_name_of_the_quarter(manager: Person) -> None:
    Territory.objects.filter(kind="qpv").update(lon=4.87, lat=45.69)
    client = _client(manager)
    given = {"name": "Bob", "email": "bob@example.org", "role": "moderator", "territory": QUARTER}
    answer = client.post(reverse("administration:person_add"), given, follow=True)
    assert "Bob peut maintenant se connecter" in answer.content.decode()
    bob = Person.objects.get(email="bob@example.org")
    assert [(one.role, one.territory_code) for one in Membership.objects.filter(person=bob)] == [("moderator", QUARTER)]
    assert JournalLine.objects.get(action="people.role_given", subject=f"people:person:{bob.pk}").actor is not None
    assert "Minguettes" in answer.content.decode()


@pytest.mark.parametrize(
    "change, said",
    [
        ({"territory": "Nulle-Part-sur-Rien"}, "pas connu ici"), ({"email": "bob(at)x"}, "pas une adresse e-mail"),
        ({"email": ""}, "Donnez une adresse e-mail ou un téléphone"), ({"role": ""}, "Choisissez un rôle"),
        ({"territory": MARSEILLE}, "Vous ne pouvez pas donner ce rôle"), ({"name": ""}, "Écrivez le nom"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_beside_its_field_and_adds_nobody(manager: Person, change: dict[str, str], said: str) -> None:
    given = {"name": "Bob", "email": "bob@example.org", "role": "helper", "territory": VENISSIEUX} | change
    answer = _client(manager).post(reverse("administration:person_add"), given)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Person.objects.filter(display_name="Bob").exists()


def test_a_role_taken_back_serves_no_more(manager: Person) -> None:
    bob = add_person("Bob", email="bob@example.org", role="moderator", territory=VENISSIEUX)
    membership = Membership.objects.get(person=bob)
    _client(manager).post(reverse("administration:role_end", args=[bob.pk, membership.pk]))
    assert roles_of(Person.objects.get(pk=bob.pk)) == frozenset()
    assert JournalLine.objects.filter(
        action="people.role_ended", details={"role": "moderator", "where": VENISSIEUX}
    ).exists()


def test_the_last_operator_stays(operator: Person) -> None:
    with pytest.raises(Invalid):
        end_role(Membership.objects.get(person=operator))
    assert _client(operator).post(reverse("administration:disable", args=[operator.pk])).status_code == 403
    add_person("Ali", role="operator")
    end_role(Membership.objects.get(person=operator))


def test_the_list_holds_those_of_the_territory_and_the_file_all_of_it(manager: Person, operator: Person) -> None:
    add_person("Bob", email="bob@example.org", role="helper", territory=QUARTER)
    add_person("Loin", email="far@example.org", role="helper", territory=MARSEILLE)
    page = _client(manager).get(reverse("administration:persons")).content.decode()
    assert "Bob" in page and "Malika" in page and "Loin" not in page and "Olga" not in page
    whole = _client(operator).get(reverse("administration:persons_csv"))
    lines = list(csv.DictReader(io.StringIO(whole.getvalue().decode("utf-8-sig"))))
    assert {one["nom"] for one in lines} == {"Bob", "Malika", "Loin", "Olga"}
    assert JournalLine.objects.filter(action="people.list_exported", details={"rows": 4}).exists()


def test_the_list_is_found_by_name_role_or_whole_address(operator: Person) -> None:
    add_person("Bob", email="bob@example.org", role="helper", territory=QUARTER)
    client = _client(operator)
    for question, found in (("q=bob", True), ("q=BOB@example.org", True), ("q=example.org", False), ("role=helper", True),
                            ("role=moderator", False)):  # fmt: skip
        assert (">Bob<" in client.get(reverse("administration:persons") + f"?{question}").content.decode()) is found, (
            question
        )


def test_pages_of_the_list_hold_everybody_once(operator: Person) -> None:
    for number in range(60):
        add_person(f"Personne {number:02}", role="helper")
    client, seen, address = _client(operator), [], reverse("administration:persons")
    while address:
        page = client.get(address)
        seen += [line.person.pk for line in page.context["lines"]]
        address = page.context["next_url"] and reverse("administration:persons") + page.context["next_url"]
    assert len(seen) == len(set(seen)) == 61


# Seeing as another


def test_seeing_as_another_is_told_on_each_page_and_journaled(operator: Person) -> None:
    bob = add_person("Bob", email="bob@example.org", role="moderator", territory=VENISSIEUX)
    client = _client(operator)
    client.post(reverse("administration:see_as", args=[bob.pk]))
    for address in ("/", "/atlas/", "/atlas/bureau/", "/compte/", "/mentions-legales/", "/nulle-part/"):
        page = client.get(address).content.decode()
        assert "Olga, vous voyez le site comme Bob" in page, address
    assert client.get(reverse("administration:persons")).status_code == 403, "with Bob's rights, not with Olga's"
    line = JournalLine.objects.get(action="people.seen_as")
    assert line.subject == f"people:person:{bob.pk}" and line.actor == Pseudonym.objects.get(person=operator).alias
    client.post(reverse("administration:stop_seeing"))
    assert "vous voyez le site comme" not in client.get("/").content.decode()
    assert client.get(reverse("administration:persons")).status_code == 200
    assert JournalLine.objects.filter(action="people.seen_as_ended").exists()


def test_seeing_as_another_changes_nothing(operator: Person) -> None:
    bob = add_person("Bob", email="bob@example.org", role="manager", territory=VENISSIEUX)
    client = _client(operator)
    client.post(reverse("administration:see_as", args=[bob.pk]))
    before = JournalLine.objects.count()
    given = {"name": "Eve", "email": "eve@example.org", "role": "helper", "territory": VENISSIEUX}
    for address, data in ((reverse("administration:person_add"), given), (reverse("people:devices_close"), {}),
                          (reverse("people:second_factor"), {"begin": "1"}), ("/atlas/proposer/", {"name": "x"})):  # fmt: skip
        assert client.post(address, data).status_code == 403, address
    assert client.get(reverse("people:own_data")).status_code == 403
    assert not Person.objects.filter(display_name="Eve").exists() and JournalLine.objects.count() == before


def test_what_is_looked_at_meanwhile_is_journaled_under_the_one_who_looks(operator: Person) -> None:
    malika = add_person("Malika", email="malika@example.org", role="manager", territory=VENISSIEUX)
    bob = add_person("Bob", email="bob@example.org", role="helper", territory=VENISSIEUX)
    client = _client(operator)
    client.post(reverse("administration:see_as", args=[malika.pk]))
    client.get(reverse("administration:person", args=[bob.pk]))
    line = JournalLine.objects.get(action="people.sheet_seen")
    assert line.actor == Pseudonym.objects.get(person=operator).alias


def test_never_as_an_equal_or_a_higher_one(manager: Person, operator: Person) -> None:
    other = add_person("Ali", role="operator")
    equal = add_person("Maria", role="manager", territory=VENISSIEUX)
    partly = add_person("Paul", role="helper", territory=VENISSIEUX)
    Membership.objects.create(person=partly, role="helper", territory_code=MARSEILLE)
    assert not any(may_see_as(manager, one) for one in (operator, equal, partly, manager))
    assert not may_see_as(operator, other) and may_see_as(operator, manager)
    assert not may_see_as(add_person("Bob", role="moderator"), partly)


def test_it_ends_when_a_role_changes_or_after_half_an_hour(operator: Person) -> None:
    bob = add_person("Bob", email="bob@example.org", role="helper")
    client = _client(operator)
    client.post(reverse("administration:see_as", args=[bob.pk]))
    Membership.objects.filter(person=bob).update(role="operator")
    assert "vous voyez" not in client.get("/compte/").content.decode()
    Membership.objects.filter(person=bob).update(role="helper")
    assert "vous voyez" in client.get("/compte/").content.decode()
    session = client.session
    session[SEEN_UNTIL] = time.time() - 1
    session.save()
    assert "vous voyez" not in client.get("/compte/").content.decode()


def test_a_closed_account_receives_no_code(operator: Person) -> None:
    bob = add_person("Bob", email="bob@example.org", role="helper")
    _client(operator).post(reverse("administration:disable", args=[bob.pk]))
    request_sign_in("bob@example.org")
    assert not bob.__class__.objects.get(pk=bob.pk).is_active
