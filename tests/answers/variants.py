"""Rows of every market in drawn variants, each with what must be read out of it.

The shapes are those of sources.md 2.2, 2.3, 2.4, 2.6 and 2.7; every value is drawn, and
fields that markets leave out now and then are left out now and then.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.domain.page import Answer, ParsedListing
from monitor.sources.discovery import build
from tests.answers import discuz, goofish, taobao, telegram
from tests.answers.definitions import DISCUZ, GOOFISH, TAOBAO, TELEGRAM, changed
from tests.answers.pages import Goods

__all__ = ["SHAPES", "Fields", "value_of"]

Fields = dict[str, Any]
"""Expected values by name: of `ParsedListing`, or ``extra.`` and a name in there."""

FETCHED_AT = datetime(2026, 8, 7, 9, tzinfo=UTC)
WORDS = ("台灯", "护眼", "可调光", "九成新", "自提", "送灯泡", "[火]", "💡", "ｌｅｄ", "复古")
PLACES = ("广东", "浙江 杭州", "山西 晋中", "上海")


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of answers.

    Attributes:
        section: of sources.md.
        read: draws an answer of so many rows, and returns for each its listing and fields.
    """

    section: str
    read: Callable[[random.Random, int], list[tuple[ParsedListing | None, Fields]]]


def value_of(listing: ParsedListing | None, name: str) -> Any:
    """A listing's value by the name in `Fields`."""
    if listing is None:
        return None
    group, _, own_name = name.partition(".")
    return listing.extra.get(own_name) if group == "extra" else getattr(listing, name)


def _title(draw: random.Random) -> str:
    return "台灯 " + " ".join(draw.sample(WORDS, draw.randint(1, 6)))


def _price(draw: random.Random) -> tuple[str, int]:
    yuan, fen = draw.randrange(1, 99_999), draw.choice((0, 0, 5, 80))
    return (f"{yuan}.{fen:02d}" if fen else str(yuan)), 100 * yuan + fen


def _time(draw: random.Random) -> datetime:
    return FETCHED_AT - timedelta(minutes=draw.randrange(1, 1_000_000))


def _count(value: int, *, is_approximate: bool = False) -> dict[str, Any]:
    return {"value": value, "is_approximate": is_approximate}


def _goofish_row(draw: random.Random, number: int) -> tuple[Any, Fields]:
    title, (price, minor), at = _title(draw), _price(draw), _time(draw)
    wants, is_auction = draw.randrange(100_000), draw.random() < 0.2
    seller = base64.b64encode(draw.randbytes(16)).decode()
    tags = {
        "r1": {"tagList": [goofish.tag("13", "freeShippingIcon", "img")]},
        "r2": {"tagList": [goofish.tag("36", "几乎全新"), goofish.tag("38", "某牌")]},
        "r3": {"tagList": [goofish.tag("9", f"{wants}人想要"), goofish.tag("749", "累计降价10%")]},
        "r4": {"tagList": [goofish.tag("919", "卖家信用极好")]},
    }
    changes: dict[str, Any] = {
        "title": title,
        "area": draw.choice(PLACES),
        "oriPrice": f"¥{draw.randrange(1, 9999)}",
        "userIdentityShow": draw.choice(("闲鱼严选卖家", "鱼小铺")),
        "userNickName": f"小铺{draw.randrange(99)}",
        "picUrl": f"http://img.market.example/{number}.{draw.choice(('jpg', 'heic'))}",
        "isAuction": draw.choice((is_auction, str(is_auction).lower())),
        "showVideoIcon": True,
        "isAliMaMaAD": True,
        "publishTime": str(int(at.timestamp() * 1000)),
        "seller_id": seller,
        "item_type": draw.choice(("goods", "video", "auction")),
        "fishTags": tags,
        "auctionStartTime": str(draw.randrange(10**12)) if is_auction else None,
    }
    row = goofish.row(number, **changes)
    main = row["data"]["item"]["main"]
    details, args = main["exContent"]["detailParams"], main["clickParam"]["args"]
    details |= {"title": f"{title}\n可自提", "soldPrice": price}
    if draw.random() < 0.1:
        # Missing on auctions: the price stands in a second place then.
        del details["soldPrice"]
        args["price"] = price
    fields = {
        "native_id": str(880_000_000_000 + number),
        "title": title,
        "description": f"{title}\n可自提",
        "url": f"https://www.goofish.com/item?id={880_000_000_000 + number}",
        "price_minor": minor,
        "price_raw": price,
        "seller_name": changes["userNickName"],
        "seller_id": seller,
        "region": changes["area"],
        "published_at": at.replace(microsecond=0),
        "picture_urls": (changes["picUrl"],),
        "extra.want_count": _count(wants),
        "extra.original_price": changes["oriPrice"],
        "extra.merchant_hint": changes["userIdentityShow"],
        "extra.seller_reputation": ["364条评价"],
        "extra.seller_avatar": "http://img.market.example/avatar.jpg",
        "extra.item_type": changes["item_type"],
        "extra.tags": ["几乎全新", "某牌", f"{wants}人想要", "累计降价10%", "卖家信用极好"],
        "extra.condition": "几乎全新",
        "extra.brand": "某牌",
        "extra.price_reduced": "累计降价10%",
        "extra.credit": "卖家信用极好",
        "extra.free_shipping": True,
        "extra.market_tags": "freeship/credit-6",
        "extra.market_tag_names": "包邮/极好",
        "extra.is_auction": True if is_auction else None,
        "extra.auction_starts": changes["auctionStartTime"],
        "extra.has_video": True,
        "extra.is_ad": True,
        "extra.picture_width": 164.0,
        "extra.picture_height": 218.6,
        "extra.card": "idlefish_search_item_new_tags",
    }
    return row, fields


