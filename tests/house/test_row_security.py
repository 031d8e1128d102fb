"""Row-level security, person by person: what PostgreSQL itself shows each of them, whatever a query forgot to ask."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import maillage
from maillage.core.channels.actions import Arriving, enter_in_ledger, queue_letter
from maillage.core.channels.gateways import Letter
from maillage.core.channels.models import OutboundMessage
from maillage.core.engine.sight import (
    RowSecurity,
    Sight,
    current_sight,
    hold,
    holding,
    look_as,
    seeing_everything,
    set_sight_of_process,
)
from maillage.core.intake.models import Upload
from maillage.core.journal.actions import record
from maillage.core.moderation.pace import is_flood
from maillage.core.people.actions import add_person, disable_person, end_role, request_sign_in
from maillage.core.people.actions_devices import open_device
from maillage.core.people.models import Membership, Person, RecoveryCode, SecondFactor
from maillage.rooms.atlas.freshness_models import FreshnessRequest, FreshnessRound
from maillage.rooms.atlas.models import Suggestion, SuggestionDecision, SuggestionDraft, SuggestionVote
from maillage.rooms.atlas.tests.makers import make_entry

pytestmark = pytest.mark.django_db

NORTH, SOUTH = "commune:69029", "commune:69259"
MODELS = {model._meta.db_table: model for model in apps.get_models()}
# Rows that name a person by number only, as who did something to a public thing; the number leads nowhere without people_person.
NAMED_ONLY = {"atlas_candidatepair", "atlas_mergerecord", "atlas_freshnessround", "observatory_composedmap"}


@dataclass
class World:
    """One of each kind of person, and rows of each table that are somebody's."""

    persons: dict[str, Person] = field(default_factory=dict)
    suggestions: dict[str, Suggestion] = field(default_factory=dict)


@pytest.fixture
def world() -> World:
    made = World()
    for name, role, where in (
        ("resident", "", ""), ("neighbour", "", ""), ("helper", "helper", NORTH), ("north", "moderator", NORTH),
        ("south", "moderator", SOUTH), ("manager", "manager", SOUTH), ("operator", "operator", ""),
        ("closed", "moderator", ""), ("former", "moderator", ""),
    ):  # fmt: skip
        made.persons[name] = add_person(name, email=f"{name}@example.org", role=role, territory=where)
    disable_person(made.persons["closed"], by=made.persons["operator"])
    end_role(Membership.objects.get(person=made.persons["former"]))
    for name, territories in (("north", [NORTH]), ("south", [SOUTH]), ("nowhere", [])):
        made.suggestions[name] = _suggestion(name, territories, made.persons["helper"] if name == "south" else None)
    Upload.objects.create(name="lieux.csv", path="x", size=1, digest="x", by=made.persons["north"])
    for way, where in (("phone", NORTH), ("mail", SOUTH)):
        one = FreshnessRound.objects.create(title=way, way=way, months=12, territories=[where])
        FreshnessRequest.objects.create(round=one, entry=make_entry(way), contact="x@example.org", code=way)
    for name, person in made.persons.items():
        request_sign_in(person.email)
        SecondFactor.objects.create(person=person, salt=name)
        RecoveryCode.objects.create(person=person, digest=name)
        session = SessionStore()
        session.create()
        open_device(person, str(session.session_key), "Firefox")
    return made


def _suggestion(name: str, territories: list[str], typist: Person | None) -> Suggestion:
    one = Suggestion.objects.create(
        kind="new", code=f"code-{name}", idempotency_key=f"key-{name}", territories=territories, entered_by=typist,
        answer_by="mail", answer_to=f"{name}@example.org", message="Des mots à moi",
    )  # fmt: skip
    SuggestionDecision.objects.create(suggestion=one, action="aside", state_before="proposed", state_after="held")
    SuggestionVote.objects.create(suggestion=one, voter=name, agrees=True)
    SuggestionDraft.objects.create(secret=f"draft-{name}")
    enter_in_ledger(f"atlas:suggestion:{one.pk}", Arriving(entered_by=typist))
    queue_letter(Letter(f"letter-{name}", "mail", one.answer_to, "", "Bonjour"))
    is_flood("192.0.2.1", name)
    return one


