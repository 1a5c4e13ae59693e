"""What a stranger chose besides the words: masked without losing what the monitor needs."""

from __future__ import annotations

import pytest

from monitor.pipeline.masking import masked, masked_address, masked_value

ID = "110101199003074477"
CARD = "6222020000000000018"
CUT = "%E2%96%88"


@pytest.mark.parametrize(
    "url",
    [
        f"https://m.example/item?who={ID}",
        f"https://m.example/{ID}.html",
        f"https://m.example/p-{ID[:6]}-{ID[6:14]}-{ID[14:]}/x",
        "https://m.example/%EF%BC%91%EF%BC%91010119900307%EF%BC%94477",
        f"https://m.example/a-{CARD}-b?id=7",
    ],
)
def test_an_address_loses_other_peoples_numbers(url: str) -> None:
    """In the path, the query, a slug, percent-encoded or not."""
    shown = masked_address(url, own="7")
    assert CUT in shown
    assert shown.startswith("https://m.example/")
    assert ID not in shown
    assert CARD not in shown


@pytest.mark.parametrize(
    "url",
    [
        "https://m.example/item?id=1234567890123456&spm=a2170.7897990.6801272.1",
        "https://m.example/%E9%97%B2?q=%20a+b&x=%25",
        f"https://m.example/item/{CARD}",
        "",
    ],
)
def test_an_ordinary_address_stays_to_the_letter(url: str) -> None:
    """Markets' own ids are as long as a card's number, and the item page is asked for by it."""
    assert masked_address(url, own=CARD) == url


def test_a_pictures_address_loses_identity_numbers_only() -> None:
    """One long number in ten looks like a card, and pictures are named by such numbers."""
    assert masked_address(f"https://cdn.example/{CARD}.jpg") == f"https://cdn.example/{CARD}.jpg"
    assert ID not in masked_address(f"https://cdn.example/{ID}.jpg")


def test_further_fields_are_masked_at_any_depth_and_in_any_type() -> None:
    """Names of fields and numbers too; what is short or no number stays as it is."""
    row = {"a": [f"x {ID}", {"b": int(CARD)}], f"k {ID}": True, "want": 12, "rate": 0.5, "n": None}
    shown = masked_value(row)
    assert ID not in str(shown)
    assert CARD not in str(shown)
    assert (shown["want"], shown["rate"], shown["n"]) == (12, 0.5, None)


def test_a_contact_in_a_short_text_is_masked() -> None:
    """As in the words."""
    assert "abc_12345" not in masked("加微信 abc_12345")
    assert masked("浙江 杭州") == "浙江 杭州"