def _goofish_item(draw: random.Random, number: int) -> tuple[Any, Fields]:
    title, (price, minor), at = _title(draw), _price(draw), _time(draw)
    status = draw.choice((("在线", "on_sale"), ("卖掉了", "sold"), ("已下架", "gone")))
    counts = ("wantCnt", "browseCnt", "collectCnt", "favorCnt", "soldCnt", "quantity")
    drawn = {name: draw.randrange(1, 9999) for name in counts}
    changes = {
        "itemId": 880_000_000_000 + number,
        "title": title,
        "desc": f"{title}\n可自提",
        "soldPrice": price,
        "originalPrice": "99",
        "gmtCreate": int(at.timestamp() * 1000),
        "itemStatusStr": status[0],
        "categoryId": 50_025_969,
        "itemLabelExtList": [{"propertyText": "成色", "text": "全新", "labelId": "1"}],
        **drawn,
    }
    seller = {
        "sellerId": draw.randrange(10**9, 10**10),
        "nick": f"小铺{draw.randrange(99)}",
        "uniqueName": f"铺{number}",
        "city": "深圳",
        "publishCity": draw.choice(PLACES),
        "signature": "诚信",
        "portraitUrl": "http://img.market.example/p.jpg",
        "userRegDay": draw.randrange(1, 5000),
        "registerTime": "2020-01-01",
        "itemCount": draw.randrange(1, 500),
        "hasSoldNumInteger": draw.randrange(1, 500),
        "replyRatio24h": "100%",
        "replyInterval": "1小时",
        "newGoodRatioRate": "97%",
        "zhimaAuth": True,
        "zhimaLevelInfo": {"levelName": "信用极好"},
        "idleFishCreditTag": {"trackParams": {"sellerLevel": "5"}},
        "remarkDO": {
            "sellerGoodRemarkCnt": 21,
            "sellerBadRemarkCnt": 2,
            "sellerDefaultRemarkCnt": 3,
        },
        "xianyuSummary": "卖出过台灯",
        "lastVisitTime": "刚刚来过",
    }
    plain = {
        "uniqueName": "unique_name",
        "signature": "signature",
        "portraitUrl": "avatar",
        "userRegDay": "days",
        "registerTime": "registered",
        "itemCount": "items",
        "hasSoldNumInteger": "sold",
        "replyRatio24h": "reply_ratio",
        "replyInterval": "reply_interval",
        "newGoodRatioRate": "good_ratio",
        "zhimaAuth": "is_verified",
        "xianyuSummary": "summary",
        "lastVisitTime": "last_visit",
    }
    counted = ("want_count", "view_count", "collect_count", "favourite_count", "sold_count")
    fields = {
        "native_id": str(880_000_000_000 + number),
        "title": title,
        "description": f"{title}\n可自提",
        "price_minor": minor,
        "state": status[1],
        "seller_id": str(seller["sellerId"]),
        "seller_id_space": "item",
        "seller_name": seller["nick"],
        "region": seller["publishCity"],
        "published_at": at.replace(microsecond=0),
        "picture_urls": ("http://img.market.example/1.jpg",),
        "extra.original_price": "99",
        "extra.transport_fee": "0.00",
        "extra.category_id": 50_025_969,
        "extra.report_url": "https://market.example/report",
        "extra.status": status[0],
        "extra.tags": ["包邮"],
        "extra.labels": ["全新"],
        "extra.properties": ["成色: 几乎全新"],
        "extra.seller_level": "5",
        "extra.seller_zhima": "信用极好",
        **{f"extra.{name}": drawn[key] for name, key in zip(counted, counts, strict=False)},
        "extra.quantity": drawn["quantity"],
        **{f"extra.seller_{name}": seller[key] for key, name in plain.items()},
        **{f"extra.{name}": count for name, count in seller["remarkDO"].items()},  # type: ignore[attr-defined]
    }
    return goofish.detail(**changes) | {"sellerDO": seller}, fields


