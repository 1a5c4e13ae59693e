"""Offers are read out: what each field says, and where in the text it stands."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assess import SCORED_CHARS, Assessor
from classifiers.contract import Listing, Offer
from classifiers.lexicon import VocabularyError, parse_table
from classifiers.lexicon.offers import OfferField, _offer_word, offer_words
from classifiers.text.disguises import shipped_undisguiser
from classifiers.text.normalise import fold
from classifiers.text.offer import shipped_offer_reader
from classifiers.text.redact import find_personal

SECONDS_A_CHARACTER = 100e-6
# Generous: a quadratic reader needs thousands of times as long.


def read(text: str) -> Offer:
    """What is read out of a text."""
    folded = fold(text)
    contacts, _ = find_personal(folded)
    return shipped_offer_reader().read(folded, shipped_undisguiser().view(folded), contacts)


def values(text: str, field: str) -> list[str]:
    return [mention.value for mention in getattr(read(text), field)]


@pytest.mark.parametrize(
    ("text", "prices"),
    [
        ("正反手持 三块五一套", [(350, "CNY", "set")]),
        ("四件套二十五一份 量大从优", [(2500, "CNY", "set")]),
        ("料子十五套九十", [(600, "CNY", "set")]),
        (
            "一套7;一百套以上5;一千套以上3块8",
            [(700, "CNY", "set"), (500, "CNY", "set"), (380, "CNY", "set")],
        ),
        ("散拿8元,百套起6元", [(800, "CNY", None), (600, "CNY", "set")]),
        ("300元十套 不拆", [(3000, "CNY", "set")]),
        ("一张脸5毛", [(50, "CNY", "face")]),
        ("大头照2毛一张", [(20, "CNY", "picture")]),
        ("动态视频12一条", [(1200, "CNY", "video")]),
        ("带手机号的资料 一毛一条", [(10, "CNY", "record")]),
        ("过脸一次80", [(8000, "CNY", "pass")]),
        ("解封200一单 不成功不收费", [(20000, "CNY", "pass")]),
        ("每个号150 包首登", [(15000, "CNY", "account")]),
        ("实名号 60一个", [(6000, "CNY", "piece")]),
        ("收本人实名 一位给两百", [(20000, "CNY", "person")]),
        ("护照500一本", [(50000, "CNY", "document")]),
        ("代人脸打卡 包月200", [(20000, "CNY", "month")]),
        ("机器日租100", [(10000, "CNY", None)]),
        ("活化教程 一口价300", [(30000, "CNY", None)]),
        ("教程原价999现价199", [(19900, "CNY", None)]),
        ("动态软件 永久 1880元", [(188000, "CNY", None)]),
        ("打包价1万6", [(1600000, "CNY", None)]),
        ("对公户一套三千五", [(350000, "CNY", "set")]),
        ("30u/套", [(3000, "USDT", "set")]),
        ("100u/5套 只收u", [(2000, "USDT", "set")]),
        ("fresh sets $5 each", [(500, "USD", "piece")]),
        ("$40 per account, replacement included", [(4000, "USD", "account")]),
        ("fullz with selfie 12 bucks a set", [(1200, "USD", "set")]),
        ("Kraken intermediate pass - 150 usdt", [(15000, "USDT", None)]),
        ("100 sets for $450", [(450, "USD", "set")]),
        ("€90 per document", [(9000, "EUR", "document")]),
        ("30刀一次", [(3000, "USD", "pass")]),
        ("解封 六百六 成功再付", [(66000, "CNY", None)]),
        ("海外号 TG号6元", [(600, "CNY", "account")]),
        ("clips, two for $12", [(600, "USD", None)]),
        ("Live box, $1,900, no lessons", [(190000, "USD", None)]),
        ("forty dollars a pass", [(4000, "USD", "pass")]),
        ("小羊 十块一头", [(1000, "CNY", None)]),
    ],
)
def test_prices_are_read(text: str, prices: list[tuple[int, str, str | None]]) -> None:
    """A price, its money and its unit; what is asked for several is divided among them."""
    assert [(p.minor, p.currency, p.unit) for p in read(text).unit_prices] == prices


@pytest.mark.parametrize(
    "text",
    [
        "押金500 定金100",
        "人脸四件套 女的另加5块",
        "余额3000的号也能解",
        "满300减30",
        "2023年的老号 18岁以上",
        "7天质保 24小时在线",
        "加微信 abc12345",
        "扣扣 123456789",
        "iphone 12 可用",
        "三秒出结果 一人一次",
        "每套5张图",
        "",
    ],
)
def test_other_numbers_are_no_price(text: str) -> None:
    """Deposits, top-ups, balances, times, ages and accounts are not asked for."""
    assert read(text).unit_prices == ()


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("现货两万套 正反手持", [(20000, "set")]),
        ("手里三百五十份", [(350, "set")]),
        ("库存:7,420 已售:31,006", [(7420, None)]),
        ("料子上新3.2k套", [(3200, "set")]),
        ("还剩3台 改好的手机", [(3, "piece")]),
        ("现货50个实名号", [(50, "account")]),
        ("陌陌号二十个,要的来", [(20, "piece")]),
        ("Six kits. Courier only.", [(6, "set")]),
        ("现有十一套 一套一千八", [(11, "set")]),
        ("docs x 1.2k", [(1200, None)]),
        ("人脸头像四万张", [(40000, "picture")]),
        ("点头视频两百多条", [(200, "video")]),
        ("420 sets in stock, each with selfie", [(420, "set")]),
        ("10k fresh selfies", [(10000, "picture")]),
        ("1.2M records with photo", [(1200000, "record")]),
        ("300 sets and 50 clips", [(300, "set"), (50, "video")]),
    ],
)
def test_stock_is_read(text: str, quantities: list[tuple[int, str | None]]) -> None:
    """How many there are, and of what."""
    assert [(q.count, q.unit) for q in read(text).quantities] == quantities


@pytest.mark.parametrize(
    "text",
    [
        "百套起 不拆",
        "50套起批 100套以上打折",
        "min 20 sets",
        "已成交300单",
        "卖了两千套 口碑好",
        "每人限购10套",
        "四件套 二手料",
        "一套30",
        "十套三百",
        "2021年 1.8米 500G",
        "做了三年 30分钟出",
    ],
)
def test_other_counts_are_no_stock(text: str) -> None:
    """The least that is sold, what is sold already, sizes, times, the base of a price."""
    assert read(text).quantities == ()


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("身份证正反加手持", "contents", ["id_both_sides", "held_id"]),
        ("正面 反面 大头照", "contents", ["id_front", "id_back", "face_photo"]),
        ("点头张嘴视频都有", "contents", ["face_video"]),
        ("执照 公章 U盾 手机卡", "contents", ["business_licence", "seal", "usb_key", "sim_card"]),
        ("软件加教程 包更新", "contents", ["software", "tutorial", "aftercare"]),
        ("front and back, clip +$35", "contents", ["id_front", "id_back", "face_video"]),
        ("不含手持 没有视频", "contents", []),
        ("微信号解封", "contents", []),
        ("出抖音号 已实名", "contents", ["account"]),
        ("网贷平台一手流出", "origins", ["loan_platform"]),
        ("招聘软件面试那批", "origins", ["recruitment"]),
        ("外卖站点登记的", "origins", ["delivery_or_ride"]),
        ("村里地推收的", "origins", ["village_or_offline"]),
        ("社工库出的", "origins", ["breach_or_database"]),
        ("酒店前台影像", "origins", ["hotel"]),
        ("Exchange KYC leak w/ selfies", "origins", ["breach_or_database"]),
        ("微信解封 支付宝解限", "targets", ["wechat", "alipay"]),
        ("币安欧易过脸", "targets", ["binance", "okx"]),
        ("某团骑手脸恢复", "targets", ["meituan"]),
        ("Binance, OKX and PayPal pass", "targets", ["binance", "okx", "paypal"]),
        ("过网贷人脸", "targets", ["loan_app"]),
        ("王者荣耀防沉迷", "targets", ["game"]),
        ("银行卡一套", "targets", []),
        ("网盘发货", "delivery", ["netdisk"]),
        ("发邮箱也行", "delivery", ["email"]),
        ("自动发卡 秒发", "delivery", ["auto_card", "instant"]),
        ("远程包装好", "delivery", ["remote_desktop"]),
        ("先看货再付", "delivery", ["trial_first"]),
        ("顺丰到付", "delivery", ["courier"]),
        ("同城面交", "delivery", ["face_to_face"]),
        ("量大私", "handoff", ["private_message"]),
        ("加微信详聊", "handoff", ["wechat"]),
        ("➕v:ka***7", "handoff", ["wechat"]),
        ("飞机联系", "handoff", ["telegram"]),
        ("蝙蝠聊", "handoff", ["bat"]),
        ("土豆见", "handoff", ["potato"]),
        ("telegram @some_demo1", "handoff", ["telegram"]),
        ("DM me", "handoff", ["private_message"]),
        ("邮箱 demo@example.com", "handoff", ["email"]),
        ("飞机号一个 私户", "handoff", []),
    ],
)  # fmt: skip
def test_words_are_read(text: str, field: str, expected: list[str]) -> None:
    """Each field names what the words mean, a longer word winning over one inside it."""
    assert values(text, field) == expected


def test_a_messenger_is_a_target_or_a_way_to_the_seller() -> None:
    """微信 is what is opened in 微信解封, and where the deal goes on in 加微信."""
    offer = read("微信实名解封 加微信联系")
    assert [m.value for m in offer.targets] == ["wechat"]
    assert [m.value for m in offer.handoff] == ["wechat"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("先看样品视频 薇信", "handoff"),
        ("全新全套，威信说", "handoff"),
        ("威信解封 秒", "targets"),
        ("威芯号 三年", "targets"),
        ("解封威信 扣扣都做", "targets"),
    ],
)
def test_a_messenger_in_disguise_is_a_way_to_the_seller(text: str, field: str) -> None:
    """Unless it is opened, or an account of it is sold."""
    offer = read(text)
    named = {
        name: [m.value for m in getattr(offer, name) if m.value == "wechat"]
        for name in ("targets", "handoff")
    }
    assert named == {"targets": [], "handoff": []} | {field: ["wechat"]}


@pytest.mark.parametrize("text", ["网贷认证", "代做网贷认证"])
def test_a_plain_word_is_not_read_as_another(text: str) -> None:
    """贷认证 is no 代认证 behind 网."""
    assert values(text, "targets") == ["loan_app"]


def test_each_value_stands_once_at_its_first_place() -> None:
    """A word that is repeated is one value."""
    text = "手持 正反 手持 30一套 三十块一套"
    offer = read(text)
    assert [(m.value, m.start) for m in offer.contents] == [("held_id", 0), ("id_both_sides", 3)]
    assert [text[p.start : p.end] for p in offer.unit_prices] == ["30一套"]


def test_disguised_words_are_read_at_their_place() -> None:
    """Separators and full-width digits are undone, and spans point into what was written."""
    text = "手*持 网.盘发 ３０元／套 现货②⓪⓪套"
    offer = read(text)
    assert [text[m.start : m.end] for m in offer.contents] == ["手*持"]
    assert [text[m.start : m.end] for m in offer.delivery] == ["网.盘发"]
    assert [(p.minor, text[p.start : p.end]) for p in offer.unit_prices] == [(3000, "３０元／套")]
    assert [(q.count, text[q.start : q.end]) for q in offer.quantities] == [(200, "②⓪⓪套")]


def test_no_amount_is_read_inside_a_contact() -> None:
    """The digits of an account are no price and no stock."""
    offer = read("出料 QQ 300500600 微信 abc_5000u")
    assert (offer.unit_prices, offer.quantities) == ((), ())
    assert [m.value for m in offer.handoff] == ["qq", "wechat"]


@pytest.mark.parametrize(
    "text",
    [
        "样本卡号 6222 0212 3456 7890 手持",
        "手持 身份证 1101 0119 9003 0744 77 现货",
        "手持正反 11010119900307 4477 元",
        "库存 1101 0119 9003 0744 77",
        "一一零一 零一一九 九零零三 零七四四 七七 套",
    ],
)
def test_no_part_of_a_persons_number_is_read(text: str) -> None:
    """What is read is stored and searched: not even four digits of a victim's number may be."""
    offer = read(text)
    assert (offer.unit_prices, offer.quantities) == ((), ())


