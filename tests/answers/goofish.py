"""Invented Goofish answers in the shapes of the web page's interfaces (sources.md 2.1 to 2.3)."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["detail", "envelope", "row", "search"]

SEARCH_API = "mtop.taobao.idlemtopsearch.pc.search"
DETAIL_API = "mtop.taobao.idle.pc.detail"


def envelope(data: Any, *ret: str, api: str = SEARCH_API) -> str:
    """An answer with its `ret`."""
    return json.dumps(
        {"api": api, "data": data, "ret": list(ret or ("SUCCESS::调用成功",)), "v": "1.0"},
        ensure_ascii=False,
    )


def tag(label: str, content: str, kind: str = "text") -> dict[str, Any]:
    """One tag of a card."""
    return {
        "data": {"labelId": label, "type": kind, "content": content, "height": "16"},
        "utParams": {"args": {"content": content}, "arg1": f"106_tag_r1_{label}"},
    }


def row(number: int, **changes: Any) -> dict[str, Any]:
    """One card with every field; `changes` replace parts of its exContent or args."""
    item_id = str(880_000_000_000 + number)
    title = f"台灯 {number} 号 全新未拆封 包邮 送灯泡 可调光 搬家出 自提优先 功能完好"
    content: dict[str, Any] = {
        "itemId": item_id,
        "title": title,
        "detailParams": {
            "itemId": item_id,
            "title": title.replace(" 包邮", "\n包邮"),
            "soldPrice": "40.80",
            "userNick": "灯具小铺",
        },
        "price": [
            {"text": "¥", "type": "sign"},
            {"text": "40", "type": "integer"},
            {"text": ".80", "type": "decimal"},
        ],
        "oriPrice": "¥299",
        "userNickName": "灯具小铺",
        "userAvatarUrl": "http://img.market.example/avatar.jpg",
        "userFishShopLabel": {"tagList": [{"data": {"content": "364条评价"}}]},
        "userIdentityShow": "",
        "area": "广东",
        "picUrl": f"http://img.market.example/{number}.heic",
        "picWidth": 164.0,
        "picHeight": 218.6,
        "isAliMaMaAD": False,
        "isAuction": False,
        "fishTags": {
            "r1": {"tagList": [tag("13", "freeShippingIcon", "img")]},
            "r2": {"tagList": [tag("36", "几乎全新"), tag("38", "某牌")]},
            "r3": {"tagList": [tag("9", "3292人想要"), tag("749", "累计降价10%")]},
            "r4": {"tagList": [tag("919", "卖家信用极好")]},
        },
    }
    args: dict[str, Any] = {
        "item_id": item_id,
        "id": item_id,
        "price": "40.80",
        "seller_id": "aW52ZW50ZWQtc2VsbGVyMQ==",
        "publishTime": "1785900000000",
        "wantNum": "0",
        "tag": "freeship/credit-6",
        "tagname": "包邮/极好",
        "item_type": "goods",
    }
    for name, value in changes.items():
        (args if name in args else content)[name] = value
    main = {
        "clickParam": {"arg1": "Item", "args": args},
        "exContent": content,
        "targetUrl": f"fleamarket://item?id={item_id}&referPage=x",
    }
    return {
        "data": {
            "item": {"main": main},
            "template": {"name": "idlefish_search_item_new_tags"},
        },
        "style": "flow",
        "type": "DX",
    }


def search(rows: list[Any], **controls: Any) -> dict[str, Any]:
    """The payload of a page of results; `controls` replace searchResControlFields."""
    return {
        "needDecryptKeys": [],
        "resultInfo": {
            "hasNextPage": True,
            "searchResControlFields": {
                "hasItems": True,
                "nextPage": True,
                "numFound": 152_156,
                "sellingOrder": "150000+",
                "similar": False,
                "srpFeedsItemsDataEmpty": False,
                "minPrice": 100,
                "maxPrice": 25_300,
                **controls,
            },
            "trackParams": {"q": "%E5%8F%B0%E7%81%AF", "rewq": "(台灯 OR 灯)", "page": "1"},
            "sqiControlFields": {"forceEraseSearchKeywords": False},
        },
        "resultList": rows,
    }


def detail(**changes: Any) -> dict[str, Any]:
    """The payload of an item; `changes` replace parts of itemDO."""
    return {
        "itemDO": {
            "itemId": 880_000_000_001,
            "title": "台灯 1 号",
            "desc": "台灯 1 号\n包邮\n可调光",
            "soldPrice": "720",
            "originalPrice": "0",
            "transportFee": "0.00",
            "itemStatus": 0,
            "itemStatusStr": "在线",
            "gmtCreate": 1_785_900_000_000,
            "wantCnt": 12,
            "browseCnt": 340,
            "imageInfos": [{"url": "http://img.market.example/1.jpg", "major": True}],
            "cpvLabels": [{"propertyName": "成色", "valueName": "几乎全新"}],
            "commonTags": [{"text": "包邮"}],
            "reportUrl": "https://market.example/report",
            **changes,
        },
        "sellerDO": {
            "sellerId": 3_300_000_001,
            "nick": "灯具小铺",
            "city": "深圳",
            "publishCity": "广州",
            "userRegDay": 900,
            "idleFishCreditTag": {"trackParams": {"sellerLevel": "5"}},
            "remarkDO": {"sellerGoodRemarkCnt": 21},
        },
    }
