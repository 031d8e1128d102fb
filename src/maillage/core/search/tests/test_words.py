"""Words as people type them, and the query they make."""

from __future__ import annotations

import pytest

from maillage.core.search import counting, index
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

    def test_a_common_word_is_met_by_its_stem_and_a_rare_one_by_its_beginning(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(index, "COMMON", 3)
        for number, title in enumerate(["Rennes", "À Rennes", "Rennes encore", "Renage"]):
            self.put(number, title)
        assert understand("rennes").tsquery == "(rennes:*)", "not counted yet"
        assert counting.count_documents() == 3
        assert dict(Word.objects.values_list("word", "documents")) == {"rennes": 3, "encore": 1, "renage": 1}
        assert counting.count_documents() == 0, "nothing changed"
        assert understand("rennes").tsquery == "(rennes)"
        assert understand("encor").tsquery == "(encor:*)" and understand("renage").tsquery == "(renage:*)"

    def test_a_query_is_broad_when_its_rarest_word_is_common(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(index, "COMMON", 2)
        monkeypatch.setattr(index, "MANY", 3)
        for number, title in enumerate(["Tilleul rare", "Tilleul", "Tilleul encore", "Autre"]):
            self.put(number, title)
        counting.count_documents()
        asked = {text: understand(text).is_broad for text in ("tilleul", "tileull", "tilleul rare", "autre", "ti")}
        assert asked == {"tilleul": True, "tileull": True, "tilleul rare": False, "autre": False, "ti": False}

    def test_the_first_count_is_wanted_where_documents_are_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.put(1, "Jardin")
        assert not counting.is_count_wanted()
        monkeypatch.setattr(counting, "MANY_DOCUMENTS", -2)  # the engine has no estimate of a table not analysed
        assert counting.is_count_wanted()
        counting.count_documents()
        assert not counting.is_count_wanted()