def _taobao_row(draw: random.Random, number: int) -> tuple[Any, Fields]:
    title, (price, minor) = _title(draw), _price(draw)
    sales, is_ad = draw.randrange(1, 900), draw.random() < 0.2
    row = taobao.row(
        number,
        title=title.replace("台灯", "<span class=H>台灯</span>"),
        priceShow={"unit": "¥", "price": price, "preText": "券后", "priceDesc": "补贴"},
        procity=draw.choice(PLACES),
        realSales=f"{sales}+人付款",
        nick=f"小铺{draw.randrange(99)}",
        isP4p=str(is_ad).lower(),
    )
    fields = {
        "native_id": str(770_000_000_000 + number),
        "title": title,
        "url": f"https://detail.tmall.com/item.htm?id={770_000_000_000 + number}&ns=1",
        "price_minor": minor,
        "seller_name": row["nick"],
        "region": row["procity"],
        "picture_urls": (row["pic_path"],),
        "extra.list_price": "59.00",
        "extra.price_unit": "¥",
        "extra.price_text": "券后 补贴",
        "extra.shop": "灯具旗舰店",
        "extra.shop_url": "https://store.taobao.com/shop/view_shop.htm?id=1",
        "extra.sales": _count(sales, is_approximate=True),
        "extra.properties": ["材质: 金属"],
        "extra.shop_tag": "天猫",
        "extra.summary": "回头客多",
        "extra.page": "2",
        "extra.is_tmall": True,
        "extra.is_ad": True if is_ad else None,
    }
    return row, fields


def _taobao_of_old(draw: random.Random, number: int) -> tuple[Any, Fields]:
    title, (price, minor) = _title(draw) + "; 全新", _price(draw)
    sales, comments, is_tmall = draw.randrange(9999), draw.randrange(9999), draw.random() < 0.5
    row = taobao.legacy_row(
        number,
        raw_title=title,
        view_price=price,
        item_loc=draw.choice(PLACES),
        view_sales=f"{sales}人付款",
        comment_count=str(comments),
        user_id=str(draw.randrange(10**10)),
        shopcard={"isTmall": is_tmall},
        p4p=1,
    )
    fields = {
        "native_id": row["nid"],
        "title": title,
        "url": f"https://item.taobao.com/item.htm?id={row['nid']}&ns=1",
        "price_minor": minor,
        "seller_name": row["nick"],
        "seller_id": row["user_id"],
        "region": row["item_loc"],
        "picture_urls": (f"https:{row['pic_url']}",),
        "extra.sales": _count(sales),
        "extra.comments": _count(comments),
        "extra.postage": "0.00",
        "extra.is_tmall": True if is_tmall else None,
        "extra.is_ad": True,
    }
    return row, fields