def seen(viewer: Person | None, table: str, secret: str = "") -> list[dict[str, object]]:
    """The rows that a query without any condition gives, as in a request by this person."""
    found: list[dict[str, object]] = []

    def view(_request: HttpRequest) -> HttpResponse:
        look_as(viewer.pk if viewer else None)
        hold(secret)
        found.extend(MODELS[table]._default_manager.order_by("pk").values())
        return HttpResponse()

    RowSecurity(view)(HttpRequest())
    return found


WHOSE = {  # table → viewer → the persons whose rows are seen ("*": everybody's); those left out see nobody's
    "people_person": {
        "resident": {"resident"}, "neighbour": {"neighbour"}, "helper": {"helper"},
        "closed": {"closed"}, "former": {"former"},
        "north": {"helper", "north", "south", "manager", "operator", "closed", "former"},
        "south": {"helper", "north", "south", "manager", "operator", "closed", "former"},
        "manager": {"helper", "north", "south", "manager", "operator", "closed", "former"},
        "operator": {"*"},
    },
    "people_membership": {
        "helper": {"helper"}, "closed": {"closed"}, "former": {"former"},
        "north": {"*"}, "south": {"*"}, "manager": {"*"}, "operator": {"*"},
    },
    "people_signincode": {},
    "people_recoverycode": {name: {name} for name in ("resident", "neighbour", "helper", "north", "south", "manager",
                                                     "operator", "closed", "former")},
    "people_secondfactor": {
        **{name: {name} for name in ("resident", "neighbour", "helper", "north", "south", "closed", "former")},
        "manager": {"*"}, "operator": {"*"},
    },
    "people_device": {name: {name} for name in ("resident", "neighbour", "helper", "north", "south", "manager",
                                               "operator", "closed", "former")},
}  # fmt: skip
SUGGESTIONS = {  # viewer → the suggestions seen, with what goes with them
    "helper": {"south"},  # typed by the helper for somebody
    "north": {"north", "nowhere"},
    "south": {"south", "nowhere"},
    "manager": {"south", "nowhere"},
    "operator": {"north", "south", "nowhere"},
}
ROWS = {  # tables whose rows are all seen, or none: how many, by viewer
    "channels_outboundmessage": {"operator": 11},
    "channels_ledgerentry": {"helper": 1, "north": 3, "south": 3, "manager": 3, "operator": 3},
    "intake_upload": {"north": 1, "south": 1, "manager": 1, "operator": 1},
    "atlas_freshnessrequest": {"helper": 1, "north": 1, "south": 1, "manager": 1, "operator": 2},
    "channels_arrival": {}, "channels_dailysalt": {}, "journal_pseudonym": {}, "atlas_suggestionvote": {},
    "atlas_suggestiondraft": {}, "django_session": {},
}  # fmt: skip


@pytest.mark.parametrize("table", WHOSE)
def test_each_person_sees_their_own_rows_and_those_of_whom_they_answer_for(world: World, table: str) -> None:
    column = "id" if table == "people_person" else "person_id"
    names = {person.pk: name for name, person in world.persons.items()}
    everybody = {names[one[column]] for one in MODELS[table]._default_manager.values()}
    assert len(everybody) > 1, "nothing to hide"
    for viewer in [None, *world.persons]:
        wanted = WHOSE[table].get(viewer or "", set())
        rows = seen(world.persons[viewer] if viewer else None, table)
        assert {names[one[column]] for one in rows} == (everybody if wanted == {"*"} else wanted), viewer


@pytest.mark.parametrize("table", ["atlas_suggestion", "atlas_suggestiondecision"])
def test_suggestions_are_seen_by_who_decides_on_their_territory(world: World, table: str) -> None:
    column = "id" if table == "atlas_suggestion" else "suggestion_id"
    names = {one.pk: name for name, one in world.suggestions.items()}
    for viewer in [None, *world.persons]:
        rows = seen(world.persons[viewer] if viewer else None, table)
        assert {names[one[column]] for one in rows} == SUGGESTIONS.get(viewer or "", set()), viewer


