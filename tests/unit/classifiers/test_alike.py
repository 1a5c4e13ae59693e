"""Alike: which texts are re-writings of one another, and which only speak of the same goods."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.text import alike

KEY = b"a key of this test"
FIRST_BAND = 5_510_822_754_858_172_770
"""Of the sketch (1, 2, 3); stored bands were made with this very arithmetic."""
OFFER = "人脸四件套 一手货源 眨眼点头视频都有 量大从优 加微 demo_a1b2c"


def _likeness(one: str, other: str) -> float:
    return alike.likeness(alike.sketch(one, KEY), alike.sketch(other, KEY))


def _are_alike(one: str, other: str) -> bool:
    return alike.are_alike(alike.sketch(one, KEY), alike.sketch(other, KEY))


@pytest.mark.parametrize(
    "rewritten",
    [
        "人*脸*四 件 套 一手货源 眨.眼.点.头视频都有 量大从优 加微 demo_a1b2c",
        "人臉四件套 一手貨源 眨眼點頭視頻都有 量大從優 加微 demo_a1b2c",
        "量大从优 眨眼点头视频都有 一手货源 人脸四件套 加微 demo_a1b2c",
        "🔥人脸四件套🔥 一手货源 眨眼点头视频都有 量大从优 加微 other_x9y8z 99元",
        "renlian四件套 一手货源 眨眼点头视频都有 量大从优",
    ],
)
def test_a_disguised_reordered_or_shortened_advert_is_alike(rewritten: str) -> None:
    assert _are_alike(OFFER, rewritten)


@pytest.mark.parametrize(
    "other",
    [
        "床上四件套 纯棉 一手货源 量大从优 支持七天无理由",
        "人脸四件套 现货",
        "照片活化教程 眨眼点头视频 包教会 远程安装 永久更新",
    ],
)
def test_another_advert_with_the_same_phrases_is_not_alike(other: str) -> None:
    assert not _are_alike(OFFER, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("人脸四件套 私聊", "人脸四件套 现货"), ("正反手持SFZ 十套30", "s f z 正反＋守持 一手料")],
)
def test_short_titles_of_one_trade_are_not_alike(one: str, other: str) -> None:
    assert not _are_alike(one, other)


def test_prices_and_numbers_do_not_count() -> None:
    assert _likeness("人脸四件套 20套起 5元一套", "人脸四件套 300套起 88元一套") == 1.0


def test_what_is_left_of_masked_contacts_does_not_count() -> None:
    assert alike.letters_of("人脸四件套 加微信 de*******c") == "人脸四件套加微信"
    assert _likeness("人脸四件套 加微信 de*******c", "人脸四件套 加微信 ot****9") == 1.0


def test_a_text_without_letters_is_alike_nothing() -> None:
    assert alike.sketch("🔥🔥 123 !!", KEY) == ()
    assert _likeness("123", "456") == 0.0
    assert alike.bands(()) == []


def test_the_same_words_under_another_key_share_no_hash() -> None:
    assert not set(alike.sketch(OFFER, KEY)) & set(alike.sketch(OFFER, b"another"))


def test_alike_texts_of_many_grams_are_estimated_from_their_sketches() -> None:
    chars = [chr(0x4E00 + 7 * place) for place in range(900)]
    one, other = "".join(chars[:800]), "".join(chars[100:])
    # 700 of 900 letters and 699 of 899 pairs.
    assert _likeness(one, other) == pytest.approx(0.778, abs=0.1)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60, unique=True))
def test_alike_sketches_nearly_always_share_a_band(numbers: list[int]) -> None:
    one = tuple(sorted(numbers))
    other = tuple(sorted({*numbers, *(number ^ 1 for number in numbers[: len(numbers) // 3])}))
    if alike.likeness(one, other) >= 0.75:
        assert set(alike.bands(one)) & set(alike.bands(other))


def test_bands_are_signed_64_bit_numbers_that_never_change() -> None:
    bands = alike.bands((1, 2, 3))
    assert bands[0] == FIRST_BAND
    assert all(-(2**63) <= band < 2**63 for band in bands)


def test_shared_passages_are_the_longest_common_pieces() -> None:
    found = alike.shared_passages(OFFER, "出 人脸四件套 新货 眨眼点头视频都有")
    assert found == ["眨眼点头视频都有", "人脸四件套"]


def test_no_pair_of_texts_has_passages_in_common_that_are_not_there() -> None:
    assert alike.shared_passages("人脸四件套", "") == []


@pytest.mark.parametrize(
    "text", ["人" * 200_000, "人脸" * 100_000, "a " * 100_000, "\u0301" * 90_000]
)
def test_a_huge_text_costs_no_more_than_a_long_one(text: str) -> None:
    begun = time.thread_time()
    alike.shared_passages(text, text)
    alike.bands(alike.sketch(text, KEY))
    assert time.thread_time() - begun < 5


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60))
def test_any_text_has_a_sketch_and_is_like_itself(text: str) -> None:
    sketch = alike.sketch(text, KEY)
    assert len(sketch) <= alike.SIZE
    assert not sketch or alike.likeness(sketch, sketch) == 1.0
