"""What one may say of oneself when taking part: six optional questions, each with a few wide answers.

Wide on purpose: an answer, a month and a commune must not be enough to know somebody. `needs` are the publics (codes of the
glossary) of the places where the people of an answer can be met.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

UNSAID = "?"


@dataclass(frozen=True)
class Answer:
    """One answer: its code, the word on the form, the words in a sentence ("les 15–24 ans")."""

    code: str
    label: str
    people: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """One question; `is_ordered` when neighbours may be counted together."""

    code: str
    label: str
    short: str
    answers: tuple[Answer, ...]
    is_ordered: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the answers."""
        return tuple(one.code for one in self.answers)


QUESTIONS = (
    Question("age", noop("Quel âge avez-vous ?"), noop("Âge"), (
        Answer("0_14", noop("Moins de 15 ans"), noop("les moins de 15 ans"), ("children", "families")),
        Answer("15_24", noop("15 à 24 ans"), noop("les 15–24 ans"), ("young_people", "students")),
        Answer("25_39", noop("25 à 39 ans"), noop("les 25–39 ans"), ("families", "jobseekers", "employees")),
        Answer("40_64", noop("40 à 64 ans"), noop("les 40–64 ans"), ("families", "jobseekers", "employees")),
        Answer("65_79", noop("65 à 79 ans"), noop("les 65–79 ans"), ("elderly",)),
        Answer("80_up", noop("80 ans ou plus"), noop("les 80 ans et plus"), ("elderly",)),
    ), is_ordered=True),
    Question("gender", noop("Vous êtes"), noop("Femmes, hommes"), (
        Answer("woman", noop("Une femme"), noop("les femmes"), ("women", "families")),
        Answer("man", noop("Un homme"), noop("les hommes")),
        Answer("other", noop("Autre, ou je le dis autrement"), noop("les personnes qui se disent autrement")),
    )),
    Question("housing", noop("Votre logement"), noop("Logement"), (
        Answer("hlm", noop("HLM (logement social)"), noop("les locataires HLM"), ("tenants",)),
        Answer("other", noop("Un autre logement"), noop("les personnes logées hors HLM")),
    )),
    Question("qpv", noop("Habitez-vous un quartier prioritaire (QPV) ?"), noop("Quartier prioritaire"), (
        Answer("yes", noop("Oui"), noop("les habitants des quartiers prioritaires"), ("residents", "everyone")),
        Answer("no", noop("Non"), noop("les habitants hors quartier prioritaire")),
        Answer("unknown", noop("Je ne sais pas"), noop("les personnes qui ne savent pas")),
    )),
    Question("activity", noop("Ce que vous faites surtout"), noop("Activité"), (
        Answer("work", noop("Un emploi"), noop("les personnes en emploi"), ("employees",)),
        Answer("search", noop("Je cherche un emploi"), noop("les personnes qui cherchent un emploi"), ("jobseekers",)),
        Answer("study", noop("Des études, l’école, une formation"), noop("les élèves et étudiants"),
               ("students", "young_people")),
        Answer("retired", noop("La retraite"), noop("les retraités"), ("elderly",)),
        Answer("home", noop("Autre : à la maison, en congé, en arrêt…"), noop("les autres personnes sans emploi"),
               ("people_in_hardship", "families", "disabled")),
    )),
    Question("language", noop("La langue parlée chez vous"), noop("Langue à la maison"), (
        Answer("french", noop("Le français"), noop("les personnes qui parlent français chez elles")),
        Answer("both", noop("Le français et une autre langue"),
               noop("les personnes qui parlent aussi une autre langue chez elles"),
               ("migrants",)),
        Answer("other", noop("Une autre langue"), noop("les personnes qui parlent une autre langue chez elles"), ("migrants",)),
    )),
)  # fmt: skip


# Answers that a margin counts together: the words of the whole, shorter than the list of its parts.
TOGETHER = {
    ("age", ("15_24", "25_39", "40_64")): Answer("15_64", noop("15 à 64 ans"), noop("les 15–64 ans")),
    ("age", ("65_79", "80_up")): Answer("65_up", noop("65 ans ou plus"), noop("les 65 ans et plus")),
}


@cache
def questions() -> dict[str, Question]:
    """Questions by code."""
    return {one.code: one for one in QUESTIONS}


def answer_of(question: str, code: str) -> Answer | None:
    """The answer of a code, or None for one that no question has."""
    known = questions().get(question)
    return next((one for one in known.answers if one.code == code), None) if known else None


def label_of(question: str, code: str) -> str:
    """The word of an answer in the reader's language; UNSAID is an answer too."""
    if code == UNSAID:
        return _("N’a pas répondu")
    found = answer_of(question, code)
    return _(found.label) if found else code


def people_of(question: str, code: str) -> str:
    """The words for the people of an answer, for the middle of a sentence."""
    found = answer_of(question, code)
    return _(found.people) if found else code
