"""Reporting and correcting from a sheet, following with the code: without account, losing nothing typed."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from maillage.core.channels.actions import deliver_waiting_messages
from maillage.core.channels.models import LedgerEntry, OutboundMessage
from maillage.core.journal.models import JournalLine
from maillage.core.moderation.codes import code_as_shown
from maillage.core.people.tests.makers import person_of
from maillage.rooms.atlas.models import Entry, Suggestion
from maillage.rooms.atlas.tests.makers import at, make_entry
from maillage.rooms.atlas.tests.posting import hidden_values, typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    place = at(
        4.886, 45.7036, "Maison des services", address="4 place de la Paix", commune="Vénissieux", commune_code="69259"
    )
    return make_entry(
        "PIMMS de Vénissieux", places=(place,), status="active", themes=["rights"], description="Une aide."
    )


def _report(entry: Entry, kind: str) -> str:
    return reverse("atlas:report", args=[entry.pk, kind])


def _correct(entry: Entry) -> str:
    return reverse("atlas:correct", args=[entry.pk])


def test_closed_without_a_word_nor_account(client: Client, entry: Entry) -> None:
    answer = client.post(_report(entry, "closed"), {"message": "", "form_key": "a" * 20})
    suggestion = Suggestion.objects.get()
    assert answer["Location"] == reverse("atlas:thanks", args=[suggestion.code])
    assert (suggestion.kind, suggestion.state, suggestion.entry, suggestion.base_version) == (
        "closed",
        "proposed",
        entry,
        1,
    )
    assert suggestion.territories == entry.territories != []
    assert set(client.cookies) <= {"csrftoken"}
    page = client.get(answer["Location"]).content.decode()
    assert code_as_shown(suggestion.code) in page and "7 jours" in page
    ledger = LedgerEntry.objects.get()
    assert (ledger.subject, ledger.channel) == (f"atlas:suggestion:{suggestion.pk}", "web")
    assert JournalLine.objects.filter(subject=ledger.subject, action="atlas.suggestion_sent").count() == 1


@pytest.mark.parametrize("kind", ["closed", "wrong", "abusive", "still_true", "duplicate"])
def test_every_report_has_its_page(client: Client, entry: Entry, kind: str) -> None:
    assert client.get(_report(entry, kind), follow=True).status_code == 200


def test_the_title_of_a_report_tells_which_place(client: Client, entry: Entry) -> None:
    page = client.get(_report(entry, "closed"), follow=True).content.decode()
    assert f"<title>{entry.name} — Dire que c’est fermé — Maillage</title>" in page


@pytest.mark.parametrize("kind", ["new", "correction", "nonsense"])
def test_other_kinds_have_none(client: Client, entry: Entry, kind: str) -> None:
    assert client.get(_report(entry, kind)).status_code == 404


def test_an_error_needs_a_few_words(client: Client, entry: Entry) -> None:
    answer = client.post(_report(entry, "wrong"), {"message": "  ", "answer_phone": "06 12 34 56 78"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Dites en quelques mots" in page or "Cette réponse manque" in page
    assert "06 12 34 56 78" in page
    assert not Suggestion.objects.exists()


def test_sent_twice_is_one_row_and_the_same_page(client: Client, entry: Entry) -> None:
    data = {"message": "Fermé depuis mai", "form_key": "k" * 20}
    first = client.post(_report(entry, "closed"), data)
    second = client.post(_report(entry, "closed"), data)
    assert second["Location"] == first["Location"] + "?deja=1"
    assert Suggestion.objects.count() == LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_identical_posts_at_once_are_one_row(entry: Entry) -> None:
    barrier = threading.Barrier(4, timeout=20)
    answers: list[str] = []

    def post() -> None:
        barrier.wait()
        answers.append(Client().post(_report(entry, "closed"), {"message": "Fermé", "form_key": "k" * 20})["Location"])
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4 and len({one.removesuffix("?deja=1") for one in answers}) == 1
    assert Suggestion.objects.count() == LedgerEntry.objects.count() == 1


def test_a_hundred_kilobytes_are_refused_kindly_and_kept(client: Client, entry: Entry) -> None:
    text = "Long récit. " * 9000
    answer = client.post(_report(entry, "wrong"), {"message": text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r"trop long\N{NO-BREAK SPACE}: 107\s999 caractères, au plus 4\s000", page)
    assert text.strip() in page
    assert "maxlength" not in page.split("</form>")[0].split('name="message"')[1][:200]


def test_scripts_are_stored_as_text_and_shown_escaped(client: Client, entry: Entry) -> None:
    text = "<script>alert('é')</script> & <b>gras</b>"
    client.post(_report(entry, "wrong"), {"message": text})
    suggestion = Suggestion.objects.get()
    assert suggestion.message == text
    page = client.get(reverse("atlas:follow_code", args=[suggestion.code])).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_control_and_direction_characters_do_no_harm(client: Client, entry: Entry) -> None:
    client.post(_report(entry, "wrong"), {"message": "Le n°\x00 \u202eest faux\x07 🙂 مرحبا"})
    assert Suggestion.objects.get().message == "Le n° est faux 🙂 مرحبا"


def test_nothing_can_be_said_of_what_is_not_published(client: Client, entry: Entry) -> None:
    Entry.objects.filter(pk=entry.pk).update(is_published=False)
    assert client.get(_correct(entry)).status_code == 404
    assert client.post(_report(entry, "closed"), {}).status_code == 404


def _typed(client: Client, entry: Entry, **changes: str) -> dict[str, object]:
    """The correction form as a browser would send it back, with changes."""
    return {**typed_values(client.get(_correct(entry), follow=True).content.decode()), **changes}


def test_only_what_changed_is_proposed(client: Client, entry: Entry) -> None:
    data = _typed(client, entry, phone="04 72 89 23 10", name="PIMMS Vénissieux")
    assert client.post(_correct(entry), data).status_code == 302
    payload = Suggestion.objects.get().payload
    assert payload["entry"] == {"name": "PIMMS Vénissieux"}
    assert payload["place"] == {"phone": "04 72 89 23 10"}
    assert payload["before"] == {"entry": {"name": "PIMMS de Vénissieux"}, "place": {"phone": ""}}
    assert payload["place_position"] == 0


def test_sending_the_form_unchanged_is_said(client: Client, entry: Entry) -> None:
    answer = client.post(_correct(entry), _typed(client, entry))
    assert answer.status_code == 422 and "rien changé" in answer.content.decode()
    assert (
        client.post(_correct(entry), _typed(client, entry, message="Le téléphone ne répond jamais")).status_code == 302
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("phone", "appelez-moi", "numéro de téléphone"),
        ("website", "javascript:alert(1)", "adresse de site"),
        ("email", "accueil", "adresse e-mail"),
        ("postcode", "6920", "cinq chiffres"),
        ("name", "", "Cette réponse manque"),
        ("lon", "842666", "Lambert 93"),
        ("lat", "99", "n’existe pas"),
        ("themes", "nonsense", "n’existe pas"),
    ],
)
def test_an_error_in_a_field_is_said_and_everything_typed_stays(
    client: Client, entry: Entry, field: str, value: str, words: str
) -> None:
    extra = {"lat": "6517222"} if field == "lon" else {}
    data = _typed(client, entry, description="Un texte que je ne veux pas perdre", **{field: value}, **extra)
    answer = client.post(_correct(entry), data)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert "Un texte que je ne veux pas perdre" in page
    assert value in page or field == "themes"  # a box that does not exist cannot be ticked
    assert "<title>Erreur" in page
    assert not Suggestion.objects.exists()


def test_swapped_coordinates_are_recognised_and_may_be_confirmed(client: Client, entry: Entry) -> None:
    data = _typed(client, entry, lon="45.7036", lat="4.8860")
    answer = client.post(_correct(entry), data)
    assert answer.status_code == 422 and "semblent inversées" in answer.content.decode()
    assert 'name="confirm_point"' in answer.content.decode()
    assert client.post(_correct(entry), {**data, "confirm_point": "on"}).status_code == 302
    assert Suggestion.objects.get().payload["place"] == {"lon": 45.7036, "lat": 4.886}


def test_a_web_address_is_completed(client: Client, entry: Entry) -> None:
    client.post(_correct(entry), _typed(client, entry, website="www.pimms.org"))
    assert Suggestion.objects.get().payload["place"] == {"website": "https://www.pimms.org"}


def _change_behind(entry: Entry, **values: object) -> None:
    Entry.objects.filter(pk=entry.pk).update(version=entry.version + 1, **values)


def test_a_stale_form_shows_both_and_loses_nothing(client: Client, entry: Entry) -> None:
    data = _typed(client, entry, name="PIMMS (mon nom)", description="Ma description")
    _change_behind(entry, name="PIMMS (autre nom)", operator="La Ville")
    answer = client.post(_correct(entry), data)
    page = answer.content.decode()
    assert answer.status_code == 409 and "a changé pendant que vous écriviez" in page
    for shown in ("PIMMS de Vénissieux", "PIMMS (autre nom)", "PIMMS (mon nom)", "La Ville"):
        assert shown in page
    assert not Suggestion.objects.exists()
    again = typed_values(page)
    assert (again["name"], again["description"], again["operator"]) == ("PIMMS (mon nom)", "Ma description", "La Ville")
    assert client.post(_correct(entry), again).status_code == 302
    payload = Suggestion.objects.get().payload
    assert payload["entry"] == {"name": "PIMMS (mon nom)", "description": "Ma description"}
    assert payload["before"]["entry"]["name"] == "PIMMS (autre nom)"


def test_an_altered_hidden_field_harms_nobody(client: Client, entry: Entry) -> None:
    for base in ("{", '{"entry": []}', '"x"', "[" * 3000):
        data = _typed(client, entry, base=base, base_version="abc", name="Autre", form_key="")
        assert client.post(_correct(entry), data).status_code in (302, 422)


def test_the_answer_goes_by_sms_and_tells_nothing(client: Client, entry: Entry, settings: Settings) -> None:
    client.post(_report(entry, "closed"), {"message": "", "answer_phone": "06 12 34 56 78"})
    suggestion = Suggestion.objects.get()
    assert (suggestion.answer_by, suggestion.answer_to) == ("sms", "+33612345678")
    assert deliver_waiting_messages() == 1
    text = next(Path(settings.OUTBOX).iterdir()).read_text(encoding="utf-8")
    assert code_as_shown(suggestion.code) in text
    assert not re.search(r"pimms|vénissieux|fermé|atlas|http", text.split("\n\n", 1)[1], re.IGNORECASE)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("answer_phone", "alice@example.org", "06 12 34 56 78."),
        ("answer_phone", "3949", "06 12 34 56 78."),
        ("answer_email", "06 12 34 56 78", "nom@exemple.fr."),
    ],
)
def test_an_answer_that_cannot_reach_is_said(client: Client, entry: Entry, field: str, typed: str, said: str) -> None:
    answer = client.post(_report(entry, "closed"), {"message": "Fermé", field: typed})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Fermé" in page and typed in page and f"#id_{field}" in page and said in page
    assert not Suggestion.objects.exists() and not OutboundMessage.objects.exists()


def test_an_address_leads_the_answer_there(client: Client, entry: Entry) -> None:
    client.post(_report(entry, "closed"), {"answer_email": "alice@example.org"})
    suggestion = Suggestion.objects.get()
    assert (suggestion.answer_by, suggestion.answer_to) == ("mail", "alice@example.org")


def test_with_a_number_and_an_address_the_answer_goes_to_the_telephone(client: Client, entry: Entry) -> None:
    client.post(_report(entry, "closed"), {"answer_email": "alice@example.org", "answer_phone": "06 12 34 56 78"})
    suggestion = Suggestion.objects.get()
    assert (suggestion.answer_by, suggestion.answer_to) == ("sms", "+33612345678")


def test_the_browser_may_fill_in_who_writes_and_not_the_place(client: Client, entry: Entry) -> None:
    page = client.get(_correct(entry), follow=True).content.decode()
    filled = {
        name: re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
        for name in ("answer_phone", "answer_email", "phone", "email")
    }
    words = {name: re.search(r'autocomplete="(\w+)"', str(found[0])) for name, found in filled.items() if found}
    assert {name: found and found[1] for name, found in words.items()} == {
        "answer_phone": "tel", "answer_email": "email", "phone": "off", "email": "off",
    }  # fmt: skip


@pytest.mark.parametrize("number", ["+883 5100 0000 01", "+252 61 234 5678", "0899 12 34 56", "+33 8 99 12 34 56"])
def test_no_stranger_has_us_write_to_numbers_that_cost_much(
    client: Client, entry: Entry, settings: Settings, number: str
) -> None:
    answer = client.post(_report(entry, "closed"), {"message": "Fermé", "answer_phone": number})
    assert answer.status_code == 422 and "Aucun SMS ne part" in answer.content.decode()
    assert not Suggestion.objects.exists() and not OutboundMessage.objects.exists()
    settings.SMS_COUNTRIES = ["33", "252"]
    answer = client.post(_report(entry, "closed"), {"answer_phone": "+252 61 234 5678"})
    assert answer.status_code == 302


def test_nobody_is_buried_under_receipts_that_a_stranger_asks_for(
    client: Client, entry: Entry, settings: Settings
) -> None:
    """A flood is held and gets none; below, an address has three receipts a day, whoever sends; each has its code."""
    settings.FLOOD_LIMIT = 5
    for number in range(8):
        client.post(_report(entry, "wrong"), {"message": f"Mot {number}", "answer_email": "victime@example.org"})
    assert Suggestion.objects.count() == 8 and OutboundMessage.objects.count() == 3
    client.post(
        _report(entry, "wrong"), {"message": "Mot", "answer_email": "VICTIME@example.org"}, REMOTE_ADDR="192.0.2.9"
    )
    assert Suggestion.objects.filter(state="held").count() == 3 and OutboundMessage.objects.count() == 3
    client.post(
        _report(entry, "wrong"), {"message": "Mot", "answer_email": "autre@example.org"}, REMOTE_ADDR="192.0.2.9"
    )
    assert OutboundMessage.objects.count() == 4


def test_a_helper_sends_as_many_receipts_as_there_are_sheets(client: Client, entry: Entry) -> None:
    helper = person_of("helper")
    assert helper is not None
    client.force_login(helper)
    for number in range(6):
        client.post(
            _report(entry, "wrong"), {"message": f"Mot {number}", "channel": "paper", "answer_email": "a@example.org"}
        )
    assert OutboundMessage.objects.count() == 6


def test_a_helper_types_a_paper_slip(client: Client, entry: Entry) -> None:
    helper = person_of("helper")
    assert helper is not None
    client.force_login(helper)
    assert 'name="sheet_reference"' in client.get(_report(entry, "closed"), follow=True).content.decode()
    data = {"message": "", "channel": "paper", "for_whom": "in_place", "sheet_reference": "F-12"}
    client.post(_report(entry, "closed"), data)
    suggestion, ledger = Suggestion.objects.get(), LedgerEntry.objects.get()
    assert (suggestion.channel, suggestion.entered_by, suggestion.sheet_reference) == ("paper", helper, "F-12")
    assert (ledger.channel, ledger.entered_by, ledger.for_whom, ledger.sheet_reference) == (
        "paper",
        helper,
        "in_place",
        "F-12",
    )


@pytest.mark.parametrize("person", ["nobody", "resident"])
def test_nobody_else_can_pretend_to_be_a_helper(client: Client, entry: Entry, person: str) -> None:
    if found := person_of(person):
        client.force_login(found)
    assert 'name="sheet_reference"' not in client.get(_report(entry, "closed"), follow=True).content.decode()
    client.post(_report(entry, "closed"), {"channel": "phone", "for_whom": "in_place", "sheet_reference": "F-12"})
    suggestion = Suggestion.objects.get()
    assert (suggestion.channel, suggestion.entered_by, suggestion.sheet_reference) == ("web", None, "")


def test_a_flood_is_held_and_nobody_is_locked_out(client: Client, entry: Entry, settings: Settings) -> None:
    settings.FLOOD_LIMIT = 2
    for number in range(4):
        answer = client.post(_report(entry, "closed"), {"message": f"message {number}"})
        assert answer.status_code == 302
    assert list(Suggestion.objects.order_by("pk").values_list("state", flat=True)) == [
        "proposed",
        "proposed",
        "held",
        "held",
    ]
    assert "La vôtre est gardée" in client.get(answer["Location"]).content.decode()
    helper = person_of("helper")
    assert helper is not None
    client.force_login(helper)
    client.post(_report(entry, "closed"), {"message": "à la borne"})
    assert Suggestion.objects.order_by("-pk")[0].state == "proposed"


def test_a_duplicate_names_the_other_entry(client: Client, entry: Entry) -> None:
    other = make_entry(
        "PIMMS Vénissieux", places=(at(4.8862, 45.7037, "PIMMS", commune="Vénissieux", commune_code="69259"),)
    )
    page = client.get(_report(entry, "duplicate"), follow=True).content.decode()
    assert "PIMMS Vénissieux" in page
    answer = client.post(_report(entry, "duplicate"), {"same_as": str(other.pk)})
    assert answer.status_code == 302
    assert Suggestion.objects.get().payload["duplicate_of"] == other.pk


@pytest.mark.parametrize("same_as", ["", "abc", "999999999", "-1", "9" * 60])
def test_a_duplicate_of_nothing_is_refused(client: Client, entry: Entry, same_as: str) -> None:
    make_entry("PIMMS Vénissieux", places=(at(4.8862, 45.7037),))
    assert client.post(_report(entry, "duplicate"), {"same_as": same_as}).status_code == 422
    assert client.post(_report(entry, "duplicate"), {"same_as": str(entry.pk)}).status_code == 422
    assert not Suggestion.objects.exists()


def test_the_other_entry_is_found_by_its_name(client: Client, entry: Entry) -> None:
    make_entry("Médiathèque Jean-Prévost")
    page = client.get(_report(entry, "duplicate") + "?q=mediatheque+prevost", follow=True).content.decode()
    assert "Médiathèque Jean-Prévost" in page


def _sent(client: Client, entry: Entry, **data: str) -> Suggestion:
    client.post(_report(entry, "closed"), data)
    return Suggestion.objects.order_by("-pk")[0]


def test_following_with_the_code_typed_carelessly(client: Client, entry: Entry) -> None:
    suggestion = _sent(client, entry, message="Fermé depuis mai")
    typed = code_as_shown(suggestion.code).lower().replace("0", "o").replace("-", " ")
    answer = client.post(reverse("atlas:follow"), {"code": typed})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "En attente" in page and "Fermé depuis mai" in page and "Retirer ma demande" in page
    assert "no-store" in client.get(answer["Location"])["Cache-Control"]


def test_a_wrong_code_is_said_and_kept(client: Client) -> None:
    answer = client.post(reverse("atlas:follow"), {"code": "123-456-789X"})
    assert answer.status_code == 422
    assert "Aucune demande" in answer.content.decode() and "123-456-789X" in answer.content.decode()
    assert client.get(reverse("atlas:follow_code", args=["123-456-789X"])).status_code == 404


def test_trying_codes_is_slowed(client: Client, entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    from maillage.core.moderation.pace import SlowAnswers
    from maillage.rooms.atlas import views_follow

    slept: list[float] = []
    monkeypatch.setattr("maillage.core.moderation.pace.time.sleep", slept.append)
    monkeypatch.setattr(views_follow, "_slow", SlowAnswers(free_tries=2, within_s=60, pause_s=1.0))
    suggestion = _sent(client, entry)
    for _turn in range(4):
        client.post(reverse("atlas:follow"), {"code": "000-000-0000"})
    assert slept == [1.0, 1.0]
    assert client.post(reverse("atlas:follow"), {"code": suggestion.code}).status_code == 302
    assert slept == [1.0, 1.0]


def test_withdrawing_takes_it_off_the_desk_and_forgets_the_address(client: Client, entry: Entry) -> None:
    suggestion = _sent(client, entry, answer_email="alice@example.org")
    assert client.get(reverse("atlas:withdraw", args=[suggestion.code])).status_code == 405
    assert client.post(reverse("atlas:withdraw", args=[suggestion.code])).status_code == 302
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.answer_to) == ("withdrawn", "")
    assert client.post(reverse("atlas:withdraw", args=[suggestion.code])).status_code == 302  # twice is once
    assert "Vous avez retiré" in client.get(reverse("atlas:follow_code", args=[suggestion.code])).content.decode()


def test_history_tells_roles_and_words_never_names(client: Client, entry: Entry) -> None:
    page = client.get(reverse("atlas:history", args=[entry.pk])).content.decode()
    assert "Import de données" in page and "Version 1" in page


def test_hidden_values_are_json_that_cannot_break_the_page(client: Client) -> None:
    entry = make_entry('Le "bar" <b>', description="</textarea><script>alert(1)</script>")
    page = client.get(_correct(entry), follow=True).content.decode()
    assert "<script>alert" not in page
    assert json.loads(hidden_values(page)["base"])["entry"]["description"] == "</textarea><script>alert(1)</script>"


@pytest.mark.parametrize("place", ["000000" + "9" * 5000, "²", "99", "-1"])
def test_a_place_that_the_entry_has_not_is_its_first(client: Client, entry: Entry, place: str) -> None:
    assert client.get(f"{_correct(entry)}?lieu={place}", follow=True).status_code == 200


def _with_entry(**values: object) -> str:
    return json.dumps({"entry": {"summary": "", **values}, "place": {}})


@pytest.mark.parametrize(
    "base",
    [
        "[" * 100_000,
        '{"entry":' + '{"a":' * 20_000,
        _with_entry(summary="\0"),
        _with_entry(summary="\ud800"),
        _with_entry(themes=["\0"]),
        _with_entry(themes=[["a"]], name=[{}]),
        _with_entry(summary={"a": [1]}, themes=5),
        '{"entry": {"summary": NaN}, "place": {"lat": Infinity}}',
        json.dumps({"entry": {}, "place": {"lat": 10**400}}),
    ],
)
def test_what_was_seen_is_not_believed_when_no_page_can_have_shown_it(client: Client, entry: Entry, base: str) -> None:
    typed = typed_values(client.get(_correct(entry), follow=True).content.decode())
    answer = client.post(_correct(entry), {**typed, "summary": "Une autre phrase", "base": base})
    assert answer.status_code == 302, answer.content.decode()
    proposed = Suggestion.objects.get().payload
    assert proposed["entry"] == {"summary": "Une autre phrase"}
    assert proposed["before"]["entry"] == {"summary": entry.summary}


def test_faults_are_listed_in_the_order_of_the_page(client: Client, entry: Entry) -> None:
    data = {"name": "", "phone": "x" * 40, "answer_email": "rien", "postcode": "x" * 30}
    page = client.post(
        _correct(entry), {**typed_values(client.get(_correct(entry), follow=True).content.decode()), **data}
    )
    summary = page.content.decode().split('class="error-summary', 1)[1].split("</div>", 1)[0]
    places = [summary.index(f"#id_{name}") for name in ("name", "postcode", "phone", "answer_email")]
    assert places == sorted(places)
