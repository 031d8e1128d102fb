"""Words as people type them, and the query they make."""

from __future__ import annotations

import pytest

from maillage.core.search.index import Document, drop_documents, put_documents, understand
from maillage.core.search.models import SearchDocument, Word
from maillage.core.search.words import everyday_at, everyday_words, folded, meaningful, swapped, tokens


def test_folding() -> None:
    assert folded("ÉCLUSE, Œuvre") == "ecluse, oeuvre"
    assert tokens("l’aide à l'emploi : C.A.F. et R.S.A.") == ["l", "aide", "a", "l", "emploi", "caf", "et", "rsa"]


def test_neighbours_changed_round() -> None:
    assert swapped("abba") == ["abab", "baba"]
    assert swapped("a") == []


def test_little_words_are_left_out_unless_alone() -> None:
    assert meaningful(tokens("je cherche un jardin")) == ["jardin"]
    assert meaningful(["de", "la"]) == ["de", "la"]


def test_the_longest_everyday_phrase_wins() -> None:
    words = meaningful(tokens("écrire un CV"))
    found = everyday_at(words, 0)
    assert found is not None
    length, entry = found
    assert length == len(words)
    assert "employment" in entry.themes


def test_no_everyday_word_means_two_things() -> None:
    phrases = [phrase for entry in everyday_words() for phrase in entry.words]
    assert len(phrases) == len(set(phrases)) > 300


@pytest.mark.django_db
class TestIndex:
    def put(self, number: int, title: str, text: str = "") -> None:
        put_documents([Document(room="essai", kind="chose", object_id=number, title=title, text=text)])

    def test_typing_errors_lead_to_known_words(self) -> None:
        self.put(1, "Médiathèque", "ateliers numériques")
        assert understand("mediatéque").corrections == (("mediateque", "mediatheque"),)
        assert understand("mediath").corrections == ()
        assert understand("zzzzzz").corrections == ()

    @pytest.mark.parametrize("typed", ["PMIMS", "ipmms", "pimsm", "Pimmss"])
    def test_a_short_word_with_letters_changed_round_or_one_too_many(self, typed: str) -> None:
        self.put(1, "PIMMS de Vénissieux", "primes")
        assert understand(typed).corrections[0] == (typed.lower(), "pimms")

    def test_putting_twice_replaces(self) -> None:
        self.put(1, "Un")
        self.put(1, "Deux")
        assert list(SearchDocument.objects.values_list("title", flat=True)) == ["Deux"]

    def test_dropping_takes_out(self) -> None:
        self.put(1, "Un")
        self.put(2, "Deux")
        drop_documents("essai", "chose", [1])
        assert list(SearchDocument.objects.values_list("object_id", flat=True)) == [2]

    def test_vocabulary_holds_plain_words(self) -> None:
        self.put(1, "L’œuvre à 3 €", "Écully 69130")
        assert set(Word.objects.values_list("word", flat=True)) == {"oeuvre", "ecully"}

    def test_a_short_acronym_is_not_the_stem_of_a_longer_word(self) -> None:
        self.put(1, "Café des Arts")
        assert "cafxq" in understand("Caf").tsquery
