"""Texts written anew for training: each operator does one thing, and only the dice decide."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import opencc
import pytest

from classifiers.lexicon import signs, sounds, starter_terms, trade_words
from classifiers.training.augment import (
    CIRCLED,
    CYRILLIC,
    KEPT_OUT,
    KEPT_OUT_NAMES,
    LEET,
    NUMERALS,
    OPERATORS,
    SEPARATORS,
    STARS,
    TRAINED,
    TRAINED_NAMES,
    ZERO_WIDTH,
    Tables,
    delexicalise,
    disguise,
    read_tables,
    variant,
)

TABLES = Tables(
    parts={
        "脸": ["月佥"],
        "珠": ["王朱"],
        "件": ["亻牛"],
        "证": ["讠正"],
        "份": ["亻分"],
        "红": ["纟工"],
    },
    alike={"脸": "睑", "件": "仵", "证": "怔", "份": "彷", "红": "江", "珠": "株殊"},
)
CHINESE = ("人脸四件套", "身份证", "人脸", "手持照")
LATIN = ("selfie", "passport")
LATIN_OPERATORS = ("width", "cyrillic", "leet")
TERMS = sorted({word.text for word in trade_words()} | {term.text for term in starter_terms()})


def outcomes(operator: str, word: str, rolls: int = 60) -> set[str]:
    """What an operator makes of a word, over many dice; the word itself left out."""
    change = OPERATORS[operator]
    return {change(word, random.Random(seed), TABLES) for seed in range(rolls)} - {word}


def mixes(word: str, written: str, ways: Callable[[str], tuple[str, ...]]) -> bool:
    """Whether `written` is the word with each character itself or in one of its ways."""
    if not word:
        return not written
    return any(
        written.startswith(way) and mixes(word[1:], written[len(way) :], ways)
        for way in (word[0], *ways(word[0]))
    )


def without(text: str, chars: str) -> str:
    """The text with some characters taken out."""
    return text.translate(dict.fromkeys(map(ord, chars)))


LOOKS_RIGHT: dict[str, Callable[[str, str], bool]] = {
    "separators": lambda word, new: without(new, SEPARATORS) == word,
    "zero_width": lambda word, new: without(new, ZERO_WIDTH) == word,
    "width": lambda word, new: [ord(c) - 0xFEE0 for c in new] == [*map(ord, word)],
    "digits": lambda word, new: mixes(
        word, new, lambda c: (NUMERALS.get(c, c), CIRCLED.get(NUMERALS.get(c, c), c))
    ),
    "traditional": lambda word, new: opencc.OpenCC("t2s").convert(new) == word,
    "emoji": lambda word, new: any(
        new == word.replace(meaning, sign) for sign, meaning in signs().items()
    ),
    "pinyin": lambda word, new: mixes(word, new, lambda c: (sounds()[c],)),
    "full_pinyin": lambda word, new: new == "".join(sounds()[c] for c in word),
    "initials": lambda word, new: mixes(word, new, lambda c: (sounds()[c][0],)),
    "homophones": lambda word, new: [sounds()[c] for c in new] == [sounds()[c] for c in word],
    "split": lambda word, new: mixes(word, new, lambda c: tuple(TABLES.parts.get(c, ()))),
    "cyrillic": lambda word, new: mixes(word, new, lambda c: (CYRILLIC.get(c, c),)),
    "lookalikes": lambda word, new: mixes(word, new, lambda c: (TABLES.alike.get(c, c),)),
    "starred": lambda word, new: (
        len(new) == len(word)
        and [new[at] in STARS for at in range(len(new)) if new[at] != word[at]] == [True]
    ),
    "reversed": lambda word, new: new == word[::-1],
    "shuffled": lambda word, new: sorted(new) == sorted(word),
    "leet": lambda word, new: mixes(word, new, lambda c: (LEET.get(c, c),)),
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_operator_changes_a_word_in_its_own_way_only(operator: str) -> None:
    """What comes out is the word, disguised as the operator's name says."""
    changed = 0
    for word in LATIN if operator in LATIN_OPERATORS else CHINESE:
        for new in outcomes(operator, word):
            changed += 1
            assert LOOKS_RIGHT[operator](word, new), new
    assert changed


@pytest.mark.parametrize("words", [CHINESE[:2], LATIN])
def test_operators_can_be_told_apart(words: tuple[str, ...]) -> None:
    """No spelling may come from a trained operator and from one that is kept out."""
    for word in words:
        made = {operator: outcomes(operator, word) for operator in OPERATORS}
        for one, other in combinations(OPERATORS, 2):
            if {one, other} != {"pinyin", "full_pinyin"}:
                assert made[one].isdisjoint(made[other]), (one, other)


