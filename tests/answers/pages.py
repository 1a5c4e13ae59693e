"""Answers for parsers, without a network: an `Answer` around a text, and generated pages."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from monitor.domain.page import Answer, PageRequest

__all__ = ["FETCHED_AT", "Goods", "answer_to", "feed", "goods", "html_page", "json_page"]

FETCHED_AT = datetime(2026, 8, 7, 9, 30, tzinfo=UTC)
"""17:30 on a Friday in Shanghai."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One invented listing."""

    id: str
    title: str
    price: str = "¥28.50"
    seller: str = "台灯小铺"
    region: str = "广东"
    time: str = "3小时前发布"
    picture: str = "//img.market.example/1.jpg"
    wants: str = "12人想要"


def goods(count: int, start: int = 1) -> list[Goods]:
    """So many different listings."""
    return [
        Goods(str(number), f"台灯 {number} 号", price=f"¥{number}.50")
        for number in range(start, start + count)
    ]


def answer_to(
    text: str,
    url: str = "https://market.example/search?q=%E5%8F%B0%E7%81%AF",
    *,
    final_url: str = "",
    status: int = 200,
    request: PageRequest | None = None,
    content_type: str = "text/html; charset=utf-8",
    is_truncated: bool = False,
) -> Answer:
    """An answer as the fetcher would hand it over."""
    return Answer(
        url=url,
        final_url=final_url or url,
        status=status,
        headers={"content-type": content_type},
        body=text.encode("utf-8", errors="replace"),
        text=text,
        fetched_at=FETCHED_AT,
        is_truncated=is_truncated,
        request=request,
    )


def html_page(rows: Sequence[Goods], *, following: str = "", extra: str = "") -> str:
    """A page of results in HTML."""
    cards = "".join(
        f'<li class="card" data-id="{html.escape(row.id)}">'
        f'<a class="title" href="/item/{html.escape(row.id)}">{html.escape(row.title)}</a>'
        f'<img class="cover" src="/none.gif" data-src="{html.escape(row.picture)}">'
        f'<span class="price">{html.escape(row.price)}</span>'
        f'<a class="seller" href="/u?uid=77">{html.escape(row.seller)}</a>'
        f'<span class="region">{html.escape(row.region)}</span>'
        f'<span class="time">{html.escape(row.time)}</span>'
        f'<span class="wants">{html.escape(row.wants)}</span></li>'
        for row in rows
    )
    link = f'<a class="next" href="{html.escape(following)}">下一页</a>' if following else ""
    return (
        f'<!doctype html><html><body><ul id="list">{cards}</ul>'
        f'<p class="total">共 {len(rows)} 件</p>{link}{extra}</body></html>'
    )


def json_page(rows: Sequence[Goods], **more: Any) -> str:
    """A page of results in JSON."""
    items = [
        {
            "id": int(row.id),
            "title": row.title,
            "price": row.price.removeprefix("¥"),
            "seller": {"name": row.seller, "id": 77},
            "place": row.region,
            "at": 1786000000000,
            "pics": [row.picture],
            "wants": row.wants,
        }
        for row in rows
    ]
    return json.dumps({"code": 0, "data": {"items": items, **more}}, ensure_ascii=False)


def feed(rows: Sequence[Goods], *, kind: str = "rss") -> str:
    """A feed: ``"rss"``, ``"atom"`` or ``"rdf"``."""
    start, entry, end = FEEDS[kind]
    entries = (
        entry.format(id=row.id, title=html.escape(row.title), seller=html.escape(row.seller))
        for row in rows
    )
    return start + "".join(entries) + end


FEEDS = {
    "rss": (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>m</title>',
        """<item><title>{title}</title><link>https://market.example/item/{id}</link>
        <guid isPermaLink="false">{id}</guid><author>{seller}</author>
        <description>&lt;p&gt;{title}&lt;br&gt;说明&lt;/p&gt;&lt;img src="/a.jpg"&gt;</description>
        <pubDate>Wed, 05 Aug 2026 18:00:00 +0800</pubDate><category>灯</category>
        <enclosure url="https://img.market.example/e.jpg" type="image/jpeg" length="1"/></item>""",
        "</channel></rss>",
    ),
    "atom": (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>m</title>',
        """<entry><id>tag:market.example,2026:{id}</id><title>{title}</title>
        <link rel="alternate" href="https://market.example/item/{id}"/>
        <author><name>{seller}</name></author><updated>2026-08-05T10:00:00Z</updated>
        <content type="html">&lt;p&gt;{title}&lt;br&gt;说明&lt;/p&gt;</content></entry>""",
        "</feed>",
    ),
    "rdf": (
        """<?xml version="1.0"?><rdf:RDF xmlns="http://purl.org/rss/1.0/"
        xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="https://market.example/"><title>m</title></channel>""",
        """<item rdf:about="https://market.example/item/{id}"><title>{title}</title>
        <link>https://market.example/item/{id}</link><description>{title} 说明</description>
        <dc:creator>{seller}</dc:creator><dc:date>2026-08-05T10:00:00Z</dc:date></item>""",
        "</rdf:RDF>",
    ),
}
