"""Translations: all that is marked is collected, English is complete, Arabic is complete where it must be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation
from django.utils.translation import gettext, ngettext

from maillage.house import catalogues
from maillage.house.catalogues import Lack

PACKAGE = catalogues.PACKAGE


@pytest.fixture(scope="module")
def lacks() -> list[Lack]:
    return catalogues.lacks()


@pytest.mark.parametrize("locale", ["fr", *catalogues.LOCALES])
def test_nothing_lacks(locale: str, lacks: list[Lack]) -> None:
    found = [f"{lack.where}: {lack.why}: {lack.sentence}" for lack in lacks if lack.locale == locale]
    assert not found, "\n".join([f"{len(found)} sentences; the first:", *found[:10]])


def test_every_mark_of_a_template_is_collected() -> None:
    """Compared with a second, simpler reading of the templates."""
    known = {
        message.id if isinstance(message.id, str) else message.id[0]
        for catalogue in catalogues.collected().values()
        for message in catalogue
    }
    marked = set()
    for template in PACKAGE.rglob("templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        marked |= set(re.findall(r"{%\s*(?:translate|trans)\s+\"([^\"]+)\"", text)) | set(
            re.findall(r"\b_\(\"([^\"]+)\"\)", text)
        )
    assert len(marked) > 50
    assert not {sentence for sentence in marked if sentence not in known}


def test_the_paths_that_must_be_in_arabic_exist() -> None:
    for path in catalogues.IN_ARABIC:
        folder = PACKAGE / Path(path).parent
        assert path.endswith("/") or list(folder.glob(f"{Path(path).name}*")), path


def test_no_sentence_is_marked_in_english() -> None:
    """Sentences are French: a frequent English word in one of them betrays a slip."""
    english = re.compile(r"\b(the|and|with|you|your|not found|please)\b")
    found = [
        message.id
        for catalogue in catalogues.collected().values()
        for message in catalogue
        if message.id and english.search(str(message.id))
    ]
    assert not found


def test_zero_is_singular_in_french() -> None:
    catalogues.compile_all()
    assert ngettext("%(total)s fiche", "%(total)s fiches", 0) == "%(total)s fiche"
    with translation.override("en"):
        assert gettext("Accueil") == "Home"


def test_no_line_begins_with_a_sign() -> None:
    assert catalogues.typeset("« Oui », dit-il : vite ; non ?") == "«\xa0Oui\xa0», dit-il\xa0: vite\xa0; non\xa0?"
    assert catalogues.typeset("12 : %(n)s %% en 2 min") == "12\xa0: %(n)s %% en 2 min"
    catalogues.compile_all()
    assert gettext("Retirer le filtre :") == "Retirer le filtre\xa0:"


def test_the_machine_writes_a_singular_and_a_plural_in_french() -> None:
    template = Catalog(locale="fr")
    template.add(("%(n)s lieu", "%(n)s lieux"))
    written = catalogues._french(template)
    assert written.num_plurals == 2 and written.get("%(n)s lieu").string == ("%(n)s lieu", "%(n)s lieux")  # type: ignore[union-attr]


def test_compiling_twice_does_nothing_the_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    catalogues.compile_all()
    capsys.readouterr()
    catalogues.compile_all()
    assert capsys.readouterr().out.startswith("0 ")


def test_every_name_given_to_a_function_of_gettext_is_known() -> None:
    """`from django.utils.translation import gettext_noop as other` would hide its sentences from the catalogues."""
    given = {
        name
        for source in PACKAGE.rglob("*.py")
        for line in re.findall(r"^from django\.utils\.translation import (?:\([^)]*\)|.*)", source.read_text(), re.M)
        for name in re.findall(r"gettext\w* as (\w+)", line)
    }
    assert given
    assert given <= set(catalogues.KEYWORDS)


def test_no_sentence_is_marked_within_an_f_string() -> None:
    """Babel does not look into them: the sentence would be marked and never translated."""
    found = [
        f"{source.relative_to(PACKAGE)}: {line.strip()}"
        for source in PACKAGE.rglob("*.py")
        for line in source.read_text(encoding="utf-8").splitlines()
        if re.search(r"""\bf["'].*\{(?:_|n?p?gettext\w*|translate|noop)\(""", line)
    ]
    assert not found