def _post(draw: random.Random, number: int) -> tuple[telegram.Post, Fields]:
    title, at, views = _title(draw), _time(draw), draw.randrange(1, 999)
    link = f"https://cdn.example/{number}.jpg"
    reply = f"https://t.me/{telegram.CHANNEL}/{draw.randrange(1, 9)}"
    before = (
        '<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/other">别家</a>'
        f'<a class="tgme_widget_message_reply" href="{reply}">'
        '<div class="tgme_widget_message_text">引用</div></a>'
    )
    carried = (
        f"""<a class="tgme_widget_message_photo_wrap" style="background-image:url('{link}')"></a>"""
        '<a class="tgme_widget_message_video_player"></a>'
        '<div class="tgme_widget_message_poll_question">要哪种</div>'
        '<div class="tgme_widget_message_document_title">价目表.pdf</div>'
    )
    text = f"{title}\n可自提"
    shown = f"{views / 10:.1f}K" if draw.random() < 0.5 else str(views)
    post = telegram.Post(number, text, at.isoformat(), shown, carried, before)
    is_rounded = shown.endswith("K")
    fields = {
        "native_id": f"{telegram.CHANNEL}/{number}",
        "url": f"https://t.me/{telegram.CHANNEL}/{number}",
        "title": title,
        "description": "可自提\n要哪种\n价目表.pdf",
        "published_at": at,
        "picture_urls": (link,),
        "seller_name": "台灯铺",
        "seller_id": telegram.CHANNEL,
        "extra.views": _count(views * 100 if is_rounded else views, is_approximate=is_rounded),
        "extra.forwarded_from": "别家",
        "extra.forwarded_from_url": "https://t.me/other",
        "extra.reply_to": reply,
        "extra.has_video": True,
    }
    return post, fields


def _thread(draw: random.Random, number: int) -> tuple[Goods, Fields]:
    goods = Goods(str(number), _title(draw), seller=f"楼主{draw.randrange(99)}")
    fields = {
        "native_id": goods.id,
        "title": goods.title,
        "seller_name": goods.seller,
        "seller_id": goods.id,
        "published_at": datetime(2026, 8, 7, 8, 30, tzinfo=UTC),
        "extra.replies": _count(3),
        "extra.views": _count(120),
    }
    return goods, fields


Draw = Callable[[random.Random, int], tuple[Any, Fields]]
PER_PAGE = 20


def _searched(
    definition: str, draw_row: Draw, page_of: Callable[[list[Any]], str], **more: Any
) -> Callable[[random.Random, int], list[tuple[ParsedListing | None, Fields]]]:
    """Rows on pages of results."""
    source = build(changed(definition) if isinstance(definition, str) else definition)

    def read(draw: random.Random, count: int) -> list[tuple[ParsedListing | None, Fields]]:
        found: list[tuple[ParsedListing | None, Fields]] = []
        for start in range(1, count + 1, PER_PAGE):
            numbers = range(start, min(start + PER_PAGE, count + 1))
            rows = [draw_row(draw, number) for number in numbers]
            page = source.parse_search(_answer(page_of([row for row, _ in rows]), source))
            by_id = {listing.native_id: listing for listing in page.listings}
            found += [(by_id.get(fields["native_id"]), fields | more) for _, fields in rows]
        return found

    return read


def _answer(text: str, source: Any) -> Answer:
    request = source.search_request("台灯")
    url = request.url if request else ""
    return Answer(url, url, 200, {}, text.encode(), text, FETCHED_AT, request=request)


def _items(draw: random.Random, count: int) -> list[tuple[ParsedListing | None, Fields]]:
    source: Any = build(changed(GOOFISH))
    found = []
    for number in range(1, count + 1):
        data, fields = _goofish_item(draw, number)
        text = goofish.envelope(data, api=goofish.DETAIL_API)
        found.append((source.parse_item(_answer(text, source)).listing, fields))
    return found


BOARD = DISCUZ.replace("[options]", "[options]\nboard = 2")
SHAPES: Mapping[str, Shape] = {
    "goofish search": Shape(
        "2.2", _searched(GOOFISH, _goofish_row, lambda r: goofish.envelope(goofish.search(r)))
    ),
    "goofish item": Shape("2.3", _items),
    "taobao": Shape("2.4", _searched(TAOBAO, _taobao_row, taobao.results)),
    "taobao of old": Shape("2.4", _searched(TAOBAO, _taobao_of_old, taobao.legacy_page)),
    "telegram": Shape("2.6", _searched(TELEGRAM, _post, telegram.preview)),
    "discuz search": Shape(
        "2.7", _searched(DISCUZ, _thread, discuz.found, **{"extra.board": "闲置"})
    ),
    "discuz board": Shape("2.7", _searched(BOARD, _thread, discuz.board, **{"extra.type": "闲置"})),
}
