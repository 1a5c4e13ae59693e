"""The fields of one row of a Goofish search answer (sources.md 2.2).

Paths are as measured on the web page's answers of 2025 and 2026; in the app's
answers every scalar is a string. What is missing is None; a row of another shape
is a `BadRow`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from monitor.domain.page import ParsedListing
from monitor.sources.links import Links, query_value
from monitor.sources.nested import dig, first_of, is_true
from monitor.sources.rows import BadRow, RowReader

__all__ = ["SITE", "item_link", "read_row"]

LABELS = {
    "36": "condition",
    "38": "brand",
    "41": "struck_out_price",
    "749": "price_reduced",
    "750": "credit",
    "756": "price_drop",
    "919": "credit",
    "1017": "haggle",
}
"""Names of tags by labelId; 9 is the want count, 752 the publish time, 13 free shipping."""
WANT, PUBLISHED, FREE_SHIPPING = "9", "752", "13"
MAX_TAGS = 60
SITE = Links("https://www.goofish.com/")


def item_link(native_id: str) -> str:
    """The web address of an item; `targetUrl` of a row is the app's own scheme."""
    return f"https://www.goofish.com/item?id={quote(native_id, safe='')}"


def read_row(row: Any, reader: RowReader, fetched_at: datetime) -> ParsedListing:
    """Make a listing of one row.

    Raises:
        BadRow: another shape, or without id or title.
    """
    main = dig(row, "data", "item", "main")
    content = dig(main, "exContent")
    if not isinstance(content, dict):
        raise BadRow("row", "unknown shape: data.item.main.exContent is missing")
    args = dig(main, "clickParam", "args")
    args = args if isinstance(args, dict) else {}
    native_id = first_of(
        content.get("itemId"),
        args.get("item_id"),
        args.get("id"),
        dig(content, "detailParams", "itemId"),
        query_value(str(dig(main, "targetUrl") or "")[:4_000], "id"),
    )
    tags = list(_tags(content))
    labelled = {label: text for label, text, _ in reversed(tags)}
    published = first_of(args.get("publishTime"), labelled.get(PUBLISHED))
    values = {
        "native_id": native_id,
        "title": first_of(content.get("title"), dig(content, "detailParams", "title")),
        "description": dig(content, "detailParams", "title"),
        "url": item_link(str(native_id)) if native_id else None,
        "price": first_of(
            dig(content, "detailParams", "soldPrice"),
            args.get("price"),
            args.get("displayPrice"),
            _joined_price(content.get("price")),
        ),
        "seller_name": first_of(
            content.get("userNickName"), dig(content, "detailParams", "userNick")
        ),
        "seller_id": args.get("seller_id"),
        "region": content.get("area"),
        "published_at": published,
        "pictures": [link for link in [content.get("picUrl")] if isinstance(link, str)],
        "counts": {"want_count": labelled.get(WANT)},
        "extra": _extra(row, content, args, tags, labelled),
    }
    return reader.read(values, SITE, fetched_at)


def _extra(
    row: Any,
    content: dict[str, Any],
    args: dict[str, Any],
    tags: list[tuple[str, str, bool]],
    labelled: dict[str, str],
) -> dict[str, Any]:
    reputation = [text for _, text, _ in _tag_list(dig(content, "userFishShopLabel", "tagList"))]
    flags = {
        "free_shipping": FREE_SHIPPING in labelled or "freeship" in str(args.get("tag") or ""),
        "is_ad": is_true(content.get("isAliMaMaAD")),
        "is_auction": is_true(content.get("isAuction")),
        "has_video": is_true(content.get("showVideoIcon")),
    }
    return {
        "original_price": content.get("oriPrice"),
        "seller_avatar": content.get("userAvatarUrl"),
        "seller_reputation": reputation,
        "merchant_hint": content.get("userIdentityShow"),
        "tags": [text for _, text, is_picture in tags if not is_picture],
        "market_tags": args.get("tag"),
        "market_tag_names": args.get("tagname"),
        "item_type": args.get("item_type"),
        "auction_starts": _unless_empty(content.get("auctionStartTime")),
        "auction_ends": _unless_empty(content.get("auctionEndTime")),
        "picture_width": content.get("picWidth"),
        "picture_height": content.get("picHeight"),
        "card": dig(row, "data", "template", "name"),
        **{name: labelled[label] for label, name in LABELS.items() if label in labelled},
        **{name: True for name, is_set in flags.items() if is_set},
    }


def _tags(content: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """(labelId, text, is a picture) of all rows of tags; only some of r1 to r5 exist."""
    groups = content.get("fishTags")
    if not isinstance(groups, dict):
        return
    for name in sorted(groups)[:10]:
        yield from _tag_list(dig(groups, name, "tagList"))


def _tag_list(tags: Any) -> Iterator[tuple[str, str, bool]]:
    for tag in tags[:MAX_TAGS] if isinstance(tags, list) else []:
        text = dig(tag, "data", "content")
        if isinstance(text, str) and text:
            # A picture's content is a machine word ("freeShippingIcon").
            yield _label(tag), text, dig(tag, "data", "type") == "img"


def _label(tag: Any) -> str:
    label = dig(tag, "data", "labelId")
    if isinstance(label, str | int):
        return str(label)
    tracked = dig(tag, "utParams", "arg1")
    return tracked.rpartition("_")[2] if isinstance(tracked, str) else ""


def _joined_price(parts: Any) -> str | None:
    """Sign, integer and decimal as one text."""
    if not isinstance(parts, list):
        return None
    texts = [dig(part, "text") for part in parts[:10]]
    return "".join(text for text in texts if isinstance(text, str)) or None


def _unless_empty(value: Any) -> Any:
    return None if value in (0, "0", "") else value
