"""The tables behind the disguises: complete, of one form, and without rows that do nothing."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from importlib import resources

import pytest

from classifiers import lexicon
from classifiers.lexicon import VocabularyError, parse_table
from classifiers.text.disguises import DISGUISES
from classifiers.text.normalise import fold, normalise

WORDS = [word.text for word in lexicon.disguised_words()]


def cells(name: str) -> list[list[str]]:
    """The rows of a table as they stand in its file, without the heading."""
    text = resources.files(lexicon).joinpath(name).read_text("utf-8")
    return list(csv.reader(text.splitlines()))[1:]


def sounds_of(word: str) -> tuple[str, ...]:
    """The syllables of a Chinese word; its letters for what has none."""
    return tuple(lexicon.sounds().get(char, char) for char in word)


@pytest.mark.parametrize("name", ["words.csv", "signs.csv", "innocent.csv", "shapes.csv"])
def test_no_row_is_there_twice(name: str) -> None:
    """Of two rows for one thing one would be ignored."""
    counts = Counter(row[0] for row in cells(name))
    assert [text for text, count in counts.items() if count > 1] == []


def test_words_stand_in_their_normal_form() -> None:
    """A word in another form would never be what a view says."""
    assert [word for word in WORDS if normalise(word).text != word or len(word) < 2] == []


def test_words_are_written_in_one_script() -> None:
    """Chinese and Latin words are disguised in different ways."""
    for word in WORDS:
        is_chinese = all("\u4e00" <= char <= "\u9fff" for char in word)
        assert is_chinese or (word.isascii() and word.isalpha()), word


def test_every_word_can_be_disguised() -> None:
    """A row without any spelling would do nothing."""
    ways = DISGUISES.values()
    idle = [w for w in WORDS if all(text == w for way in ways for text, _ in way(w))]
    assert idle == []


def test_every_character_of_a_word_has_a_sound() -> None:
    """Or its pinyin and homophones would not be read."""
    sounds = lexicon.sounds()
    chars = {char for word in WORDS for char in word if not char.isascii()}
    assert chars - set(sounds) == set()


def test_sounds_are_plain_syllables_of_one_standard_set() -> None:
    """One syllable a character, for each of the 6,763 of GB 2312."""
    sounds = lexicon.sounds()
    written = [char for row in cells("sounds.csv") for char in row[1]]
    assert len(written) == len(set(written)) == len(sounds) == 6763
    assert {char for char in sounds if len(char.encode("gb2312")) != 2} == set()
    assert all(s.isascii() and s.isalpha() and s.islower() and len(s) <= 6 for s in sounds.values())


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("人脸", "ren lian"),
        ("身份证", "shen fen zheng"),
        ("四件套", "si jian tao"),
        ("解封", "jie feng"),
        ("通过率", "tong guo lv"),
        ("照片", "zhao pian"),
        ("绿女", "lv nv"),
        ("一二三", "yi er san"),
    ],
)
def test_sounds_are_those_of_the_language(word: str, syllables: str) -> None:
    """Samples that a reader can check."""
    assert " ".join(sounds_of(word)) == syllables


def test_shapes_are_of_single_characters_in_normal_form() -> None:
    """Components are matched in a view, so they must be able to stand in one."""
    for shape in lexicon.shapes():
        assert len(shape.character) == 1
        assert fold(shape.character).text == shape.character
        assert shape.parts or shape.lookalikes, shape
        for parts in shape.parts:
            assert len(parts) > 1, shape
            assert normalise(parts).text == parts, shape


def test_lookalikes_are_other_characters() -> None:
    """A character is not its own likeness, and none is named twice."""
    for shape in lexicon.shapes():
        assert shape.character not in shape.lookalikes
        assert len(set(shape.lookalikes)) == len(shape.lookalikes)
        assert all("\u4e00" <= char <= "\u9fff" for char in shape.lookalikes)


def test_components_mean_one_character() -> None:
    """月佥 cannot be two things."""
    counts = Counter(parts for shape in lexicon.shapes() for parts in shape.parts)
    assert [parts for parts, count in counts.items() if count > 1] == []


def test_most_shapes_belong_to_a_word() -> None:
    """Those of no word are only joined, and few need that."""
    used = {char for word in WORDS for char in word}
    idle = [shape.character for shape in lexicon.shapes() if shape.character not in used]
    assert len(idle) <= 10


def test_signs_stand_for_words_and_survive_folding() -> None:
    """An emoji that folds to something else would never be met."""
    for sign, word in lexicon.signs().items():
        assert fold(sign).text == sign
        assert normalise(word).text == word
        assert not sign.isalnum()


def test_innocent_spellings_stand_in_their_normal_form() -> None:
    """They are looked up in a view."""
    wrong = [text for text in lexicon.innocent_spellings() if normalise(text).text != text]
    assert wrong == []
    assert min(map(len, lexicon.innocent_spellings())) > 1


def test_most_innocent_spellings_resemble_a_word() -> None:
    """By sound or by some disguise; a row that resembles none protects nothing."""
    spelled = {text for word in WORDS for way in DISGUISES.values() for text, _ in way(word)}
    sounding = {sounds_of(word) for word in WORDS}
    idle = [
        text
        for text in lexicon.innocent_spellings()
        if text not in spelled and sounds_of(text) not in sounding
    ]
    assert len(idle) < len(lexicon.innocent_spellings()) / 5, idle


@pytest.mark.parametrize(
    ("build", "columns", "row", "reason"),
    [
        (lexicon._word, ("word", "distinct"), ",yes", "word is empty"),
        (lexicon._word, ("word", "distinct"), "人脸,often", "distinct is 'often'"),
        (lexicon._word, ("word", "distinct"), "人脸", "1 cells instead of 2"),
        (lexicon._shape, ("character", "parts", "lookalikes"), ",月佥,睑", "character is empty"),
        (lexicon._shape, ("character", "parts", "lookalikes"), "脸,月佥", "2 cells instead of 3"),
    ],
)
def test_broken_row_is_refused_with_file_and_line(
    build: Callable[..., object], columns: tuple[str, ...], row: str, reason: str
) -> None:
    """Whoever edits a table learns where the mistake is."""
    text = ",".join(columns) + "\n" + row + "\n"
    with pytest.raises(VocabularyError, match=f"table.csv, line 2: {reason}"):
        parse_table("table.csv", text, columns, build)


def test_shape_without_one_of_its_sides_is_read() -> None:
    """Some characters are never split, others have no likeness."""
    columns = ("character", "parts", "lookalikes")
    text = "character,parts,lookalikes\n手,,毛于\n点,占灬,\n脸,月佥|月人一,睑\n"
    hand, dot, face = parse_table("shapes.csv", text, columns, lexicon._shape)
    assert (hand.parts, hand.lookalikes) == ((), "毛于")
    assert (dot.parts, dot.lookalikes) == (("占灬",), "")
    assert face.parts == ("月佥", "月人一")
