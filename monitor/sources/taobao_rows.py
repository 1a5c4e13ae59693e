"""The fields of one row of a Taobao search answer, of today and of old (sources.md 2.4).

Titles carry ``<span class=H>`` around the words that were searched for. An advertisement's
link leads over a counter; its listing is the same one, so its address is made of its id.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from monitor.domain.page import ParsedListing
from monitor.sources.links import Links, host_of
from monitor.sources.nested import dig, first_of, is_true, text_of
from monitor.sources.rows import BadRow, RowReader
from monitor.sources.texts import drop_tags

__all__ = ["RowParser", "read_legacy_row", "read_row"]

RowParser = Callable[[Any, RowReader, datetime], ParsedListing]

SITE = Links("https://s.taobao.com/")
ITEM_HOSTS = ("item.taobao.com", "detail.tmall.com")
TMALL = "detail.tmall.com"
MAX_PROPERTIES = 40


def read_row(row: Any, reader: RowReader, fetched_at: datetime) -> ParsedListing:
    """Make a listing of one entry of `itemsArray`.

    Raises:
        BadRow: no table, or without id or title.
    """
    if not isinstance(row, dict):
        raise BadRow("row", "unknown shape")
    native_id = first_of(row.get("item_id"), row.get("nid"))
    shown = row.get("priceShow")
    values = {
        "native_id": native_id,
        "title": _untagged(row.get("title")),
        "url": _item_link(row.get("auctionURL"), native_id),
        # What is shown can be lower than `price`: after coupons.
        "price": first_of(dig(shown, "price"), row.get("price")),
        "seller_name": first_of(row.get("nick"), dig(row, "shopInfo", "title")),
        "region": row.get("procity"),
        "pictures": _pictures(row.get("pic_path")),
        "counts": {"sales": row.get("realSales")},
        "extra": {
            "list_price": row.get("price"),
            "price_unit": dig(shown, "unit"),
            "price_text": _joined(dig(shown, "preText"), dig(shown, "priceDesc")),
            "shop": dig(row, "shopInfo", "title"),
            "shop_url": SITE.resolve(text_of(dig(row, "shopInfo", "url"))),
            "properties": _properties(row.get("structuredUSPInfo")),
            "shop_tag": text_of(row.get("shopTag")),
            "summary": text_of(row.get("summaryTips")),
            "page": dig(row, "utLogMap", "pageNum"),
            "is_ad": True if is_true(row.get("isP4p")) else None,
            "is_tmall": True if TMALL in text_of(row.get("auctionURL")) else None,
        },
    }
    return reader.read(values, SITE, fetched_at)


def read_legacy_row(row: Any, reader: RowReader, fetched_at: datetime) -> ParsedListing:
    """Make a listing of one entry of `mods.itemlist.data.auctions`.

    Raises:
        BadRow: no table, or without id or title.
    """
    if not isinstance(row, dict):
        raise BadRow("row", "unknown shape")
    native_id = row.get("nid")
    values = {
        "native_id": native_id,
        "title": first_of(row.get("raw_title"), _untagged(row.get("title"))),
        "url": _item_link(row.get("detail_url"), native_id),
        "price": row.get("view_price"),
        "seller_name": row.get("nick"),
        "seller_id": row.get("user_id"),
        "region": row.get("item_loc"),
        "pictures": _pictures(row.get("pic_url")),
        "counts": {"sales": row.get("view_sales"), "comments": row.get("comment_count")},
        "extra": {
            "postage": row.get("view_fee"),
            "is_ad": True if is_true(row.get("p4p")) else None,
            "is_tmall": True if dig(row, "shopcard", "isTmall") is True else None,
        },
    }
    return reader.read(values, SITE, fetched_at)


def _item_link(link: Any, native_id: Any) -> str | None:
    resolved = SITE.resolve(text_of(link))
    if host_of(resolved) in ITEM_HOSTS:
        return resolved
    return f"https://item.taobao.com/item.htm?id={quote(str(native_id), safe='')}"


def _properties(entries: Any) -> list[str]:
    """What the market read out of the listing, "name: value"."""
    listed = entries[:MAX_PROPERTIES] if isinstance(entries, list) else []
    pairs = ((dig(each, "propertyName"), dig(each, "propertyValueName")) for each in listed)
    return [f"{name}: {value}" for name, value in pairs if text_of(name) and text_of(value)]


def _pictures(link: Any) -> list[str]:
    return [link] if isinstance(link, str) and link else []


def _untagged(value: Any) -> Any:
    return drop_tags(value) if isinstance(value, str) else value


def _joined(*parts: Any) -> str:
    return " ".join(part for part in map(text_of, parts) if part)
