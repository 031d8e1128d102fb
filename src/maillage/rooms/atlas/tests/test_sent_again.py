"""Going back to a form already sent and sending it again: one suggestion, its first code said plainly, no word lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from maillage.core.moderation.codes import code_as_shown
from maillage.rooms.atlas.models import Entry, Suggestion, SuggestionDraft
from maillage.rooms.atlas.tests.makers import at, make_entry
from maillage.rooms.atlas.tests.posting import typed_values

pytestmark = pytest.mark.django_db

WHAT = {"name": "Atelier vélo", "kind": "place", "summary": "On y répare son vélo.", "themes": ["mobility"]}
WHERE = {"address": "12 avenue Jean-Cagne", "commune": "Vénissieux", "lat": "45,70", "lon": "4,88"}
LAST = {"opening_hours_text": "Le mercredi", "phone": "04 72 00 00 00", "message": "J’y vais souvent"}
ALREADY = "Vous aviez déjà envoyé cette demande"


@pytest.fixture
def browser() -> Client:
    """As a person has one: forms carry the proof against forged requests, and its cookie."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def entry() -> Entry:
    return make_entry("PIMMS de Vénissieux", places=(at(4.886, 45.7036, "PIMMS", commune="Vénissieux"),))


def _filled(browser: Client, page_address: str, /, **typed: object) -> dict[str, object]:
    """The form that a page shows, filled."""
    page = browser.get(page_address, follow=True).content.decode()
    return {**typed_values(page), **typed}


def _step(secret: str, step: int) -> str:
    return reverse("atlas:propose_step", args=[secret, step])


def _propose(browser: Client, first: dict[str, object]) -> tuple[str, str]:
    """The three steps; gives the draft's secret and where the last one led."""
    browser.post(reverse("atlas:propose"), first)
    secret = SuggestionDraft.objects.order_by("-pk")[0].secret
    browser.post(_step(secret, 2), _filled(browser, _step(secret, 2), **WHERE))
    return secret, str(browser.post(_step(secret, 3), _filled(browser, _step(secret, 3), **LAST))["Location"])


def _reports(entry: Entry) -> list[str]:
    return [reverse("atlas:report", args=[entry.pk, kind]) for kind in ("closed", "wrong", "abusive", "still_true")]


@pytest.mark.parametrize("number", range(4))
def test_a_report_sent_again(browser: Client, entry: Entry, number: int) -> None:
    address = _reports(entry)[number]
    form = _filled(browser, address, message="Le rideau est baissé.")
    first, again = browser.post(address, form), browser.post(address, form)
    assert again["Location"] == first["Location"] + "?deja=1"
    page = browser.get(again["Location"]).content.decode()
    code = code_as_shown(Suggestion.objects.get().code)
    assert ALREADY in page and code in page
    assert ALREADY not in browser.get(first["Location"]).content.decode()


def test_the_same_words_in_a_form_shown_anew_are_the_same_sending(browser: Client, entry: Entry) -> None:
    """Browsers that keep no page ask for the form again on going back: it has another key, the browser is the same."""
    address = _reports(entry)[0]
    first = browser.post(address, _filled(browser, address))
    again = browser.post(address, _filled(browser, address))
    assert again["Location"] == first["Location"] + "?deja=1"
    assert Suggestion.objects.count() == 1


def test_going_back_to_the_address_of_a_form_sent_finds_its_thanks(browser: Client, entry: Entry) -> None:
    for asked in (*_reports(entry), reverse("atlas:correct", args=[entry.pk])):
        address = str(browser.get(asked)["Location"])
        form = _filled(browser, address, message="Voici ce que je sais.")
        first = browser.post(asked, form)
        assert browser.get(address)["Location"] == first["Location"] + "?deja=1"
        assert Client(enforce_csrf_checks=True).get(address).status_code == 200  # given to a neighbour: an empty form


def test_going_back_to_the_first_step_shows_what_was_written_then_the_thanks(browser: Client) -> None:
    address = str(browser.get(reverse("atlas:propose"))["Location"])
    browser.post(address, _filled(browser, address, **WHAT))
    secret = SuggestionDraft.objects.get().secret
    assert browser.get(address)["Location"] == _step(secret, 1)
    assert typed_values(browser.get(_step(secret, 1)).content.decode())["name"] == WHAT["name"]
    assert Client().get(address).status_code == 200
    browser.post(_step(secret, 2), _filled(browser, _step(secret, 2), **WHERE))
    sent = browser.post(_step(secret, 3), _filled(browser, _step(secret, 3), **LAST))
    assert browser.get(address)["Location"] == sent["Location"] + "?deja=1"


def test_somebody_else_who_says_the_same_is_heard(browser: Client, entry: Entry) -> None:
    address, other = _reports(entry)[0], Client(enforce_csrf_checks=True)
    browser.post(address, _filled(browser, address))
    other.post(address, _filled(other, address))
    assert Suggestion.objects.count() == 2


@pytest.mark.parametrize("changes", [{"state": "refused"}, {"created_at": timezone.now() - timedelta(hours=2)}])
def test_later_or_once_decided_the_same_words_are_another_request(
    browser: Client, entry: Entry, changes: dict[str, object]
) -> None:
    address = _reports(entry)[0]
    browser.post(address, _filled(browser, address))
    Suggestion.objects.update(**changes)
    browser.post(address, _filled(browser, address))
    assert Suggestion.objects.count() == 2