@pytest.mark.parametrize("table", ROWS)
def test_what_is_nobodys_to_read_is_hidden_from_everybody(world: World, table: str) -> None:
    assert MODELS[table]._default_manager.exists(), "nothing to hide"
    found = {viewer: len(seen(world.persons[viewer] if viewer else None, table)) for viewer in [None, *world.persons]}
    assert {viewer: count for viewer, count in found.items() if count} == ROWS[table]


def test_a_secret_opens_its_row_and_no_other(world: World) -> None:
    assert [one["code"] for one in seen(None, "atlas_suggestion", "code-north")] == ["code-north"]
    assert [one["code"] for one in seen(None, "atlas_suggestion", "key-south")] == ["code-south"]
    assert [one["secret"] for one in seen(None, "atlas_suggestiondraft", "draft-north")] == ["draft-north"]
    assert len(seen(None, "atlas_suggestiondecision", "code-north")) == 1
    assert not seen(None, "atlas_suggestion", "")


def test_every_table_that_names_a_person_hides_its_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
        protected = {name for (name,) in cursor.fetchall()}
    assert protected == {*WHOSE, *ROWS, "atlas_suggestion", "atlas_suggestiondecision"}, "say here who sees the rows"
    naming = {
        model._meta.db_table
        for model in apps.get_models()
        for one in model._meta.concrete_fields
        if isinstance(one, ForeignKey) and one.related_model is Person
    }
    assert naming - protected - NAMED_ONLY == set(), "hide the rows, or say why they need not be"


