"""Texts re-spelt by sound: what is changed, what stays, and files that are refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assess import Assessor
from classifiers.contract import Listing
from classifiers.text.characters import Operator
from classifiers.text.disguises import shipped_undisguiser
from classifiers.text.normalise import Normalised, fold, normalise
from classifiers.text.spelling import UNKNOWN, Speller, Words, shipped_speller
from classifiers.training import spelling

USUAL, RARE = 40, 90
COSTS = {
    **dict.fromkeys(["风", "筝", "人", "出", "买", "卖", "红"], USUAL),
    **dict.fromkeys(["风筝", "出售", "大红", "红花"], USUAL),
    **dict.fromkeys(["争", "丰", "收", "售", "丰收", "买家", "卖家"], RARE),
}
WORDS = Words(costs=COSTS, trade=["风筝", "出售"], kept=frozenset({"change"}))
SPELLER = Speller(WORDS, version="by hand")


def respelt(text: str, speller: Speller = SPELLER) -> str:
    """The text as it is meant."""
    return speller.respelt(normalise(text)).text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("峰争", "风筝"),
        ("丰争", "风筝"),
        ("出峰争一个", "出风筝一个"),
        ("chushoufengzheng", "出售风筝"),
        ("chu shou feng zheng", "出售风筝"),
        ("峰zheng", "风筝"),
        ("出shou feng争", "出售风筝"),
        ("出feng zeng", "出风筝"),
    ],
)
def test_a_word_of_the_trade_is_heard(written: str, meant: str) -> None:
    assert respelt(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "风筝",
        "丰收",
        "大虹花",
        "feng",
        "feng zheng",
        "change",
        "feng zheng is my kite",
        "iphone 15 pro max",
        "峰，争",
        "峰\n争",
        "1234",
    ],
)
def test_what_is_usual_or_no_word_of_the_trade_stays(text: str) -> None:
    assert respelt(text) == normalise(text).text


def test_around_a_word_of_the_trade_other_words_are_heard_too() -> None:
    assert respelt("大虹花峰争") == "大红花风筝"


def test_who_buys_is_not_made_a_seller() -> None:
    assert respelt("买家峰争") == "买家风筝"
    speller = Speller(Words({**COSTS, "卖筝": 1}, ["卖筝", "风筝"], frozenset()), version="")
    assert respelt("买筝", speller) == "买筝"
    assert respelt("mai筝", speller) == "卖筝"


def test_an_innocent_spelling_stays_whatever_stands_around_it() -> None:
    cautious = SPELLER.sparing(["峰争", "Feng筝"])
    assert respelt("出峰争峰zheng", cautious) == "出峰争风筝"
    assert respelt("出feng筝", cautious) == "出feng筝"
    assert respelt("出峰争") == "出风筝"
    assert respelt("失明", shipped_speller()) == "失明"


def test_what_was_changed_is_named_with_its_place() -> None:
    view = SPELLER.respelt(normalise("好 峰*争 feng zheng"))
    assert view.text == "好风筝风筝"
    assert [(view.original[u.start : u.end], u.operator) for u in view.undone] == [
        ("峰", Operator.HOMOPHONES),
        ("争", Operator.HOMOPHONES),
        ("feng ", Operator.PINYIN),
        ("zheng", Operator.PINYIN),
    ]
    assert view.span(1, 3) == (2, 5)
    assert view.operators(1, 3) == (Operator.SEPARATORS, Operator.HOMOPHONES)


def test_a_text_that_does_not_sound_of_the_trade_is_the_same_view() -> None:
    view = normalise("今天的面很好吃")
    assert SPELLER.respelt(view) is view


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=200))
def test_any_text_is_respelt(text: str) -> None:
    view = shipped_undisguiser().view(fold(text + " 仗号 " + text))
    found = shipped_speller().respelt(view)
    assert len(found.text) == len(found.starts) == len(found.ends)
    assert all(
        0 <= a < b <= len(view.original) for a, b in zip(found.starts, found.ends, strict=True)
    )
    assert list(found.starts) == sorted(found.starts)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="峰争出收售大虹花买fengzh ，1", max_size=40))
def test_only_characters_and_pinyin_change(text: str) -> None:
    kept = [char for char in normalise(text).text if char in "，1"]
    assert [char for char in respelt(text) if char in "，1"] == kept


@pytest.mark.parametrize("piece", ["峰争", "feng zheng ", "fengzheng", "峰", "a峰1"])
def test_time_is_linear(piece: str) -> None:
    def seconds(length: int) -> float:
        view = fold(piece * (length // len(piece)))
        best = 9.0
        for _ in range(2):
            begun = time.process_time()
            SPELLER.respelt(view)
            best = min(best, time.process_time() - begun)
        return best

    assert seconds(40_000) < 12 * seconds(10_000) + 0.05


def test_shipped_words_undo_what_no_table_lists() -> None:
    shown = [
        ("仗号解封 对公视频", "账号解封对公视频"),
        ("高清头像 招篇", "高清头像照片"),
        ("床上四件套 纯棉加厚", "床上四件套纯棉加厚"),
        ("今天的面很好吃", "今天的面很好吃"),
    ]
    for written, meant in shown:
        assert respelt(written, shipped_speller()) == meant


def test_a_reviewer_sees_what_was_read() -> None:
    found = Assessor().assess(Listing("代过仁练 秒过 仗号解封"))
    assert any(" -> " in each.why and Operator.HOMOPHONES in each.why for each in found.evidence)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small table as training writes it."""
    names, costs = list(COSTS), bytes(COSTS.values())
    config = {"trade": [names.index("风筝")], "kept": ["change"]}
    config["version"] = spelling.digest_of(config, names, costs)
    spelling.write(tmp_path, config, names, costs)
    return tmp_path


def test_a_table_is_read_from_its_folder(folder: Path) -> None:
    speller = Speller.load(str(folder))
    assert respelt("丰争", speller) == "风筝"
    assert respelt("change", speller) == "change"
    assert len(speller.version) == 12


@pytest.mark.parametrize("kept", [0, 1, -1])
def test_torn_costs_are_refused(folder: Path, kept: int) -> None:
    path = folder / "costs.bin"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match="spelling: its files"):
        Speller.load(str(folder))


def test_costs_of_other_words_are_refused(folder: Path) -> None:
    (folder / "words.json").write_text(json.dumps([*COSTS][::-1]), "utf-8")
    with pytest.raises(ValueError, match="spelling: its files"):
        Speller.load(str(folder))


@pytest.mark.parametrize("name", ["trade", "kept", "version"])
def test_a_table_without_a_part_is_refused(folder: Path, name: str) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    del config[name]
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(ValueError, match="spelling: "):
        Speller.load(str(folder))


def test_costs_fit_a_byte() -> None:
    assert 0 < max(COSTS.values()) < UNKNOWN < 256


def test_a_view_of_nothing_stays_nothing() -> None:
    empty = Normalised("", "", (), ())
    assert SPELLER.respelt(empty) is empty
