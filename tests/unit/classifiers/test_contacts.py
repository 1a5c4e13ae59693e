"""Contacts: found in any disguise, masked, with the place of the account itself."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.contract import Contact, ContactKind
from classifiers.text.contacts import find_contacts, mask
from classifiers.text.normalise import fold


def contacts(text: str) -> list[tuple[str, str]]:
    """Kind and value of each contact."""
    return [(contact.kind.value, contact.value) for contact in find_contacts(fold(text))]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("加微信：ab_c123456", "wechat", "ab_c123456"),
        ("威信 abc12345", "wechat", "abc12345"),
        ("薇❤️ abc12345", "wechat", "abc12345"),
        ("➕v：Abc_12345", "wechat", "abc_12345"),
        ("ＶＸ：ａｂｃ１２３４５", "wechat", "abc12345"),
        ("卫星 13800001234", "wechat", "13800001234"),
        ("ⓥ①③⑧ 0000 1234", "wechat", "13800001234"),
        ("微信:weixinname", "wechat", "weixinname"),
        ("扣扣:12345678", "qq", "12345678"),
        ("企鹅 1 2 3 4 5 6 7 8", "qq", "12345678"),
        ("🐧 12345678", "qq", "12345678"),
        ("Q：壹贰叁肆伍陆", "qq", "123456"),
        ("飞机 @some_demo", "telegram", "some_demo"),
        ("tg: some_demo", "telegram", "some_demo"),
        ("找 @some_demo 聊", "telegram", "some_demo"),
        ("https://t.me/some_demo", "telegram", "some_demo"),
        ("电话 138-0000-1234", "phone", "13800001234"),
        ("+86 138 0000 1234", "phone", "13800001234"),
        ("一三八零零零零一二三四", "phone", "13800001234"),
        ("call +44 7700 900 123", "phone", "447700900123"),
        ("Some.One@Example.COM", "email", "some.one@example.com"),
        ("https://pan.baidu.com/s/1AbCd 提取码", "netdisk", "https://pan.baidu.com/s/1AbCd"),
        ("pan.quark.cn/s/abc123", "netdisk", "pan.quark.cn/s/abc123"),
        ("看 www.example.com/shop", "link", "www.example.com/shop"),
        ("土豆：abc_9988", "other", "abc_9988"),
        ("蝙蝠 id 88776655", "other", "88776655"),
    ],
)
def test_contact_is_found(text: str, kind: str, value: str) -> None:
    """One account compares equal however it is written."""
    assert contacts(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "微信支付 200",
        "wechat verified accounts, real name",
        "飞机票 上海到北京",
        "4.5 元一斤，共 12 斤",
        "型号 v8 电池",
        "2023-10-01 12:30",
        "人脸四件套 现货",
        "a@b",
        "薇薇新娘 婚纱",
    ],
)
def test_ordinary_words_are_no_contact(text: str) -> None:
    """The name of a service alone, prices, dates and models are no account."""
    assert contacts(text) == []


def test_span_is_the_account_itself() -> None:
    """The word before it stays readable."""
    text = "要的加 Ｖ：ab_c123456，秒回"
    (contact,) = find_contacts(fold(text))
    assert text[contact.start : contact.end] == "ab_c123456"
    assert contact.masked == "ab*******6"


def test_several_contacts_come_in_text_order() -> None:
    """Each account counts once, and none overlaps another."""
    assert contacts("qq 998877，vx abcd1234，13800001234") == [
        ("qq", "998877"),
        ("wechat", "abcd1234"),
        ("phone", "13800001234"),
    ]


@pytest.mark.parametrize(
    ("shown", "kind", "masked"),
    [
        ("abcdef89", ContactKind.WECHAT, "ab*****9"),
        ("12345", ContactKind.QQ, "1***5"),
        ("abc", ContactKind.OTHER, "***"),
        ("someone@example.com", ContactKind.EMAIL, "s*****e@example.com"),
        ("https://pan.baidu.com/s/1AbC", ContactKind.NETDISK, "https://pan.baidu.com/******"),
    ],
)
def test_mask_shows_little_and_keeps_the_length(shown: str, kind: ContactKind, masked: str) -> None:
    """A reviewer can tell accounts apart, and nobody can use them."""
    assert mask(shown, kind) == masked
    assert len(masked) == len(shown)


PIECES = st.sampled_from(
    [
        *"微信vqQ：: @._-+/x①壹1380",
        "http://",
        "t.me/",
        "pan.baidu.com/s/",
        "abc_123",
        "\n",
        "\ud800",
    ]
)


def check_shape(text: str, found: tuple[Contact, ...]) -> None:
    """Spans rise, stay inside the text, and masks are as long as they."""
    last = 0
    for contact in found:
        assert last <= contact.start < contact.end <= len(text)
        assert len(contact.masked) == contact.end - contact.start
        last = contact.end


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_shape_holds_for_any_mixture(text: str) -> None:
    """Nothing that is typed breaks the contract."""
    check_shape(text, find_contacts(fold(text)))


@pytest.mark.parametrize(
    "piece", ["a@", "微信:", "http://", "a.", "138 0000 1111,", "@", "v", "1", "微号", "qq 1"]
)
def test_time_is_linear(piece: str) -> None:
    """Four times the text takes about four times as long."""

    def seconds(count: int) -> float:
        view = fold(piece * count)
        best = 9.0
        for _ in range(2):
            started = time.process_time()
            find_contacts(view)
            best = min(best, time.process_time() - started)
        return best

    assert seconds(8_000) < 12 * seconds(2_000) + 0.05
