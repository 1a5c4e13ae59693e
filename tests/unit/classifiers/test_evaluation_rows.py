"""Reading what is measured on: good rows, bad lines, and nothing that a model learned from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from classifiers.contract import Category, Intent
from classifiers.evaluation.rows import (
    EVERYDAY,
    LOOK_ALIKES,
    TALK,
    TEST_ROWS,
    KnownText,
    LabelledRow,
    OrdinaryText,
    Problem,
    data_folder_of,
    kept_out_texts,
    leave_out_learned,
    read_known,
    read_labelled,
    read_learned,
    read_ordinary,
    text_digest,
)
from classifiers.training import data

OFFER = {
    "text": "出人脸四件套",
    "label": "positive",
    "category": "face_id_bundle",
    "intent": "sell",
    "lang": "zh",
    "family": "plain_bundles",
}


def _file(folder: Path, name: str, *rows: object) -> Path:
    path = folder / name
    content = "".join(
        (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n"
        for row in rows
    ).encode("utf-8", "surrogatepass")
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def _read(*paths: Path) -> tuple[list[LabelledRow], list[Problem]]:
    problems: list[Problem] = []
    return read_labelled(paths, problems), problems


def test_a_row_has_kind_batch_and_language(tmp_path: Path) -> None:
    path = _file(tmp_path, "mine.jsonl", OFFER, {**OFFER, "text": "x", "id": "pos_a-0001"})
    (first, second), problems = _read(path)
    assert not problems
    assert first == LabelledRow(
        text="出人脸四件套",
        label="positive",
        category=Category.FACE_ID_BUNDLE,
        intent=Intent.SELL,
        family="plain_bundles",
        kind="plain",
        language="zh",
        batch="mine",
    )
    assert second.batch == "pos_a"


def test_title_and_description_are_one_text(tmp_path: Path) -> None:
    row = {name: value for name, value in OFFER.items() if name != "text"}
    path = _file(tmp_path, "a.jsonl", {**row, "title": "四件套", "description": "一手"})
    assert _read(path)[0][0].text == "四件套\n一手"


def test_harmless_rows_are_grouped_by_the_first_word_of_their_family_else_by_intent(
    tmp_path: Path,
) -> None:
    def row(text: str, family: str, intent: str) -> dict[str, str]:
        return {"text": text, "label": "benign", "family": family, "intent": intent}

    path = _file(
        tmp_path,
        "a.jsonl",
        row("a", "look_bedding", "other"),
        row("b", "refuse_accounts", "sell"),
        row("c", "shops_of_all_sorts", "sell"),
        row("d", "news", "discuss"),
    )
    groups = [found.group for found in _read(path)[0]]
    assert groups == [LOOK_ALIKES, TALK, LOOK_ALIKES, TALK]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "nested too deep"),
        ({**OFFER, "text": "  "}, "text is missing or empty"),
        ({**OFFER, "text": 5}, "text: not a text"),
        ({**OFFER, "label": "good"}, "label: 'good' is not one of"),
        ({**OFFER, "category": "shoes"}, "category: 'shoes' is none of the eight"),
        ({**OFFER, "intent": "steal"}, "intent: 'steal' is none of the seven"),
        ({**OFFER, "family": 3}, "family: not a text"),
    ],
)
def test_a_bad_line_is_reported_with_its_place_and_the_rest_goes_on(
    tmp_path: Path, line: object, reason: str
) -> None:
    path = _file(tmp_path, "a.jsonl", line, "", OFFER)
    rows, (problem,) = _read(path)
    assert [row.text for row in rows] == [OFFER["text"]]
    assert (problem.file, problem.line) == (str(path), 1)
    assert reason in problem.reason


def test_bytes_that_are_no_text_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "\xff"}\n')
    assert "not UTF-8" in _read(path)[1][0].reason


def test_a_line_of_many_megabytes_is_reported_and_the_next_one_read(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.jsonl", {**OFFER, "text": "长" * 6_000_000}, OFFER)
    rows, (problem,) = _read(path)
    assert len(rows) == 1
    assert (problem.line, problem.reason) == (1, "longer than 8 MiB")


def test_a_lone_surrogate_is_a_text_like_any_other(tmp_path: Path) -> None:
    path = _file(
        tmp_path, "a.jsonl", '{"text": "脸\\ud800", "label": "benign", "family": "a\\udfff"}'
    )
    (row,), problems = _read(path)
    assert not problems
    assert row.text == "脸\ud800"
    assert row.family == "a?"


def test_the_same_text_counts_once_and_may_not_have_two_labels(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.jsonl", OFFER, OFFER, {**OFFER, "label": "benign"})
    rows, (problem,) = _read(path)
    assert len(rows) == 1
    assert problem == Problem(str(path), 3, "the same text is labelled positive elsewhere")


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _read(tmp_path / "none.jsonl")
    with pytest.raises(FileNotFoundError, match=r"no \.jsonl"):
        _read(tmp_path)


def test_a_damaged_archive_loses_its_rest_only(tmp_path: Path) -> None:
    whole = _file(tmp_path, "a.jsonl.gz", *({"text": f"文{n}"} for n in range(50_000)))
    whole.write_bytes(whole.read_bytes()[:-2000])
    good = _file(tmp_path, "b.jsonl", {"text": "好"})
    problems: list[Problem] = []
    found = read_ordinary([whole, good], problems)
    assert len(found) > 1
    assert found[-1] == OrdinaryText("好", "b")
    assert "damaged gzip" in problems[0].reason


def test_the_kind_of_ordinary_texts_is_their_file_or_the_source_in_the_only_one(
    tmp_path: Path,
) -> None:
    one = _file(tmp_path, "one.jsonl", {"text": "甲", "source": "shop"}, {"text": "乙"})
    two = _file(tmp_path, "two.jsonl", {"text": "甲", "source": "shop"}, {"text": "丙"})
    assert {t.text: t.kind for t in read_ordinary([one], [])} == {"甲": "shop", "乙": "one"}
    assert {t.text: t.kind for t in read_ordinary([one, two], [])} == {
        "甲": "one",
        "乙": "one",
        "丙": "two",
    }


def test_people_name_an_ordinary_text_by_itself_or_by_the_start_of_its_digest(
    tmp_path: Path,
) -> None:
    digest = text_digest("甲")[:16]
    path = _file(
        tmp_path,
        "known.jsonl",
        {"sha256": digest, "label": "positive"},
        {"text": "乙", "label": "benign"},
        {"sha256": text_digest("丙"), "label": ""},
        {"sha256": "12", "label": "positive"},
        {"text": "丁", "label": "bad"},
    )
    problems: list[Problem] = []
    found = read_known(path, problems)
    assert found == [KnownText(digest, "positive"), KnownText(text_digest("乙"), "benign")]
    assert [problem.line for problem in problems] == [4, 5]


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A small data folder in the layout that models are trained from."""
    folder = tmp_path / "data"
    (folder / "text").mkdir(parents=True)
    rows = [
        {**OFFER, "id": f"pos-{n:04}", "text": f"出人脸{n}", "family": f"plain_{n // 10}"}
        for n in range(120)
    ]
    _file(folder, "listings.jsonl", *rows)
    _file(folder / "text", "shop.jsonl.gz", *({"text": f"鞋{n}"} for n in range(300)))
    return folder


