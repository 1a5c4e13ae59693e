"""Reading: ordinary words cast their shadow on terms, whoever's words are asked, in linear time."""

from __future__ import annotations

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.contract import Category, Term
from classifiers.lexicon import Cue, CueKind, Word, cues, parts, starter_terms
from classifiers.text.lexicon import TermMatch
from classifiers.text.normalise import fold
from classifiers.text.reading import SHADOWS, CueMatch, Place, Reader, _unshadowed

TERM = Term("风筝", Category.FACE_ID_BUNDLE, 1.0)
PLACES = st.tuples(st.integers(0, 30), st.integers(1, 8)).map(
    lambda pair: Place(pair[0], pair[0] + pair[1])
)


def cue(kind: CueKind) -> Cue:
    """One of a kind; what else it says does not matter."""
    return Cue("x", kind, frozenset(), None, 1.0, "")


@cache
def reader() -> Reader:
    """Over the shipped vocabulary."""
    return Reader(starter_terms(), cues(), parts())


@given(st.lists(PLACES, max_size=12), st.lists(st.tuples(st.sampled_from(CueKind), PLACES)))
def test_a_term_stays_unless_a_longer_ordinary_word_holds_it(
    places: list[Place], around: list[tuple[CueKind, Place]]
) -> None:
    """Each term against each shadow, one by one, says the same."""
    terms = [TermMatch(TERM, *place, *place, ()) for place in places]
    found = {kind: [CueMatch(cue(kind), at) for k, at in around if k is kind] for kind in CueKind}
    shadows = [place for kind, place in around if kind in SHADOWS]
    assert _unshadowed(terms, found) == [
        term
        for term, place in zip(terms, places, strict=True)
        if not any(shadow.holds(place) and shadow != place for shadow in shadows)
    ]


@pytest.mark.parametrize("piece", ["人*四件套", "手持云台，手持，", "床上人脸四件套", "ren*月佥 "])
def test_time_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    """However many disguises stand in it: eight times the text is not 64 times the time."""

    def seconds(length: int) -> float:
        folded = fold((piece * length)[:length])
        best = 9.0
        for _ in range(3):
            started = time.process_time()
            reader().read(folded)
            best = min(best, time.process_time() - started)
        return best

    seconds(100)
    assert seconds(40_000) < 24 * seconds(5_000) + 0.05


def test_words_and_innocent_spellings_can_be_ones_own() -> None:
    """An operator's word is found in disguise; a spelling they call innocent stays."""
    text = fold("买feng筝 人脸 蜂筝")
    assert reader().read(text).terms == reader().read(fold("人脸")).terms == []
    words = [Word("风筝", is_distinct=True)]
    own = Reader([TERM], (), (), words=words)
    assert own.read(text).plain.text == "买风筝人脸风筝"
    assert len(own.read(text).terms) == 2
    cautious = Reader([TERM], (), (), words=words, innocent=["蜂筝"])
    assert cautious.read(text).plain.text == "买风筝人脸蜂筝"
    assert len(cautious.read(text).terms) == 1


def test_innocent_spellings_apply_to_the_shipped_words_too() -> None:
    """Without words of one's own."""
    cautious = Reader(starter_terms(), cues(), parts(), innocent=["仁脸"])
    assert cautious.read(fold("仁脸")).plain.text == "仁脸"
    assert reader().read(fold("仁脸")).plain.text == "人脸"


@pytest.mark.parametrize("phrase", ["不过不收费", "不过不收", "不成功不收钱", "不成不收"])
def test_paid_only_on_success_is_no_refusal(phrase: str) -> None:
    """不收 alone refuses; as a part of a longer cue it says when one pays."""
    found = reader().read(fold(f"代过人脸,{phrase}")).cues
    assert not found[CueKind.REFUSAL]
    assert found[CueKind.CONTEXT]


def test_a_refusal_of_its_own_stays_beside_such_a_phrase() -> None:
    """Only what lies inside the longer cue is a part of it."""
    found = reader().read(fold("不过不收费。不收实名号")).cues
    assert [match.place.start for match in found[CueKind.REFUSAL]] == [6]
