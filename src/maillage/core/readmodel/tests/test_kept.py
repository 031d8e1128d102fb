"""What is kept in memory is bounded, small answers too, and does not outlive what it was about."""

from __future__ import annotations

from maillage.core.readmodel.kept import OVERHEAD, Kept


def test_many_small_answers_are_bounded_too() -> None:
    kept = Kept(100 * OVERHEAD)
    for number in range(1_000):
        kept.put((number,), b"", 0)
    assert len(kept._found) == 100 and kept.get((999,)) == b"" and kept.get((0,)) is None
    kept.put((999,), b"x", 50 * OVERHEAD)
    assert len(kept._found) == 50 and kept._bytes <= kept.most_bytes


def test_answers_of_another_state_are_let_go() -> None:
    kept = Kept(10**6)
    kept.of(1).put((1, "a"), "one", 10)
    assert kept.of(1).get((1, "a")) == "one"
    assert kept.of(2).get((1, "a")) is None and kept._bytes == 0 and not kept._found
    kept.of(2).put((2, "a"), "two", 10)
    assert kept._bytes == 10 + OVERHEAD


def test_only_those_of_the_living_stay() -> None:
    kept = Kept(10**6)
    for part in (1, 2, 3):
        kept.put((part, "a"), part, 10)
    kept.among(frozenset({1, 3}))
    assert [kept.get((part, "a")) for part in (1, 2, 3)] == [1, None, 3]
    assert kept._bytes == 2 * (10 + OVERHEAD)
    kept.among(frozenset({4}))
    assert not kept._found and kept._bytes == 0
