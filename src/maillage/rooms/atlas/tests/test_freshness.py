"""Freshness: ages never overstated, quality as data·inclusion counts it, rounds that respect people, answers by each way."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from maillage.core.channels.models import LedgerEntry, OutboundMessage
from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.people.models import Person
from maillage.core.people.tests.makers import person_of
from maillage.rooms.atlas.freshness import age_in_words, is_old, last_said, latest_day, quality, years_since
from maillage.rooms.atlas.freshness_actions import Given, start_round, take_answer, type_answers
from maillage.rooms.atlas.freshness_inbox import receive_folder, receive_sms
from maillage.rooms.atlas.freshness_letters import answer_url, sms_words
from maillage.rooms.atlas.freshness_models import ContactStop, FreshnessRequest, FreshnessRound
from maillage.rooms.atlas.freshness_privacy import erase_requests, export_requests, forget_contacts
from maillage.rooms.atlas.freshness_queries import (
    Asked,
    asked_from,
    counts_by_age,
    digest_of,
    old_entries,
    plan_of,
    request_of_token,
    token_of,
    waiting_since,
)
from maillage.rooms.atlas.models import Entry, Revision, Suggestion
from maillage.rooms.atlas.tests.test_duplicates import made

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def moderator() -> Person:
    person = person_of("moderator")
    assert person is not None
    return person


def old(name: str = "Maison du projet", **place: object) -> Entry:
    return made(
        "annuaire", name, **{"source_on": "2021-05", "phone": "0612345678", "email": "accueil@exemple.fr", **place}
    )


def one_request(moderator: Person, way: str = "mail") -> FreshnessRequest:
    if not Entry.objects.exists():
        old()
    start_round(moderator, "Essai", Asked(way=way))
    return FreshnessRequest.objects.latest("pk")


class TestAge:
    def test_it_is_never_overstated(self) -> None:
        assert latest_day("2021") == date(2021, 12, 31)
        assert latest_day("2021-02") == date(2021, 2, 28)
        assert latest_day("2021-13") is latest_day("n.c.") is latest_day("") is None
        assert years_since("2024", TODAY) == 1
        assert years_since("2025-11-24", TODAY) == 0
        assert years_since("2025-11-23", TODAY) == 1

    def test_its_words(self) -> None:
        entry = old()
        assert age_in_words(entry, TODAY) == "Cette fiche a 5 ans sans confirmation."
        assert is_old(entry, TODAY)
        Entry.objects.filter(pk=entry.pk).update(confirmed_on=date(2026, 11, 3))
        entry.refresh_from_db()
        assert age_in_words(entry, TODAY) == "Confirmée le 3 novembre 2026."
        assert not is_old(entry, TODAY)
        assert (
            age_in_words(made("autre", "Neuf", source_on="2026-10"), TODAY)
            == "Information datée\N{NO-BREAK SPACE}: octobre 2026."
        )
        assert age_in_words(made("autre", "Sans date"), TODAY) == "On ne sait pas de quand date cette fiche."

    def test_the_database_counts_as_the_page_says(self, moderator: Person) -> None:
        dates = [
            "",
            "2026-11-01",
            "2026",
            "2025-11-23",
            "2025-11-24",
            "2025",
            "2024-01",
            "2023",
            "2023-11-22",
            "2020",
            "1999-12-31",
        ]
        for number, said in enumerate(dates):
            made("annuaire", f"Lieu {number}", source_on=said)
        counted = {one.years: one.count for one in counts_by_age(moderator, Asked(), TODAY)}
        expected: dict[int | None, int] = dict.fromkeys(counted, 0)
        for entry in Entry.objects.all():
            years = years_since(last_said(entry), TODAY)
            expected[years if years is None else min(years, 3)] += 1
        assert counted == expected
        chosen = set(old_entries(moderator, Asked(months=12), TODAY).values_list("pk", flat=True))
        assert chosen == {entry.pk for entry in Entry.objects.all() if is_old(entry, TODAY)}


class TestQuality:
    def test_a_fuller_and_fresher_entry_is_worth_more(self) -> None:
        poor = made("annuaire", "Pauvre", source_on="2015")
        fields = {"themes": ["rights"], "publics": ["everyone"], "description": "Un lieu pour tous. " * 15}
        rich = made("annuaire", "Riche", source_on=timezone.localdate().isoformat(), phone="0472000001", email="a@exemple.fr",
                    address="5 rue Pasteur", fields=fields)  # fmt: skip
        assert 0 <= quality(poor).score < quality(rich).score <= 1
        assert "Thème" in quality(poor).missing
        assert "Thème" not in quality(rich).missing
        assert dict(quality(rich).criteria)["Information récente"] == 1

    def test_it_is_the_package_s_own_score(self) -> None:
        from data_inclusion.schema.v1 import Service
        from data_inclusion.schema.v1.score_qualite import score

        from maillage.core.exports import data_inclusion
        from maillage.rooms.atlas.freshness import _service

        entry = made("annuaire", "Riche", source_on="2026-01", phone="0472000001", address="5 rue Pasteur",
                     fields={"themes": ["rights"], "description": "Un lieu pour tous. " * 15})  # fmt: skip
        record = data_inclusion.service(_service(entry)).record
        assert record is not None
        assert quality(entry).score == score(Service.model_validate(record))[0]

    @pytest.mark.parametrize("description", ["", "x", "y" * 20_000])
    def test_odd_entries_have_a_score_too(self, description: str) -> None:
        entry = made(
            "annuaire",
            "X",
            commune="",
            commune_code="",
            postcode="",
            fields={"description": description, "summary": ""},
        )
        assert 0 <= quality(entry).score <= 1


class TestRounds:
    def test_who_is_asked_and_who_is_left_out(self, moderator: Person) -> None:
        asked = old("Une")
        old("Sans contact", email="", phone="")
        old("Récente", source_on=timezone.localdate().isoformat())
        Entry.objects.filter(pk=old("Fermée").pk).update(status="closed")
        plan = plan_of(moderator, Asked(way="mail"))
        assert [entry for one in plan.contacts for entry in one.entries] == [asked]
        assert plan.left_out == {"no_contact": 1}

    def test_a_contact_is_asked_once_in_six_months_by_any_way(self, moderator: Person) -> None:
        old()
        start_round(moderator, "Une", Asked(way="sms"))
        assert plan_of(moderator, Asked(way="phone")).left_out == {"asked_lately": 1}
        with pytest.raises(Invalid):
            start_round(moderator, "Deux", Asked(way="sms"))
        FreshnessRequest.objects.update(asked_at=timezone.now() - timedelta(days=184))
        assert plan_of(moderator, Asked(way="phone")).entries == 1

    def test_one_letter_for_all_entries_of_one_contact(self, moderator: Person) -> None:
        for number in range(3):
            old(f"Lieu {number}", lon=4.8 + number / 50)
        start_round(moderator, "Essai", Asked(way="mail"))
        letter = OutboundMessage.objects.get()
        assert letter.body.count("/atlas/toujours-vrai/") == 3
        assert "une fois tous les six mois au plus" in letter.body
        assert FreshnessRequest.objects.count() == 3

    def test_one_sms_in_one_part_to_mobiles_only(self, moderator: Person) -> None:
        old("Un lieu au nom vraiment beaucoup trop long pour un seul message", phone="0612345678")
        old("Fixe", phone="0472000001")
        start_round(moderator, "Essai", Asked(way="sms"))
        letter = OutboundMessage.objects.get()
        assert letter.to == "+33612345678"
        assert "STOP" in letter.body
        assert len(sms_words(FreshnessRequest.objects.get())) <= 160

    def test_only_moderators_and_only_their_territory(self, moderator: Person) -> None:
        old()
        for kind, error in (("resident", Refused), ("helper", Refused), ("moderator_elsewhere", Invalid)):
            person = person_of(kind)
            assert person is not None
            with pytest.raises(error):
                start_round(person, "Essai", Asked(way="mail"))
        assert not FreshnessRound.objects.exists()

    def test_the_question_of_the_list_chooses(self, moderator: Person) -> None:
        old("Droits", fields={"themes": ["rights"]})
        old("Emploi", email="b@exemple.fr", fields={"themes": ["employment"]})
        asked = asked_from(QueryDict("theme=rights&voie=mail&mois=12&csrfmiddlewaretoken=x"))
        assert asked.question == "theme=rights"
        assert plan_of(moderator, asked).entries == 1


class TestAnswers:
    def test_still_true_confirms_at_once(self, moderator: Person) -> None:
        asked = one_request(moderator)
        take_answer(asked.pk, Given("still_true"))
        entry = Entry.objects.get()
        assert entry.confirmed_on == timezone.localdate()
        assert Revision.objects.filter(entry=entry, reason__contains="confirme").count() == 1
        assert LedgerEntry.objects.get(subject=f"atlas:freshness:{asked.pk}").channel == "web"
        with pytest.raises(Invalid):
            take_answer(asked.pk, Given("closed"))

    def test_closed_waits_for_a_moderator(self, moderator: Person) -> None:
        asked = one_request(moderator)
        take_answer(asked.pk, Given("closed", "Fini en juin"))
        suggestion = Suggestion.objects.get()
        assert (suggestion.kind, suggestion.state, suggestion.message) == ("closed", "proposed", "Fini en juin")
        assert Entry.objects.get().status != "closed"

    def test_stop_holds_for_every_round(self, moderator: Person) -> None:
        asked = one_request(moderator)
        take_answer(asked.pk, Given("stop"))
        FreshnessRequest.objects.update(asked_at=timezone.now() - timedelta(days=400))
        assert plan_of(moderator, Asked(way="mail")).left_out == {"stopped": 1}
        assert ContactStop.objects.get().contact_digest == digest_of("accueil@exemple.fr")

    def test_unanswered_entries_say_since_when(self, moderator: Person) -> None:
        asked = one_request(moderator)
        assert waiting_since(asked.entry) == timezone.localdate()
        take_answer(asked.pk, Given("still_true"))
        assert waiting_since(asked.entry) is None


class TestLinks:
    def test_the_link_answers_without_account(self, moderator: Person, client: Client) -> None:
        asked = one_request(moderator)
        url = answer_url(asked).removeprefix("http://testserver")
        page = client.get(url)
        assert page.status_code == 200
        assert "Oui, tout est vrai" in page.content.decode()
        assert FreshnessRequest.objects.get().answer == ""  # opening it changes nothing
        page = client.post(url, {"answer": "still_true"}, follow=True)
        assert "votre réponse est enregistrée" in page.content.decode()
        client.post(url, {"answer": "closed"})
        assert FreshnessRequest.objects.get().answer == "still_true"
        assert not Suggestion.objects.exists()

    def test_changed_leads_to_the_form(self, moderator: Person, client: Client) -> None:
        asked = one_request(moderator)
        answer = client.post(answer_url(asked), {"answer": "changed"})
        assert answer["Location"] == reverse("atlas:correct", args=[asked.entry_id])
        assert client.get(answer["Location"], follow=True).status_code == 200

    def test_changed_with_words_is_told_to_a_moderator(self, moderator: Person, client: Client) -> None:
        asked = one_request(moderator)
        client.post(answer_url(asked), {"answer": "changed", "words": "Nous avons déménagé au 12"})
        assert Suggestion.objects.get().message == "Nous avons déménagé au 12"

    def test_forged_and_expired_links_lead_nowhere(
        self, moderator: Person, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = one_request(moderator)
        token = token_of(asked.pk)
        forged = token[:-1] + ("A" if token[-1] != "A" else "B")
        for wrong in (forged, "x", f"{asked.pk}", token_of(999_999)):
            assert client.get(reverse("atlas:freshness_answer", args=[wrong])).status_code == 404
            assert (
                client.post(reverse("atlas:freshness_answer", args=[wrong]), {"answer": "still_true"}).status_code
                == 404
            )
        import time

        later = time.time() + 61 * 86_400
        monkeypatch.setattr("django.core.signing.time.time", lambda: later)
        with pytest.raises(Missing):
            request_of_token(token)

    def test_an_unknown_answer_is_refused_kindly(self, moderator: Person, client: Client) -> None:
        asked = one_request(moderator)
        assert client.post(answer_url(asked), {"answer": "unreached"}).status_code == 422
        assert client.post(answer_url(asked)).status_code == 422

    def test_a_link_of_a_merged_entry_confirms_the_one_that_stays(self, moderator: Person, client: Client) -> None:
        from maillage.rooms.atlas.actions_apply import merge
        from maillage.rooms.atlas.actions_save import Origin

        asked = one_request(moderator)
        kept = old("Celle qui reste", email="b@exemple.fr")
        merge(Entry.objects.get(pk=asked.entry_id), kept.pk, Origin(channel="web"))
        client.post(answer_url(asked), {"answer": "still_true"})
        assert Entry.objects.get(pk=kept.pk).confirmed_on == timezone.localdate()


class TestSms:
    @pytest.mark.parametrize("text", ["OUI {code}", "oui {code}", " Oui,{code}. ", "OUI", "{code} oui"])
    def test_yes(self, moderator: Person, text: str) -> None:
        asked = one_request(moderator, "sms")
        received = receive_sms("06 12 34 56 78", text.format(code=asked.code))
        assert received.outcome == "still_true"
        assert FreshnessRequest.objects.get().channel == "sms"
        assert Entry.objects.get().confirmed_on == timezone.localdate()
        receive_sms("06 12 34 56 78", text.format(code=asked.code))
        assert LedgerEntry.objects.filter(subject=f"atlas:freshness:{asked.pk}").count() == 1

    def test_closed_and_free_words(self, moderator: Person) -> None:
        asked = one_request(moderator, "sms")
        receive_sms("+33612345678", f"FERMÉ {asked.code} depuis juin")
        suggestion = Suggestion.objects.get()
        assert (suggestion.kind, suggestion.channel) == ("closed", "sms")
        assert "depuis juin" in suggestion.message

    def test_words_without_keyword_are_not_lost(self, moderator: Person) -> None:
        one_request(moderator, "sms")
        assert receive_sms("+33612345678", "On a déménagé place Léon Sublet").outcome == "changed"
        assert "place Léon Sublet" in Suggestion.objects.get().message

    def test_a_code_counts_from_its_own_number_only(self, moderator: Person) -> None:
        asked = one_request(moderator, "sms")
        assert receive_sms("+33699999999", f"OUI {asked.code}").outcome == "nothing_asked"
        assert FreshnessRequest.objects.get().answer == ""
        assert OutboundMessage.objects.filter(to="+33699999999").count() == 0

    def test_stop_is_honoured_and_confirmed_once(self, moderator: Person) -> None:
        one_request(moderator, "sms")
        for _again in range(2):
            assert receive_sms("+33612345678", "Stop").outcome == "stop"
        assert OutboundMessage.objects.filter(body__contains="ne recevrez plus").count() == 1
        assert FreshnessRequest.objects.get().answer == "stop"
        assert plan_of(moderator, Asked(way="phone")).left_out == {"stopped": 1}

    def test_stop_from_somebody_never_asked(self) -> None:
        assert receive_sms("+33612345678", "STOP").outcome == "stop"
        assert receive_sms("n'importe", "STOP").outcome == "no_number"

    def test_files_of_a_gateway(self, moderator: Person, tmp_path: Path) -> None:
        asked = one_request(moderator, "sms")
        (tmp_path / "a.txt").write_text(f"From: +33612345678\n\nOUI {asked.code}\n", encoding="utf-8")
        (tmp_path / "b.txt").write_bytes(b"\xff\xfe rien")
        assert receive_folder(tmp_path) == 1
        assert [path.name for path in (tmp_path / "done").iterdir()] == ["a.txt"]
        assert [path.name for path in (tmp_path / "failed").iterdir()] == ["b.txt"]
        assert receive_folder(tmp_path) == 0


class TestTelephone:
    def test_from_the_list_to_the_typed_answers(self, moderator: Person, client: Client) -> None:
        for number in range(3):
            old(f"Lieu {number}", phone=f"047200000{number}", email="")
        helper = person_of("helper")
        assert helper is not None
        client.force_login(moderator)
        page = client.post(
            reverse("atlas:freshness_new"), {"voie": "phone", "mois": "12", "titre": "Automne"}
        ).content.decode()
        assert "3 fiches seront vérifiées" in page
        assert not FreshnessRound.objects.exists()
        client.post(reverse("atlas:freshness_new"), {"voie": "phone", "mois": "12", "titre": "Automne", "sure": "1"})
        one = FreshnessRound.objects.get()
        assert not OutboundMessage.objects.exists()
        client.force_login(helper)
        assert "Automne" in client.get(reverse("atlas:freshness")).content.decode()
        page = client.get(reverse("atlas:freshness_list", args=[one.pk])).content.decode()
        assert 'href="tel:+33472000001"' in page
        first, second, third = FreshnessRequest.objects.order_by("pk")
        url = reverse("atlas:freshness_typing", args=[one.pk])
        sent = {f"reponse-{first.pk}": "still_true", f"reponse-{second.pk}": "closed", f"mots-{second.pk}": "depuis mai",
                f"reponse-{third.pk}": "unreached", "reponse-999999": "stop", "reponse-x": "stop"}  # fmt: skip
        assert "3 réponses enregistrées" in client.post(url, sent, follow=True).content.decode()
        first.refresh_from_db()
        assert (first.channel, first.entered_by) == ("phone", helper)
        line = LedgerEntry.objects.get(subject=f"atlas:freshness:{first.pk}")
        assert (line.channel, line.for_whom, line.entered_by) == ("phone", "in_place", helper)
        assert Suggestion.objects.get().entered_by == helper
        page = client.get(url).content.decode()  # who was not reached is called again
        assert third.entry.name in page and first.entry.name not in page

    def test_two_who_type_the_same_line(self, moderator: Person) -> None:
        asked = one_request(moderator, "phone")
        assert type_answers(moderator, asked.round_id, {asked.pk: ("still_true", "")}).done == 1
        typed = type_answers(moderator, asked.round_id, {asked.pk: ("closed", "")})
        assert typed.done == 0 and "déjà une réponse" in typed.faults[asked.pk]

    def test_the_printed_list(self, moderator: Person, client: Client) -> None:
        import io

        old("Café de l’Œuvre 🎉 <b>gras</b> #let x", phone="0472000001")
        old("Deuxième fiche du même numéro", phone="04 72 00 00 01", lon=4.9)
        asked = one_request(moderator, "phone")
        client.force_login(moderator)
        answer = client.get(reverse("atlas:freshness_pdf", args=[asked.round_id]))
        assert answer["Content-Type"] == "application/pdf"
        reader = PdfReader(io.BytesIO(answer.content))
        text = "\n".join(page.extract_text() for page in reader.pages)
        assert "Café de l’Œuvre" in text and "<b>gras</b>" in text
        assert asked.code in text
        assert "1 appel ·" in text.replace("\xa0", " ")
        assert "Toujours vrai" in text

    def test_a_mail_round_has_no_list(self, moderator: Person, client: Client) -> None:
        asked = one_request(moderator)
        client.force_login(moderator)
        assert client.get(reverse("atlas:freshness_list", args=[asked.round_id])).status_code == 404


class TestPages:
    def test_the_overview_and_the_round(self, moderator: Person, client: Client) -> None:
        asked = one_request(moderator)
        client.force_login(moderator)
        page = client.get(reverse("atlas:freshness")).content.decode()
        assert "ans sans confirmation" in page
        assert "Qualité\N{NO-BREAK SPACE}:" in page
        page = client.get(reverse("atlas:freshness_round", args=[asked.round_id])).content.decode()
        assert "Sans réponse depuis le" in page

    def test_a_form_not_filled_says_so(self, moderator: Person, client: Client) -> None:
        client.force_login(moderator)
        assert client.post(reverse("atlas:freshness_new"), {"voie": "phone", "mois": "12"}).status_code == 422
        filled = {"voie": "phone", "mois": "12", "titre": "Rien", "sure": "1"}
        assert client.post(reverse("atlas:freshness_new"), filled).status_code == 422


class TestPrivacy:
    def test_contacts_are_forgotten(self, moderator: Person) -> None:
        asked = one_request(moderator)
        assert forget_contacts(timezone.now()) == 0
        assert forget_contacts(timezone.now() + timedelta(days=184)) == 1
        asked.refresh_from_db()
        assert asked.contact == "" and asked.contact_digest

    def test_export_and_erasure(self, moderator: Person) -> None:
        asked = one_request(moderator, "phone")
        type_answers(moderator, asked.round_id, {asked.pk: ("still_true", "")})
        assert export_requests(moderator)[0]["typed_by_you"] is True
        assert erase_requests(moderator) == 1
        assert export_requests(moderator) == []


def test_a_setting_names_nobody(settings: Settings) -> None:
    """The digest of a contact cannot be found again without the key of the installation."""
    one = digest_of("+33612345678")
    settings.SECRET_KEY = "another"
    assert digest_of("+33612345678") != one
