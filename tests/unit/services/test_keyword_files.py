"""Keyword files: what is written is read back, and a broken row loses that row only."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.contract import Category
from monitor.domain.keyword import KeywordDraft, Severity
from monitor.errors import InputError
from monitor.services.keyword_files import COLUMNS, export_keywords, read_keywords
from monitor.store.keywords import term_key

words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(
    lambda text: " ".join(text.split())
)
names = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
drafts = st.builds(
    KeywordDraft,
    term=words.filter(bool),
    category=st.sampled_from([category.value for category in Category]),
    language=st.sampled_from(["zh", "en"]),
    severity=st.sampled_from(Severity),
    weight=st.floats(0.01, 3.0),
    search=st.booleans(),
    sources=st.lists(names, max_size=3).map(tuple),
    owner=words,
    reason=words,
    expires_at=st.none()
    | st.datetimes(
        datetime(2020, 1, 1),  # noqa: DTZ001 -- hypothesis adds the zone
        datetime(2040, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
    ),
)


files = st.lists(drafts, max_size=8, unique_by=lambda draft: term_key(draft.term))
forms = st.sampled_from(["csv", "jsonl"])


@given(files, forms)
def test_what_is_exported_is_read_back(written: list[KeywordDraft], form: str) -> None:
    """Formulas, quotes, commas, emoji and time zones included."""
    assert read_keywords(export_keywords(written, form), form) == (written, [])


@given(st.text(max_size=400), forms)
def test_any_text_is_drafts_problems_or_one_clear_error(text: str, form: str) -> None:
    """Never another exception."""
    try:
        found, problems = read_keywords(text, form)
    except InputError:
        return
    assert all(draft.term for draft in found)
    assert all(problem.line >= 1 and problem.reason for problem in problems)


def test_no_cell_is_a_formula_to_a_spreadsheet() -> None:
    """A term that begins like one is quoted."""
    draft = KeywordDraft("=HYPERLINK(1)", "face_id_bundle", reason="@sum")
    line = export_keywords([draft], "csv").splitlines()[1]
    assert line.startswith("'=")
    assert ",'@sum," in line


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (",face_id_bundle", "term: empty"),
        ("脸,faces", "category: 'faces' is none of"),
        ("脸,face_id_bundle,one too many", "3 cells where the heading has 2"),
        ("脸", "1 cells where the heading has 2"),
        ("长" * 101 + ",face_id_bundle", "longer than 100"),
        ('"脸"x,face_id_bundle', "not CSV"),
        ("好,face_id_bundle", "stands in this file already"),
    ],
)
def test_a_broken_csv_row_loses_that_row_only(cells: str, said: str) -> None:
    """Its line and the reason are told; the rows around it are read."""
    text = f"term,category\n好,face_id_bundle\n{cells}\n料,face_id_bundle\n"
    found, problems = read_keywords(text, "csv")
    assert [draft.term for draft in found] == ["好", "料"]
    assert [problem.line for problem in problems] == [3]
    assert said in problems[0].reason


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("not json", "not JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"term": 7, "category": "face_id_bundle"}', "term: not a text"),
        ('{"term": "脸", "category": "face_id_bundle", "weight": NaN}', "weight"),
        ('{"term": "脸", "category": "face_id_bundle", "weight": 4}', "weight"),
        ('{"term": "脸", "category": "face_id_bundle", "weight": true}', "weight"),
        (f'{{"term": "脸", "category": "face_id_bundle", "weight": {"9" * 400}}}', "weight"),
        (f'{{"term": "脸", "category": "face_id_bundle", "weight": {"9" * 5000}}}', "JSON"),
        ('{"term": "脸\\ud800", "category": "face_id_bundle"}', "broken Unicode"),
        ('{"term": "脸", "category": "face_id_bundle", "owner": "\\ud800"}', "broken Unicode"),
        ('{"term": "脸", "category": "face_id_bundle", "search": "perhaps"}', "neither yes nor no"),
        ('{"term": "脸", "category": "face_id_bundle", "severity": "x"}', "severity"),
        ('{"term": "脸", "category": "face_id_bundle", "sources": 3}', "sources"),
        ('{"term": "脸", "category": "face_id_bundle", "expires_at": "soon"}', "ISO 8601"),
        ('{"term": "脸", "category": "face_id_bundle", "expires_at": "2026-01-01"}', "time zone"),
        ('{"term": "脸", "category": "face_id_bundle", "color": "red"}', "unknown fields: color"),
    ],
)
def test_a_broken_json_line_loses_that_line_only(row: str, said: str) -> None:
    """Its line and the reason are told; the lines around it are read."""
    good = [json.dumps({"term": term, "category": "face_id_bundle"}) for term in ("好", "料")]
    found, problems = read_keywords(f"{good[0]}\n{row}\n\n{good[1]}\n", "jsonl")
    assert [draft.term for draft in found] == ["好", "料"]
    assert [problem.line for problem in problems] == [2]
    assert said in problems[0].reason


@pytest.mark.parametrize("text", ["", "term\n脸\n", "term,category,color\n", '"', "\x00", "a,b\n"])
def test_a_file_that_is_no_keyword_csv_is_refused_as_a_whole(text: str) -> None:
    """The heading says what it is."""
    with pytest.raises(InputError, match="line 1"):
        read_keywords(text, "csv")


def test_a_byte_order_mark_and_the_order_of_columns_do_not_matter() -> None:
    """As spreadsheets save it."""
    found, problems = read_keywords("\ufeffcategory,term\nface_id_bundle,脸\n", "csv")
    assert ([draft.term for draft in found], problems) == (["脸"], [])


def test_every_column_of_an_export_is_known() -> None:
    """The heading is the list in the documents."""
    assert export_keywords([], "csv") == ",".join(COLUMNS) + "\n"
