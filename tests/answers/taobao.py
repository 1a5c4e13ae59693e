"""Invented Taobao answers: today's `itemsArray` and the page of old (sources.md 2.4)."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["SEARCH_API", "legacy_page", "legacy_row", "results", "row"]

SEARCH_API = "mtop.relationrecommend.wirelessrecommend.recommend"


def row(number: int, **changes: Any) -> dict[str, Any]:
    """One entry with every field; `changes` replace some."""
    return {
        "item_id": str(770_000_000_000 + number),
        "title": f"全新<span class=H>台灯</span> {number} 号",
        "price": "59.00",
        "priceShow": {"unit": "¥", "price": "7.90", "preText": "券后", "priceDesc": "百亿补贴"},
        "nick": "灯具旗舰店",
        "shopInfo": {"title": "灯具旗舰店", "url": "//store.taobao.com/shop/view_shop.htm?id=1"},
        "procity": "山西 晋中",
        "realSales": "200+人付款",
        "auctionURL": f"//detail.tmall.com/item.htm?id={770_000_000_000 + number}&ns=1",
        "clickUrl": "",
        "pic_path": f"http://g.search.market.example/{number}.jpg",
        "structuredUSPInfo": [{"propertyName": "材质", "propertyValueName": "金属"}],
        "shopTag": "天猫",
        "summaryTips": "回头客多",
        "iconList": "",
        "isP4p": "false",
        "utLogMap": {"pageNum": "2"},
        **changes,
    }


def results(rows: list[Any], *ret: str, jsonp: str = "mtopjsonp3", api: str = SEARCH_API) -> str:
    """An answer with its `ret`; with a `jsonp` name in that function's call."""
    body = json.dumps(
        {
            "api": api,
            "data": {"itemsArray": rows},
            "ret": list(ret or ("SUCCESS::调用成功",)),
            "v": "2.0",
        },
        ensure_ascii=False,
    )
    return f" {jsonp}({body})" if jsonp else body


def legacy_row(number: int, **changes: Any) -> dict[str, Any]:
    """One entry of the page of old."""
    return {
        "nid": str(560_000_000_000 + number),
        "raw_title": f"台灯 {number} 号; 全新",
        "title": f"<span class=H>台灯</span> {number} 号; 全新",
        "pic_url": f"//g-search.market.example/{number}.jpg",
        "detail_url": f"//item.taobao.com/item.htm?id={560_000_000_000 + number}\u0026ns=1",
        "view_price": "52.90",
        "view_fee": "0.00",
        "item_loc": "浙江 杭州",
        "view_sales": "7261人付款",
        "comment_count": "320",
        "user_id": "3300000001",
        "nick": "灯具小铺",
        "shopcard": {"isTmall": False},
        **changes,
    }


def legacy_page(rows: list[Any], *, status: str = "show") -> str:
    """A whole page that carries its rows in a script, `<` written as an escape."""
    config = {
        "pageName": "mainsrp",
        "mods": {"itemlist": {"status": status, "data": {"auctions": rows}}},
    }
    script = json.dumps(config, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return (
        "<!DOCTYPE html><html><head><script>\n"
        f"    g_page_config = {script};\n    g_srp_loadCss();\n"
        '</script></head><body><div id="main"></div></body></html>'
    )