def test_likeness_that_sounds_alike_is_no_lookalike() -> None:
    """怔 for 证 is a homophone, which is trained on; 仵 for 件 only looks alike."""
    assert outcomes("lookalikes", "证") == set()
    assert outcomes("lookalikes", "珠") == {"殊"}
    assert outcomes("lookalikes", "件") == {"仵"}


def test_every_operator_is_either_trained_on_or_kept_out() -> None:
    """What is measured as never seen was never seen."""
    assert set(TRAINED).isdisjoint(KEPT_OUT)
    assert {*TRAINED, *KEPT_OUT} == set(OPERATORS)
    assert len(KEPT_OUT) >= 3


@pytest.mark.parametrize("operator", OPERATORS)
def test_word_that_cannot_be_disguised_so_stays(operator: str) -> None:
    """No operator invents a change, nor fails."""
    for word in ("？？", "😀"):
        new = OPERATORS[operator](word, random.Random(1), TABLES)
        if operator not in {"separators", "zero_width", "width", "reversed", "shuffled"}:
            assert new == word


def test_emoji_are_as_many_as_the_table_has() -> None:
    """A model that only ever saw one picture of a face would know no other."""
    pictures = {sign for sign, meaning in signs().items() if meaning in "人脸"}
    seen = {sign for sign in pictures for new in outcomes("emoji", "人脸", 400) if sign in new}
    assert seen == pictures


@pytest.mark.parametrize("operator", [name for name in OPERATORS if name != "traditional"])
@pytest.mark.parametrize("words", [1, 2])
def test_only_so_many_words_of_a_text_are_disguised(operator: str, words: int) -> None:
    """All the rest of a text stays as it was written."""
    pieces = ["人脸四件套", "selfie", "身份证", "红色", "account", "认证三件套"]
    most = 0
    for seed in range(30):
        new = disguise("，".join(pieces), operator, random.Random(seed), TABLES, words=words)
        if new is None:
            continue
        changed = [one for one, other in zip(pieces, new.split("，"), strict=True) if one != other]
        assert 1 <= len(changed) <= words
        most = max(most, len(changed))
    assert most == words


def test_traditional_characters_are_written_throughout() -> None:
    """Nobody writes one word of a text in the other script."""
    new = disguise("过人脸，实名认证", "traditional", random.Random(1), TABLES)
    assert new == "過人臉，實名認證"


@pytest.mark.parametrize(
    ("text", "operator"),
    [("12 34", "pinyin"), ("", "starred"), ("abc", "leet"), ("好的", "digits"), ("一", "emoji")],
)
def test_text_that_cannot_be_disguised_is_told(text: str, operator: str) -> None:
    """None, so that nobody measures an undisguised text as a disguised one."""
    assert disguise(text, operator, random.Random(1), TABLES) is None


def test_known_words_are_disguised_most_often() -> None:
    """But not always: the inverse knows only known words, and is not the only thing tested."""
    text = "今天天气很好我们去公园玩，人脸四件套，明天再说"
    known = other = 0
    for seed in range(300):
        new = disguise(text, "separators", random.Random(seed), TABLES, words=1)
        assert new is not None
        if new.startswith("今天天气很好我们去公园玩，") and new.endswith("，明天再说"):
            known += 1
        else:
            other += 1
    assert known > other > 30


def test_delexicalised_text_holds_no_known_term() -> None:
    """In whatever case it was written."""
    texts = ["，".join(TERMS[at : at + 5]) for at in range(0, len(TERMS), 5)]
    for seed, text in enumerate([*texts, *map(str.upper, texts), *map(str.title, texts)]):
        new = delexicalise(text, random.Random(seed))
        assert new is not None
        assert [term for term in TERMS if term in new.lower()] == [], text


def test_delexicalised_word_is_the_same_wherever_it_stands() -> None:
    """Slang has one word for one thing; what is not of the trade stays."""
    for seed in range(50):
        new = delexicalise("想过脸，再过脸一次，PASSPORT passport 包邮", random.Random(seed))
        assert new is not None
        one, two, latin = new.removesuffix(" 包邮").split("，")
        assert one.startswith("想")
        assert two == f"再{one[1:]}一次"
        assert len(set(latin.split())) == 1