def test_a_data_folder_is_known_by_its_layout_from_within(data_folder: Path) -> None:
    assert data_folder_of(data_folder) == data_folder
    assert data_folder_of(data_folder / "text" / "shop.jsonl.gz") == data_folder
    assert data_folder_of(data_folder.parent) is None


def test_ordinary_texts_kept_out_are_those_that_neither_models_nor_fusion_saw(
    data_folder: Path,
) -> None:
    texts = read_ordinary([data_folder], [])
    training, fusion, reported = data.read_corpus(data_folder).ordinary_parts()
    kept = {text.text for text in kept_out_texts(data_folder, texts)}
    assert len(texts) == 300
    assert kept == set(reported)
    assert kept.isdisjoint([*training, *fusion])


def test_labelled_rows_that_models_learned_are_left_out(data_folder: Path) -> None:
    rows, _ = _read(data_folder / "listings.jsonl")
    kept = leave_out_learned(rows, data_folder)
    corpus = data.read_corpus(data_folder, own_rows=False)
    assert {row.text for row in kept} == {row.text for row in corpus.held}
    assert 0 < len(kept) < len(rows)


def test_rows_of_the_repository_that_train_are_never_measured_on(tmp_path: Path) -> None:
    learned = read_learned(None).texts[0]
    path = _file(
        tmp_path,
        "a.jsonl",
        OFFER | {"text": learned},
        OFFER | {"text": f"“{learned} ”!"},
        OFFER | {"text": "没人见过的一行字"},
        OFFER | {"text": "?!"},
    )
    rows, _ = _read(path)
    assert [row.text for row in leave_out_learned(rows, None)] == ["没人见过的一行字", "?!"]


def test_no_test_row_is_left_out_since_what_equals_it_does_not_train(data_folder: Path) -> None:
    rows, _ = _read(TEST_ROWS)
    assert leave_out_learned(rows, None) == rows
    with (data_folder / "listings.jsonl").open("a", encoding="utf-8") as file:
        row = {**OFFER, "id": "pos-0500", "text": f"{rows[0].text}!!", "family": "plain_x"}
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
    assert leave_out_learned(rows, data_folder) == rows
    assert read_learned(data_folder).left_out == read_learned(None).left_out + 1


def test_what_is_said_to_be_learned_is_what_training_reads(data_folder: Path) -> None:
    corpus = data.read_corpus(data_folder)
    learned = set(read_learned(data_folder).texts)
    assert {row.text for row in corpus.training} <= learned
    keys = {data.text_key(text) for text in learned}
    assert keys.isdisjoint(data.text_key(row.text) for row in data.read_test_rows())


def test_everyday_texts_are_a_group_of_their_own() -> None:
    rows, _ = _read(TEST_ROWS / "everyday.jsonl")
    assert len(rows) == 150
    assert {(row.kind, row.group, row.label) for row in rows} == {("everyday", EVERYDAY, "benign")}


def test_the_repository_test_rows_can_all_be_used() -> None:
    rows, problems = _read(TEST_ROWS)
    assert not problems
    assert sum(row.is_offer for row in rows) > 700