def test_a_number_cut_at_the_end_of_an_assessed_text_is_not_read() -> None:
    """The half of it that is left no longer looks like a person's number."""
    filler = "人脸四件套 一手 " * 3_000
    text = f"{filler[: SCORED_CHARS - 10]} 6222 0212 3456 7890"
    assert Assessor().assess(Listing(text)).offer.unit_prices == ()


@given(
    st.text(
        alphabet="0123456789一二两三十百千万套张条个元块毛/¥$u.起以上每 ,加微信手持网盘没不\n私v:",
        max_size=120,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_text_has_spans_inside_it(text: str) -> None:
    """Whatever stands there: no error, spans in the text and in order, amounts above zero."""
    offer = read(text)
    for field in (
        "unit_prices",
        "quantities",
        "contents",
        "origins",
        "targets",
        "delivery",
        "handoff",
    ):
        items = getattr(offer, field)
        assert all(0 <= item.start < item.end <= len(text) for item in items)
        assert [item.start for item in items] == sorted(item.start for item in items)
    assert all(price.minor >= 1 for price in offer.unit_prices)
    assert all(quantity.count >= 1 for quantity in offer.quantities)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "一",
        "1,000",
        "1 ",
        "一套",
        "10套",
        "十套三百",
        "每",
        "加微信",
        "30元",
        "a ",
        "套以上",
        "1.",
        "万",
        "不",
        "私",
        "$",
        "v:",
        "手持",
        "微信:",
    ],
)
def test_time_is_linear_in_hostile_texts(piece: str) -> None:
    """100,000 characters of one piece take what many short texts take."""
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    read(text)
    assert time.perf_counter() - started < SECONDS_A_CHARACTER * len(text)


def test_every_phrase_of_the_table_is_found() -> None:
    """No row is shadowed into silence: each phrase alone reads as its value."""
    silent = [
        (word.value, phrase)
        for word in offer_words()
        for phrase in word.phrases
        if word.value != "-"
        and not any(word.value in values(phrase, field.value) for field in OfferField)
    ]
    assert silent == []


def test_a_broken_row_names_its_line() -> None:
    """An operator who edits the table learns where it is wrong."""
    columns = ("field", "value", "phrases")
    with pytest.raises(VocabularyError, match="line 2"):
        parse_table("x.csv", "field,value,phrases\ncontents,held_id,\n", columns, _offer_word)
    with pytest.raises(VocabularyError, match="line 2"):
        parse_table("x.csv", "field,value,phrases\nsmell,held_id,a\n", columns, _offer_word)