def test_longest_term_is_replaced_as_one() -> None:
    """人脸四件套 is one word, not a face and a kit."""
    made = {delexicalise("人脸四件套", random.Random(seed)) for seed in range(100)}
    assert len(made) > 20
    assert all(
        new is not None and len(new) <= max(map(len, KEPT_OUT_NAMES.chinese)) for new in made
    )


def test_text_without_known_terms_is_told() -> None:
    """None, so that nobody measures a plain text as one of unknown slang."""
    assert delexicalise("今天的鱼很新鲜", random.Random(1)) is None


def test_invented_words_are_of_no_trade() -> None:
    """They must not be words that the lexicon knows."""
    names = [
        *TRAINED_NAMES.chinese,
        *TRAINED_NAMES.latin,
        *KEPT_OUT_NAMES.chinese,
        *KEPT_OUT_NAMES.latin,
    ]
    assert [word for word in names if any(term in word for term in TERMS)] == []
    assert len(set(names)) == len(names), "what is measured with is not what was trained with"


def test_variants_use_no_operator_that_is_kept_out() -> None:
    """In ten thousand variants not one look-alike, star or leet digit, nor a word turned round."""
    text, decoy = "出红木珠子，welcome", "今天天气很好"
    dice = random.Random(3)
    made = {variant(text, [decoy], dice, TABLES) for _ in range(10_000)}
    kept_out = {
        str(disguise(text, operator, random.Random(seed), TABLES, words=1))
        for operator in KEPT_OUT
        for seed in range(200)
    }
    assert len(kept_out) > 10
    assert made.isdisjoint(kept_out)
    marks = [*TABLES.alike.values(), *(set(STARS) - set(SEPARATORS)), *LEET.values()]
    assert [new for new in made if any(mark in new for mark in marks)] == []


def test_variants_come_in_every_kind() -> None:
    """Half stay as they are; the rest is disguised, without known words, or behind a decoy."""
    text, decoy = "出人脸四件套，懂的来", "今天天气很好"
    dice = random.Random(5)
    made = [variant(text, [decoy], dice, TABLES) for _ in range(2000)]
    plain = made.count(text) / len(made)
    behind = made.count(f"{decoy} {text}") / len(made)
    assert 0.45 < plain < 0.6
    assert 0.03 < behind < 0.07
    assert len(set(made)) > 300


def test_variant_needs_no_decoys() -> None:
    """A small folder may have no short harmless text."""
    dice = random.Random(5)
    assert all(variant("出人脸四件套", [], dice, TABLES) for _ in range(500))


def test_only_the_dice_decide() -> None:
    """The same dice give the same texts, whatever else was thrown before."""
    texts = ["出人脸四件套，懂的来", "代过人脸识别 kyc bypass", "普通的一句话"]

    def made(other: int) -> list[str | None]:
        random.seed(other)
        dice = random.Random(11)
        return [
            *(variant(text, texts, dice, TABLES) for text in texts * 20),
            *(disguise(text, name, dice, TABLES) for text in texts for name in OPERATORS),
            *(delexicalise(text, dice) for text in texts),
        ]

    assert made(1) == made(2)


def test_every_run_makes_the_same_texts() -> None:
    """Python shuffles its sets anew in every process; seeded training must not see that."""
    code = (
        "import random; from classifiers.training.augment import delexicalise;"
        "dice = random.Random(1);"
        "print(ascii([delexicalise('过脸刷脸换脸 解封解冻 真人', dice) for _ in range(20)]))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(runs) == 1


def test_tables_are_read_from_the_data_folder(tmp_path: Path) -> None:
    """Only decompositions into two components, and like characters both ways."""
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "chaizi-jt.txt").write_text("脸\t月 佥\t月 人 一\n好\t女 子\nＡ\tB C\n", "utf-8")
    (tables / "same_stroke.txt").write_text("字\t形近字\n脸\t睑\t捡\n", "utf-8")
    read = read_tables(tmp_path)
    assert read.parts == {"脸": ["月佥"], "好": ["女子"]}
    assert read.alike == {"脸": "睑捡", "睑": "脸捡", "捡": "脸睑"}


def test_folder_without_tables_gives_empty_ones(tmp_path: Path) -> None:
    """Then two operators do nothing, and all others still work."""
    tables = read_tables(tmp_path)
    assert (tables.parts, tables.alike) == ({}, {})
    assert disguise("人脸四件套", "split", random.Random(1), tables) is None
    assert disguise("人脸四件套", "pinyin", random.Random(1), tables) is not None
