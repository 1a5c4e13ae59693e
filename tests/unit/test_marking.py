"""Marks in a hit's text: a word that a rule names is marked whole."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.console.marking import Token, mark

TEXT = "出人脸四件套 现货秒发"


def reason(signal: str, words: str, weight: float = 1.0) -> dict[str, Any]:
    """Evidence at the place of some words."""
    start = TEXT.index(words)
    return {"signal": signal, "start": start, "end": start + len(words), "weight": weight}


def marked(tokens: list[Token]) -> dict[int, str]:
    """By number: the text inside the mark."""
    found: dict[int, str] = {}
    open_: list[int] = []
    for token in tokens:
        if token.kind == "open":
            open_.append(token.number)
        elif token.kind == "close":
            open_.remove(token.number)
        for number in open_:
            found[number] = found.get(number, "") + token.text
    return found


@pytest.mark.parametrize("signal", ["ngrams", "encoder"])
@pytest.mark.parametrize(
    "words", ["四件", "脸四", "出人", "人脸四件套", "套 现", "出人脸四件套 现货"]
)
def test_learned_piece_does_not_cut_a_word(signal: str, words: str) -> None:
    """Whichever of the two is stronger, and however they overlap."""
    for evidence in (
        [reason(signal, words), reason("lexicon", "人脸四件套")],
        [reason("lexicon", "人脸四件套"), reason(signal, words)],
    ):
        tokens = mark(TEXT, evidence)
        term = evidence.index(reason("lexicon", "人脸四件套")) + 1
        assert marked(tokens) == {term: "人脸四件套"}
        assert Token("text", "人脸四件套") in tokens


def test_learned_piece_is_marked_where_no_word_is() -> None:
    """Beside a word, and over another learned piece."""
    evidence = [
        reason("lexicon", "人脸四件套"),
        reason("encoder", "现货秒"),
        reason("ngrams", "货秒发"),
        reason("ngrams", "出"),
    ]
    assert marked(mark(TEXT, evidence)) == {1: "人脸四件套", 2: "现货秒", 3: "货秒发", 4: "出"}


def test_reasons_of_rules_may_lie_on_one_another() -> None:
    """Both are marked."""
    evidence = [reason("lexicon", "人脸四件套"), reason("part", "人脸", -1.0)]
    assert marked(mark(TEXT, evidence)) == {1: "人脸四件套", 2: "人脸"}


def test_unmarked_reason_hides_no_text() -> None:
    """All of the text is written, in order."""
    tokens = mark(TEXT, [reason("ngrams", "四件"), reason("lexicon", "人脸四件套")])
    assert "".join(token.text for token in tokens) == TEXT
