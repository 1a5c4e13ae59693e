"""The shipped tables: complete, consistent, and refused with a place when broken."""

from __future__ import annotations

import pytest

from classifiers import lexicon
from classifiers.contract import ALERTING_CATEGORIES, Category
from classifiers.lexicon import Cue, CueKind, VocabularyError, parse_table
from classifiers.text.normalise import normalise
from classifiers.text.reading import PRICE


def test_every_category_has_terms() -> None:
    """A trade without words cannot be searched for."""
    searched = {row.category for row in lexicon.starter_keywords() if row.search}
    assert searched == set(Category)


def test_terms_are_one_of_a_kind() -> None:
    """The store keeps one keyword a spelling, so the file may not repeat one."""
    forms = [normalise(row.term).text for row in lexicon.starter_keywords()]
    assert len(forms) == len(set(forms))
    assert all(forms)


def test_rows_keep_the_promises_of_a_keyword() -> None:
    """What ``monitor init`` imports fits its own checks."""
    for row in lexicon.starter_keywords():
        assert 0 < row.weight <= 3, row
        assert 0 < len(row.term) <= 100, row
        assert row.severity in {"low", "medium", "high"}, row
        assert row.language in {"zh", "en"}, row
        assert row.reason, row


def test_core_categories_have_strong_terms() -> None:
    """Each category that alerts has words that nearly name it."""
    strong = {row.category for row in lexicon.starter_keywords() if row.severity == "high"}
    assert strong >= ALERTING_CATEGORIES


def test_terms_mirror_the_rows() -> None:
    """The lexicon gets what the file says."""
    for term, row in zip(lexicon.starter_terms(), lexicon.starter_keywords(), strict=True):
        assert (term.text, term.category, term.weight) == (row.term, row.category, row.weight)
        assert term.source == "starter"


def test_cues_speak_the_way_of_their_kind() -> None:
    """A benign cue never speaks for an offer, nor a lure against one."""

    def signs(*kinds: CueKind) -> list[Cue]:
        return [cue for cue in lexicon.cues() if cue.kind in kinds]

    assert all(c.weight < 0 for c in signs(CueKind.BENIGN, CueKind.REFUSAL, CueKind.FORM))
    assert all(c.weight > 0 for c in signs(CueKind.LURE, CueKind.HANDOFF, CueKind.CONTEXT))
    assert all((cue.intent is not None) == (cue.kind is CueKind.INTENT) for cue in lexicon.cues())


def test_parts_and_combinations_name_known_topics() -> None:
    """A part that no topic explains would count for nothing."""
    topics = {topic.part for topic in lexicon.topics()}
    assert {part.part for part in lexicon.parts()} | {PRICE} == topics
    assert {part for pair in lexicon.combinations() for part in pair.parts} <= topics


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("wrong,part\n", "line 1: the heading is not phrase,part,weight"),
        ("phrase,part,weight\na,b\n", "line 2: 2 cells instead of 3"),
        ("phrase,part,weight\na,b,1\nc,d,heavy\n", "line 3: could not convert"),
        ("phrase,part,weight\na,b,9\n", "line 2: weight 9.0 is not between"),
        ("phrase,part,weight\n,b,1\n", "line 2: phrase is empty"),
        ('phrase,part,weight\n"a,b,1\n', "line 2: unexpected end of data"),
        ("phrase,part,weight\na,b,nan\n", "line 2: weight nan"),
    ],
)
def test_broken_table_is_refused_with_file_and_line(text: str, reason: str) -> None:
    """Whoever edits a table learns where the mistake is."""
    columns = ("phrase", "part", "weight")
    with pytest.raises(VocabularyError, match=reason) as caught:
        parse_table("parts.csv", text, columns, lexicon._part)
    assert str(caught.value).startswith("parts.csv, ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"category": "nothing"}, "nothing"),
        ({"severity": "huge"}, "severity is 'huge'"),
        ({"search": "maybe"}, "search is 'maybe'"),
        ({"reason": " "}, "reason is empty"),
        ({"weight": "0"}, "weight 0.0"),
    ],
)
def test_broken_keyword_is_refused(change: dict[str, str], reason: str) -> None:
    """Each column of a keyword is checked."""
    row = {
        "term": "人脸四件套",
        "category": "face_id_bundle",
        "language": "zh",
        "severity": "high",
        "weight": "1.5",
        "search": "yes",
        "reason": "because",
    }
    assert lexicon._keyword(row).search
    with pytest.raises(ValueError, match=reason):
        lexicon._keyword(row | change)
