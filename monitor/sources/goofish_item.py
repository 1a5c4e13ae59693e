"""The fields of a Goofish item detail (sources.md 2.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.domain.page import ItemState, ParsedListing
from monitor.sources.goofish_rows import SITE, item_link
from monitor.sources.nested import dig
from monitor.sources.rows import BadRow, RowReader

__all__ = ["read_item"]

STATES = {
    "在线": ItemState.ON_SALE,
    "卖掉了": ItemState.SOLD,
    "已卖出": ItemState.SOLD,
    "已售出": ItemState.SOLD,
    "已下架": ItemState.GONE,
    "已删除": ItemState.GONE,
}
"""By the text: clients disagree about the numbers beside 0 and -2."""
CODES = {0: ItemState.ON_SALE, -2: ItemState.GONE}
COUNTS = {
    "wantCnt": "want_count",
    "browseCnt": "view_count",
    "collectCnt": "collect_count",
    "favorCnt": "favourite_count",
    "soldCnt": "sold_count",
    "quantity": "quantity",
}
SELLER_TEXTS = {
    "uniqueName": "seller_unique_name",
    "signature": "seller_signature",
    "portraitUrl": "seller_avatar",
    "userRegDay": "seller_days",
    "registerTime": "seller_registered",
    "itemCount": "seller_items",
    "hasSoldNumInteger": "seller_sold",
    "replyRatio24h": "seller_reply_ratio",
    "replyInterval": "seller_reply_interval",
    "newGoodRatioRate": "seller_good_ratio",
    "zhimaAuth": "seller_is_verified",
    "lastVisitTime": "seller_last_visit",
    "xianyuSummary": "seller_summary",
}


def read_item(data: dict[str, Any], reader: RowReader, fetched_at: datetime) -> ParsedListing:
    """Make a listing of an item's detail.

    Raises:
        BadRow: another shape, or without id or text.
    """
    item, seller = data.get("itemDO"), data.get("sellerDO")
    if not isinstance(item, dict):
        raise BadRow("item", "unknown shape: itemDO is missing")
    native_id = item.get("itemId")
    values = {
        "native_id": native_id,
        "title": item.get("title"),
        "description": item.get("desc"),
        "url": item_link(str(native_id)) if native_id else None,
        "price": item.get("soldPrice"),
        "seller_name": dig(seller, "nick"),
        "seller_id": dig(seller, "sellerId"),
        "region": dig(seller, "publishCity") or dig(seller, "city"),
        "published_at": item.get("gmtCreate") or item.get("GMT_CREATE_DATE_KEY"),
        "pictures": _pictures(item.get("imageInfos")),
        "extra": _extra(item, seller),
    }
    listing = reader.read(values, SITE, fetched_at)
    return replace(listing, state=_state(item))


def _state(item: dict[str, Any]) -> ItemState:
    text, code = item.get("itemStatusStr"), item.get("itemStatus")
    if isinstance(text, str) and text:
        return STATES.get(text.strip(), ItemState.UNKNOWN)
    return CODES.get(code, ItemState.UNKNOWN) if isinstance(code, int) else ItemState.UNKNOWN


def _pictures(infos: Any) -> list[str]:
    links = [dig(info, "url") for info in infos[:100]] if isinstance(infos, list) else []
    return [link for link in links if isinstance(link, str)]


def _extra(item: dict[str, Any], seller: Any) -> dict[str, Any]:
    original = item.get("originalPrice")
    extra = {
        # "0" stands for "not set".
        "original_price": None if original in ("0", "0.00", 0) else original,
        "transport_fee": item.get("transportFee"),
        "category_id": item.get("categoryId"),
        "report_url": item.get("reportUrl"),
        "status": item.get("itemStatusStr"),
        "tags": _texts(item.get("commonTags"), "text"),
        "labels": _texts(item.get("itemLabelExtList"), "text"),
        "properties": _properties(item.get("cpvLabels")),
        "seller_level": dig(seller, "idleFishCreditTag", "trackParams", "sellerLevel"),
        "seller_zhima": dig(seller, "zhimaLevelInfo", "levelName"),
        **{name: item.get(key) for key, name in COUNTS.items()},
        **{name: dig(seller, key) for key, name in SELLER_TEXTS.items()},
    }
    remarks = ("sellerGoodRemarkCnt", "sellerBadRemarkCnt", "sellerDefaultRemarkCnt")
    return extra | {key: dig(seller, "remarkDO", key) for key in remarks}


def _texts(parts: Any, key: str) -> list[str]:
    found = [dig(part, key) for part in parts[:50]] if isinstance(parts, list) else []
    return [text for text in found if isinstance(text, str)]


def _properties(parts: Any) -> list[str]:
    if not isinstance(parts, list):
        return []
    pairs = [(dig(part, "propertyName"), dig(part, "valueName")) for part in parts[:50]]
    return [f"{name}: {value}" for name, value in pairs if name and value]