def test_the_same_form_with_other_words_asks_first_and_keeps_them(browser: Client, entry: Entry) -> None:
    address = _reports(entry)[1]
    form = _filled(browser, address, message="Le numéro est faux.")
    browser.post(address, form)
    answer = browser.post(address, {**form, "message": "L’adresse aussi est fausse."})
    page = answer.content.decode()
    assert answer.status_code == 409 and Suggestion.objects.count() == 1
    assert "Vous avez déjà envoyé ce formulaire" in page and code_as_shown(Suggestion.objects.get().code) in page
    meant = typed_values(page)
    assert meant["message"] == "L’adresse aussi est fausse."
    assert "?deja=1" not in browser.post(address, meant)["Location"]
    assert Suggestion.objects.count() == 2


def test_a_duplicate_said_again(browser: Client, entry: Entry) -> None:
    other = make_entry("PIMMS Vénissieux", places=(at(4.886, 45.7036, "PIMMS", commune="Vénissieux"),))
    address = reverse("atlas:report", args=[entry.pk, "duplicate"])
    form = _filled(browser, address, same_as=str(other.pk))
    first, again = browser.post(address, form), browser.post(address, form)
    assert again["Location"] == first["Location"] + "?deja=1"


def test_a_correction_sent_again_even_once_it_was_accepted(browser: Client, entry: Entry) -> None:
    address = reverse("atlas:correct", args=[entry.pk])
    form = _filled(browser, address, summary="Une aide pour vos papiers.")
    first = browser.post(address, form)
    Entry.objects.update(version=entry.version + 1)
    again = browser.post(address, form)
    assert again["Location"] == first["Location"] + "?deja=1"
    changed = browser.post(address, {**form, "summary": "Une autre phrase."})
    assert changed.status_code == 409 and typed_values(changed.content.decode())["summary"] == "Une autre phrase."
    assert Suggestion.objects.count() == 1


def test_a_proposal_sent_again_from_its_first_step(browser: Client) -> None:
    first = _filled(browser, reverse("atlas:propose"), **WHAT)
    _secret, location = _propose(browser, first)
    assert browser.post(reverse("atlas:propose"), first)["Location"] == location + "?deja=1"
    assert Suggestion.objects.count() == 1 and not SuggestionDraft.objects.exists()


def test_a_whole_proposal_made_again_in_forms_shown_anew(browser: Client) -> None:
    locations = [_propose(browser, _filled(browser, reverse("atlas:propose"), **WHAT))[1] for _ in range(2)]
    assert locations[1] == locations[0] + "?deja=1"
    assert Suggestion.objects.count() == 1 and not SuggestionDraft.objects.exists()


def test_going_back_to_the_first_step_before_sending_keeps_one_draft(browser: Client) -> None:
    first = _filled(browser, reverse("atlas:propose"), **WHAT)
    browser.post(reverse("atlas:propose"), first)
    browser.post(reverse("atlas:propose"), {**first, "name": "Atelier vélo du parc"})
    assert SuggestionDraft.objects.get().data["1"]["name"] == ["Atelier vélo du parc"]


@pytest.mark.parametrize(
    ("step", "changed"), [(1, {"name": "Un autre"}), (2, {"commune": "Bron"}), (3, {"phone": "04 78 00 00 00"})]
)
def test_a_step_changed_after_sending_asks_first_and_keeps_everything(
    browser: Client, step: int, changed: dict[str, str]
) -> None:
    secret, _location = _propose(browser, _filled(browser, reverse("atlas:propose"), **WHAT))
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    typed = {1: WHAT, 2: WHERE, 3: LAST}[step]
    answer = browser.post(_step(secret, step), {**typed, **changed, **token})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Vous avez déjà envoyé ce formulaire" in page
    assert Suggestion.objects.count() == 1
    again = SuggestionDraft.objects.get().secret
    for number in range(step, 4):
        shown = _filled(browser, _step(again, number))
        answer = browser.post(_step(again, number), shown)
    assert Suggestion.objects.count() == 2 and "deja" not in answer["Location"]
    name, value = next(iter(changed.items()))
    sent = Suggestion.objects.order_by("-pk")[0].payload
    assert {**sent["entry"], **sent["place"]}[name] == value
    assert sent["entry"]["summary"] == WHAT["summary"] and sent["place"]["lat"] == 45.7


def test_withdrawing_or_appealing_twice_is_once(browser: Client, entry: Entry) -> None:
    address = _reports(entry)[0]
    browser.post(address, _filled(browser, address))
    code = code_as_shown(Suggestion.objects.get().code)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    for _ in range(2):
        assert browser.post(reverse("atlas:withdraw", args=[code]), token).status_code == 302
    assert Suggestion.objects.get().state == "withdrawn"
    Suggestion.objects.update(state="refused")
    for _ in range(2):
        assert browser.post(reverse("atlas:appeal", args=[code]), {**token, "text": "Je l’ai vu."}).status_code == 302
    assert browser.post(reverse("atlas:appeal", args=[code]), {**token, "text": "Encore."}).status_code == 422
