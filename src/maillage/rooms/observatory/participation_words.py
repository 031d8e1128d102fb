"""What the figures of participation say, in plain words: sentences, labels, notes. No figure is made here."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.core.channels.kinds import Channel
from maillage.core.rooms import room
from maillage.core.web.dates import long_date
from maillage.core.web.wording import SPACE, number
from maillage.kernels.weights.margins import Fault, FaultKind
from maillage.rooms.observatory.participation_margins import MarginFault
from maillage.rooms.observatory.participation_questions import TOGETHER, label_of, people_of, questions
from maillage.rooms.observatory.participation_shares import LEAST_WEIGHED, Compared, Merged, Weighing
from maillage.rooms.observatory.participation_summary import ParticipationSummary

NOWHERE = "?"


def hidden() -> str:
    """What stands where a count is hidden."""
    return _("masqué")


def percent(share: float | None) -> str:
    """A share as one reads it: 12 %; the hidden word for None."""
    return hidden() if share is None else _unbroken(_("%(count)s %%") % {"count": number(round(100 * share))})


def _unbroken(words: str) -> str:
    return words.replace(" ", SPACE)


def points(difference: float | None) -> str:
    """A difference of two shares, with its sign: −9 points."""
    if difference is None:
        return hidden()
    rounded = round(100 * difference)
    sign = "−" if rounded < 0 else "+" if rounded > 0 else ""
    return _unbroken(ngettext("%(count)s point", "%(count)s points", abs(rounded)) % {"count": f"{sign}{abs(rounded)}"})


def count(people: int | None) -> str:
    """A count, or the hidden word."""
    return hidden() if people is None else number(people)


def channel_name(code: str) -> str:
    """The word of a channel."""
    return str(Channel(code).label) if code in Channel.values else code


def room_name(code: str) -> str:
    """The label of a room, or of what is no room."""
    if code == "meeting":
        return _("Réunions, ateliers, fêtes")
    found = room(code)
    return _(found.label) if found else code


def place_name(code: str, names: dict[str, str]) -> str:
    """The name of a place; a town that holds districts may be named without one."""
    if code.rstrip("*") == NOWHERE:
        return _("Lieu non renseigné")
    if code.startswith("autour:"):
        return _("Communes où moins de 30 personnes ont répondu, ensemble")
    name = names.get(code.rstrip("*"), code.rstrip("*"))
    return _("%(name)s, arrondissement non renseigné") % {"name": name} if code.endswith("*") else name


def answer_name(question: str, code: str) -> str:
    """A question with one of its answers: Logement : HLM."""
    return _("%(question)s : %(answer)s") % {
        "question": _(questions()[question].short),
        "answer": label_of(question, code),
    }


def month_name(code: str) -> str:
    """novembre 2026."""
    return long_date(code)


def joined(words: Iterable[str]) -> str:
    """One, two and three."""
    own = list(words)
    return (
        own[0]
        if len(own) == 1
        else _("%(first)s et %(last)s") % {"first": ", ".join(own[:-1]), "last": own[-1]}
        if own
        else ""
    )


def group_people(question: str, answers: tuple[str, ...]) -> str:
    """The people of a group: "les 65 ans et plus"."""
    together = TOGETHER.get((question, answers))
    return _(together.people) if together else joined(people_of(question, code) for code in answers)


def group_name(question: str, answers: tuple[str, ...]) -> str:
    """The name of a group at the head of a line: "65 ans ou plus"."""
    together = TOGETHER.get((question, answers))
    return _(together.label) if together else joined(label_of(question, code) for code in answers)


def first_sentence(found: ParticipationSummary) -> str:
    """Who took part, before any table."""
    where = found.name or _("Partout")
    if not found.acts and not found.people and found.acts is not None and found.people is not None:
        return _("%(where)s : personne n’a encore pris part.") % {"where": where}
    acts = (
        _("moins de 10 contributions, ou un nombre qui les trahirait")
        if found.acts is None
        else ngettext("%(count)s contribution", "%(count)s contributions", found.acts) % {"count": number(found.acts)}
    )
    people = (
        _("trop peu de personnes ont dit qui elles sont pour publier un chiffre")
        if found.people is None
        else ngettext(
            "%(count)s personne a bien voulu dire qui elle est",
            "%(count)s personnes ont bien voulu dire qui elles sont", found.people,
        )
        % {"count": number(found.people)}
    )  # fmt: skip
    return _("%(where)s : %(acts)s ; %(people)s.") % {"where": where, "acts": acts, "people": people}


def missing_sentence(one: Compared) -> str:
    """One group that is missing, in words with its figures."""
    return _(
        "Il manque %(people)s : %(share)s des personnes qui ont répondu, %(population)s des habitants. "
        "L’écart est de %(difference)s (entre %(low)s et %(high)s)."
    ) % {
        "people": group_people(one.question, one.answers), "share": percent(one.share), "population": percent(one.population),
        "difference": points(one.difference), "low": points(one.difference_low), "high": points(one.difference_high),
    }  # fmt: skip


def between(one: Compared) -> str:
    """The interval of a difference."""
    return _("entre %(low)s et %(high)s") % {"low": points(one.difference_low), "high": points(one.difference_high)}


def verdict_word(one: Compared) -> str:
    """The verdict of a line of the table."""
    words = {
        "missing": _("Il en manque"), "many": _("Plus nombreux que dans la population"), "alike": _("Le hasard peut l’expliquer"),
        "hidden": _("Trop peu pour le dire"),
    }  # fmt: skip
    return words[one.verdict]


def weighing_sentence(one: Weighing) -> str:
    """What the weights are, or why there are none."""
    if one.why_not == "no_margin":
        return _("Aucun poids : les chiffres de la population ne sont pas chargés pour ce territoire.")
    if one.why_not == "too_few":
        return _("Aucun poids : il faut au moins %(least)s personnes qui ont dit qui elles sont.") % {
            "least": LEAST_WEIGHED
        }
    if one.why_not == "hidden":
        return _("Aucun poids publié : trop peu de personnes.")
    if one.why_not:
        return _("Aucun poids : ces chiffres ne peuvent pas être respectés tous à la fois.")
    return _(
        "Pour ressembler à la population, la réponse la moins comptée vaut %(small)s personne et la plus comptée %(large)s. "
        "Les %(people)s réponses renseignent alors autant que %(worth)s réponses tirées au hasard."
    ) % {
        "small": _decimal(one.smallest), "large": _decimal(one.largest), "people": number(one.people),
        "worth": number(round(one.effective_size)),
    }  # fmt: skip


def _decimal(value: float) -> str:
    return number(round(value, 2))


def merged_sentence(one: Merged) -> str:
    """A group that was counted with another one, and why."""
    first, other = group_people(one.question, one.group), group_people(one.question, one.into)
    words = _(
        "Pour les poids, %(first)s sont comptés avec %(other)s : il n’y a aucune réponse, ou aucun habitant, en face."
    )
    return words % {"first": first, "other": other}


def fault_sentence(one: Fault) -> str:
    """Why weights cannot be had, for one fault of the kernel."""
    name = _(questions()[one.margin].short) if one.margin in questions() else one.margin
    words = {
        FaultKind.LIMITS: _("« %(name)s » : une réponse devrait compter plus de cinq fois, ou moins d’un cinquième."),
        FaultKind.EMPTY: _("« %(name)s » : personne n’a donné une des réponses."),
        FaultKind.NO_POPULATION: _("« %(name)s » : une réponse n’a aucun habitant en face."),
        FaultKind.TOTALS: _("« %(name)s » : les totaux ne sont pas ceux de la même population."),
        FaultKind.CONTRADICTION: _("« %(name)s » : chez les personnes venues, ses chiffres contredisent une autre question."),
    }  # fmt: skip
    return words[one.kind] % {"name": name}


def margin_fault_sentence(one: MarginFault) -> str:
    """Why the figures loaded for a question are not used."""
    name = _(questions()[one.question].short) if one.question in questions() else one.question
    return _("« %(name)s » : chiffres de la population écartés, car %(why)s.") % {"name": name, "why": one.why}
