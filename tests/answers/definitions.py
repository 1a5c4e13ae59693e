"""Source files for the generated answers, as an operator would write them."""

from __future__ import annotations

from monitor.sources.definition import SourceDefinition, parse_definition

__all__ = ["DISCUZ", "GOOFISH", "HTML", "JSON", "RSS", "TAOBAO", "TELEGRAM", "changed"]

HTML = """
name = "shop"
kind = "html"
[options]
search = "https://market.example/search?q={term}&page={page}"
container = "#list"
row = "li.card"
empty = ".nothing"
related = { selector = ".hint", text = "为您推荐" }
total = ".total"
states = { sold = ["已售"], on_sale = ["在售"] }
[options.fields]
native_id = "::attr(data-id)"
title = "a.title"
url = "a.title::attr(href)"
price = ".price"
seller_name = "a.seller"
seller_id = { selector = "a.seller", attribute = "href", query_param = "uid" }
region = ".region"
published_at = ".time"
pictures = "img.cover"
[options.fields.counts]
want_count = ".wants"
[options.item]
url = "https://market.example/item/{native_id}"
container = "#item"
gone = { text = ["已被删除"] }
states = { sold = ["已售"], on_sale = ["在售"], gone = ["已下架"] }
[options.item.fields]
title = "h1"
description = ".text"
price = ".price"
seller_name = ".seller"
state = ".state"
pictures = { selector = ".gallery img", multiple = true }
"""

JSON = """
name = "api"
kind = "json"
[options]
rows = "data.items"
price_unit = "major"
related = "data.is_related"
total = "data.total"
states = { sold = ["2"], on_sale = ["1"] }
[options.search]
url = "https://market.example/api/search"
method = "POST"
body = { query = { text = "{term}" }, page = "{page}", size = 20 }
[options.fields]
native_id = "id"
title = "title"
url = "link"
price = "price"
seller_name = "seller.name"
seller_id = "seller.id"
region = "place"
published_at = "at"
pictures = "pics"
state = "status"
[options.fields.counts]
want_count = "wants"
[options.next]
more = "data.more"
[[options.errors]]
when = "code == `401`"
outcome = "login_required"
[options.item]
request = "https://market.example/api/item/{native_id}"
link = "https://market.example/item/{native_id}"
root = "data"
gone = "code == `4004`"
states = { sold = ["2"] }
[options.item.fields]
title = "title"
description = "text"
price = "price"
state = "status"
"""

RSS = """
name = "feed"
kind = "rss"
[options]
search = "https://market.example/feed.xml"
match = "client"
[options.item]
container = "#item"
[options.item.fields]
title = "h1"
"""

GOOFISH = """
name = "goofish"
kind = "goofish"
"""

DISCUZ = """
name = "lamp-forum"
kind = "discuz"
[options]
base = "https://bbs.example/forum/"
"""

TAOBAO = """
name = "taobao"
kind = "taobao"
"""

TELEGRAM = """
name = "lamp-channel"
kind = "telegram"
[options]
channel = "lamp_shop_example"
"""


def changed(text: str, *changes: tuple[str, str]) -> SourceDefinition:
    """A definition with parts of its text replaced; each must occur."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse_definition(text)
