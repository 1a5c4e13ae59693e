"""An operator's own tables over the shipped ones: rows added, replaced, removed or refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers import lexicon
from classifiers.assess import Assessor
from classifiers.contract import Category, Listing, Term
from classifiers.lexicon import CueKind, VocabularyError
from classifiers.lexicon.overlay import TABLES, Overlay, read_overlay

HEADINGS = {name: ",".join(table.columns) for name, table in TABLES.items()}


def overlay(folder: Path, *, marked: bool = False, **tables: str) -> Overlay:
    """Write tables (rows without their heading) and read them."""
    for name, rows in tables.items():
        heading = HEADINGS[f"{name}.csv"] + (",remove" if marked else "")
        (folder / f"{name}.csv").write_text(f"{heading}\n{rows}\n", encoding="utf-8")
    return read_overlay(folder)


def by_rules(own: Overlay | None = None) -> Assessor:
    """The stage that the vocabulary is for; learned stages are trained apart from it."""
    return Assessor(overlay=own, use_ngrams=False)


def found_terms(assessor: Assessor, text: str) -> set[str]:
    """Terms in the evidence."""
    evidence = assessor.assess(Listing(text)).evidence
    return {item.term for item in evidence if item.signal == "lexicon"}


def test_a_term_of_ones_own_is_found_and_names_its_source(tmp_path: Path) -> None:
    """Disguised by separators too."""
    own = overlay(tmp_path, keywords="蓝月亮料,face_id_bundle,zh,high,2.5,yes,seen in reports")
    result = by_rules(own).assess(Listing("出 蓝*月*亮料 现货 懂的来"))
    (evidence,) = [item for item in result.evidence if item.signal == "lexicon"]
    assert (evidence.term, evidence.source) == ("蓝月亮料", "overlay")
    assert evidence.category is Category.FACE_ID_BUNDLE
    assert found_terms(by_rules(), "出 蓝*月*亮料 现货 懂的来") == set()


def test_a_row_with_the_key_of_a_shipped_one_replaces_it(tmp_path: Path) -> None:
    """However the key is written; all others stay as they are."""
    own = overlay(
        tmp_path, keywords="人 脸 四件套,id_document_sale,zh,low,0.3,no,here it is bedding"
    )
    terms = own.terms(lexicon.starter_terms())
    (changed,) = [term for term in terms if term.text == "人 脸 四件套"]
    assert (changed.category, changed.weight) == (Category.ID_DOCUMENT_SALE, 0.3)
    assert len(terms) == len(lexicon.starter_terms())
    assert set(terms) - {changed} < set(lexicon.starter_terms())


@pytest.mark.parametrize(
    ("row", "marked"),
    [
        ("人脸四件套,face_id_bundle,zh,high,0,yes,off", False),
        ("人脸四件套,,,,0,,", False),
        ("人脸四件套,,,,,,,yes", True),
    ],
)
def test_a_term_is_switched_off_by_weight_or_mark(tmp_path: Path, row: str, marked: bool) -> None:
    """The rest of the row does not matter then."""
    own = overlay(tmp_path, marked=marked, keywords=row)
    assert own.problems == ()
    assert "人脸四件套" in found_terms(by_rules(), "出人脸四件套")
    assert "人脸四件套" not in found_terms(by_rules(own), "出人脸四件套")


def test_an_analysts_keyword_keeps_its_source_when_it_is_replaced(tmp_path: Path) -> None:
    """Its statistics still find its hits."""
    own = overlay(tmp_path, keywords="蛇皮料,face_id_bundle,zh,high,2.5,yes,weighs more")
    stored = [Term("蛇皮料", Category.FACE_ID_BUNDLE, 0.5, "keyword:7@3")]
    assert own.terms(stored) == (Term("蛇皮料", Category.FACE_ID_BUNDLE, 2.5, "keyword:7@3"),)


def test_cues_are_told_apart_by_kind(tmp_path: Path) -> None:
    """One text may be two cues; a row that removes without a kind removes both."""
    both = [
        cue for cue in lexicon.cues() if sum(other.text == cue.text for other in lexicon.cues()) > 1
    ]
    assert both, "the shipped table has no such text any more: choose another example"
    text, kind = both[0].text, both[0].kind
    one = overlay(tmp_path, marked=True, cues=f"{text},{kind},,,,yes").cues(lexicon.cues())
    assert kind not in {cue.kind for cue in one if cue.text == text}
    assert any(cue.text == text for cue in one)
    none = overlay(tmp_path, marked=True, cues=f"{text},,,,,yes").cues(lexicon.cues())
    assert not any(cue.text == text for cue in none)


def test_a_cue_and_a_phrase_of_ones_own_are_felt(tmp_path: Path) -> None:
    """They stand in the evidence like shipped ones."""
    own = overlay(
        tmp_path,
        cues="月下老地方见,lure,,1.2,a place to meet",
        parts="月饼脸,face,0.9",
    )
    signals = {
        item.signal
        for item in by_rules(own).assess(Listing("出人脸四件套 月下老地方见 月饼脸")).evidence
    }
    assert {"lure", "part"} <= signals
    assert "月饼脸" in {part.phrase for part in own.parts(lexicon.parts())}


def test_a_word_of_ones_own_is_found_in_disguise(tmp_path: Path) -> None:
    """As a term it is looked for as written; as a word also by pinyin, say."""
    term = "蓝月亮料,face_id_bundle,zh,high,2.5,yes,x"
    as_term = overlay(tmp_path, keywords=term)
    assert found_terms(by_rules(as_term), "出lan月亮料") == set()
    as_word = overlay(tmp_path, keywords=term, words="蓝月亮料,yes")
    assert found_terms(by_rules(as_word), "出lan月亮料") == {"蓝月亮料"}


def test_an_innocent_spelling_is_left_alone(tmp_path: Path) -> None:
    """What sounds like a word of the trade and is a brand in this market."""
    term = "蓝月亮料,face_id_bundle,zh,high,2.5,yes,x"
    own = overlay(tmp_path, keywords=term, words="蓝月亮料,yes", innocent="lan月亮料")
    assert found_terms(by_rules(own), "出lan月亮料") == set()


def test_a_word_can_be_switched_off(tmp_path: Path) -> None:
    """Too many ordinary words resemble it here."""
    own = overlay(tmp_path, marked=True, words="人脸,,yes")
    words = {word.text for word in own.words(lexicon.disguised_words())}
    assert "人脸" not in words
    assert len(words) == len(lexicon.disguised_words()) - 1


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("keywords", "词,nonsense,zh,high,1,yes,x", "'nonsense' is not a valid Category"),
        ("keywords", "词,face_id_bundle,zh,high,9,yes,x", "weight 9.0 is not between"),
        ("keywords", "词,face_id_bundle,zh,high,1,yes", "6 cells instead of 7"),
        ("keywords", " ,face_id_bundle,zh,high,1,yes,x", "term holds nothing that is matched"),
        ("keywords", '"词,face_id_bundle,zh,high,1,yes,x', "unexpected end of data"),
        ("cues", "词,cheer,,1,x", "'cheer' is not a valid CueKind"),
        ("parts", "词,wings,1", "part is 'wings', not one of"),
        ("words", "词,yes", "one character is too little"),
        ("words", "词语,perhaps", "distinct is 'perhaps', not one of yes, no"),
    ],
)
def test_a_broken_row_loses_that_row_only(
    tmp_path: Path, table: str, row: str, reason: str
) -> None:
    """Told with file, line and reason; rows before and after are used."""
    good = {
        "keywords": ("甲甲,face_id_bundle,zh,high,1,yes,x", "乙乙,face_id_bundle,zh,high,1,yes,x"),
        "cues": ("甲甲,lure,,1,x", "乙乙,lure,,1,x"),
        "parts": ("甲甲,face,1", "乙乙,face,1"),
        "words": ("甲甲,yes", "乙乙,yes"),
    }[table]
    own = overlay(tmp_path, **{table: f"{good[0]}\n{row}\n{good[1]}"})
    kept = len(own.changes[f"{table}.csv"])
    (problem,) = own.problems
    assert (problem.file, problem.line, kept) == (f"{table}.csv", 3, 2)
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "keywords.csv: is empty"),
        (b"word,weight\nx,1\n", "keywords.csv, line 1: the heading is not term,category"),
        (b"\xff\xfe\n", "keywords.csv, line 1: not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_the_others_are_read(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    """One wrong heading does not stop the monitor."""
    (tmp_path / "keywords.csv").write_bytes(content)
    own = overlay(tmp_path, words="蓝月亮料,yes")
    assert str(own.problems[0]).startswith(reason)
    assert len(own.changes["words.csv"]) == 1


def test_one_key_twice_keeps_the_first(tmp_path: Path) -> None:
    """And names both lines."""
    own = overlay(tmp_path, words="蓝月亮料,yes\n蓝月 亮料,no")
    (problem,) = own.problems
    assert (problem.line, problem.reason) == (3, "line 2 is about the same")
    assert own.words([])[0].is_distinct


def test_an_unknown_table_is_told(tmp_path: Path) -> None:
    """A file name with a typing error would be passed over in silence."""
    (tmp_path / "keyword.csv").write_text("term\n", encoding="utf-8")
    assert "keyword.csv: is not read" in str(overlay(tmp_path, words="甲甲,yes").problems[0])


def test_files_from_spreadsheets_are_read(tmp_path: Path) -> None:
    """A byte order mark and line ends of Windows."""
    text = "\ufeff" + HEADINGS["words.csv"] + "\r\n蓝月亮料,yes\r\n"
    (tmp_path / "words.csv").write_bytes(text.encode())
    assert read_overlay(tmp_path).problems == ()


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_tables_is_refused(tmp_path: Path, exists: bool) -> None:
    """A wrong path must not look like an empty overlay."""
    with pytest.raises(VocabularyError):
        read_overlay(tmp_path if exists else tmp_path / "missing")


def test_effects_count_what_changes(tmp_path: Path) -> None:
    """Added, replaced, removed, and removed in vain."""
    rows = "人脸,no,\n蓝月亮料,yes,\n真人,,yes\n没有的词,,yes"
    (effect,) = overlay(tmp_path, marked=True, words=rows).effects()
    assert effect == ("words.csv", 1, 1, 1, 1)


def test_the_version_names_the_changes_and_not_their_order(tmp_path: Path) -> None:
    """Old hits can be told apart, and a sorted file is the same file."""
    first, second, third = (tmp_path / name for name in "abc")
    for folder in (first, second, third):
        folder.mkdir()
    one, other = "月下见,lure,face_id_bundle|id_document_sale,1,x", "老地方见,lure,,1,x"
    version = overlay(first, cues=f"{one}\n{other}").version
    assert overlay(second, cues=f"{other}\n{one}").version == version
    assert overlay(third, cues=one).version != version
    assert Assessor(overlay=read_overlay(first)).version["overlay"] == version
    assert Assessor().version["overlay"] == "none"
    code = (
        "from pathlib import Path; from classifiers.lexicon.overlay import read_overlay;"
        f"print(read_overlay(Path({str(first)!r})).version)"
    )
    other_process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert other_process.stdout.strip() == version


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_no_file_content_raises(tmp_path: Path, content: bytes) -> None:
    """Whatever lies there: rows or problems."""
    for name, heading in HEADINGS.items():
        (tmp_path / name).write_bytes(heading.encode() + b"\n" + content)
    own = read_overlay(tmp_path)
    assert all(problem.file in TABLES for problem in own.problems)


def test_all_shipped_rows_are_rows_of_an_overlay(tmp_path: Path) -> None:
    """One can begin with copies of the shipped tables."""
    shipped = Path(lexicon.__file__).parent
    for name in TABLES:
        (tmp_path / name).write_bytes((shipped / name).read_bytes())
    own = read_overlay(tmp_path)
    assert all("is about the same" in problem.reason for problem in own.problems)
    assert {cue.kind for cue in own.cues([])} <= set(CueKind)