def test_the_application_role_is_bound_and_the_owner_is_not(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relrowsecurity AND pg_has_role(relowner, 'MEMBER')")
        assert cursor.fetchone() == (0,)


def test_writing_is_held_to_the_same_rows(world: World) -> None:
    north, south = world.suggestions["north"], world.suggestions["south"]

    def view(_request: HttpRequest) -> HttpResponse:
        look_as(world.persons["north"].pk)
        assert Suggestion.objects.order_by("pk").update(message="lu") == 2  # hers, and that of nowhere
        assert Person.objects.filter(pk=world.persons["south"].pk).update(display_name="Autre") == 0
        assert Person.objects.filter(pk=world.persons["north"].pk).update(is_active=False) == 0
        assert OutboundMessage.objects.filter(pk__gt=0).delete()[0] == 0
        for wrong in (
            lambda: Membership.objects.create(person=world.persons["north"], role="operator"),
            lambda: Suggestion.objects.filter(pk=north.pk).update(territories=[SOUTH]),
            lambda: OutboundMessage.objects.create(by="mail", to="x@example.org", body="", idempotency_key="mine"),
        ):
            with pytest.raises((ProgrammingError, DatabaseError)), transaction.atomic():
                wrong()
        return HttpResponse()

    RowSecurity(view)(HttpRequest())
    south.refresh_from_db()
    assert south.message == "Des mots à moi"


def test_a_list_that_forgets_whose_it_is_shows_nothing_more(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk, with its own condition taken away: PostgreSQL keeps it."""
    from django.db.models import Q

    from maillage.rooms.atlas import queries_desk

    monkeypatch.setattr(queries_desk, "_visible", lambda _viewer: Q())
    client.force_login(world.persons["north"])
    page = client.get(reverse("atlas:desk") + "?etat=all").content.decode()
    for name, is_seen in (("north", True), ("nowhere", True), ("south", False)):
        assert (reverse("atlas:desk_item", args=[world.suggestions[name].pk]) in page) is is_seen, name


# How the connection is told


def test_a_request_begins_as_nobodys_and_leaves_nothing_behind(world: World) -> None:
    counted: list[int] = []

    def view(_request: HttpRequest) -> HttpResponse:
        counted.append(Person.objects.count())
        look_as(world.persons["resident"].pk)
        counted.append(Person.objects.count())
        with seeing_everything("a test"):
            counted.append(Person.objects.count())
        counted.append(Person.objects.count())
        return HttpResponse()

    layer = RowSecurity(view)
    layer(HttpRequest())
    assert counted == [0, 1, len(world.persons), 1]
    assert Person.objects.count() == len(world.persons)  # outside requests, in tests
    counted.clear()
    layer(HttpRequest())
    assert counted[0] == 0


def test_what_a_transaction_that_failed_was_told_is_told_again(world: World) -> None:
    counted: list[int] = []

    def view(_request: HttpRequest) -> HttpResponse:
        look_as(world.persons["resident"].pk)
        counted.append(Person.objects.count())
        with pytest.raises(DatabaseError), transaction.atomic(), seeing_everything("a test"):  # noqa: PT012
            counted.append(Person.objects.count())
            Person.objects.raw("SELECT 1/0 AS id")[0]
        counted.append(Person.objects.count())
        with seeing_everything("a test"), pytest.raises(ValueError, match="mine"), transaction.atomic():
            raise ValueError("mine")
        counted.append(Person.objects.count())
        return HttpResponse()

    RowSecurity(view)(HttpRequest())
    assert counted == [1, len(world.persons), 1, 1]


def test_an_answer_written_bit_by_bit_keeps_its_sight(world: World) -> None:
    def lines() -> Iterator[bytes]:
        for _turn in range(2):
            yield str(Person.objects.count()).encode()

    def view(_request: HttpRequest) -> HttpResponse:
        look_as(world.persons["resident"].pk)
        return StreamingHttpResponse(lines())  # type: ignore[return-value]

    response = RowSecurity(view)(HttpRequest())
    assert isinstance(response, StreamingHttpResponse)
    parts = iter(response)
    assert next(parts) == b"1"
    assert Person.objects.count() == len(world.persons)
    assert list(parts) == [b"1"]


def test_a_new_connection_shows_nobodys_rows(world: World) -> None:
    """As one who enters with the application's own password and asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('maillage.sight', '', false), set_config('maillage.viewer', '', false)")
        cursor.execute("SELECT count(*) FROM people_person")
        assert cursor.fetchone() == (0,)
    connection._told = None  # type: ignore[attr-defined]


def test_a_process_that_serves_pages_sees_nothing_by_itself() -> None:
    set_sight_of_process(everything=False)
    try:
        assert current_sight() == Sight()
        with holding("x"):
            assert current_sight() == Sight(secret="x")
        assert current_sight() == Sight()
    finally:
        set_sight_of_process(everything=True)
    with pytest.raises(ValueError, match="say why"), seeing_everything(""):
        pass


def test_looking_at_everything_is_said_with_its_reason_in_few_places() -> None:
    """A new use is a decision: it is added here by somebody who asked whether a rule of the tables would do."""
    found: dict[str, int] = {}
    root = Path(maillage.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if "/tests/" in path.as_posix() or path.name == "sight.py":
            continue
        calls = [
            one
            for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "seeing_everything"
        ]
        if calls:
            found[path.relative_to(root).as_posix()] = len(calls)
    assert found == {
        "core/channels/actions.py": 3,
        "core/journal/actions.py": 2,
        "core/moderation/pace.py": 1,
        "core/people/actions.py": 10,
        "core/people/actions_devices.py": 5,
        "core/people/actions_second_factor.py": 6,
        "core/people/queries.py": 1,
        "core/people/sessions.py": 4,
        "core/people/standing.py": 1,
        "core/people/views.py": 1,
        "core/privacy/actions.py": 2,
        "house/metrics.py": 1,
        "rooms/atlas/actions.py": 1,
        "rooms/atlas/freshness_actions.py": 2,
        "rooms/atlas/freshness_queries.py": 4,
        "rooms/atlas/observed.py": 1,
        "rooms/atlas/queries_suggest.py": 3,
    }


def test_the_journal_still_names_its_writer(world: World) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        look_as(world.persons["north"].pk)
        record(action="essai.vu", subject="essai:1:1", actor=world.persons["north"])
        return HttpResponse()

    RowSecurity(view)(HttpRequest())
    before = timezone.now()
    from maillage.core.journal.models import JournalLine

    line = JournalLine.objects.get(action="essai.vu")
    assert line.actor is not None
    assert line.at <= before
