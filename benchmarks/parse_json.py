"""Parsing of a JSON page of results: our sources beside orjson with JMESPath.

    python -m benchmarks.parse_json [--rounds N]

One page of Goofish's search with 30 rows is made here. The bare reader loads it with
orjson and finds nine fields of each row with compiled JMESPath expressions; our json
source has the same expressions in its definition, and also cleans texts, reads price,
time and count, makes links absolute, checks for blocks and builds listings. Then the
same for all that the goofish source takes of a row. Before anything is timed, all readers
must agree.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import jmespath
import orjson

from benchmarks.turns import Reader, compare
from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, SearchPage
from monitor.sources.definition import parse_definition
from monitor.sources.discovery import build
from tests.answers.goofish import envelope, row, search

GOAL = 0.7
ROWS = 30
FETCHED_AT = datetime(2026, 8, 7, 9, tzinfo=UTC)
ADDRESS = "https://market.example/search?q=lamp"
CARD = "data.item.main"
FIELDS = {
    "native_id": f"{CARD}.exContent.itemId",
    "title": f"{CARD}.exContent.title",
    "description": f"{CARD}.exContent.detailParams.title",
    "price": f"{CARD}.exContent.detailParams.soldPrice",
    "seller_name": f"{CARD}.exContent.userNickName",
    "seller_id": f"{CARD}.clickParam.args.seller_id",
    "region": f"{CARD}.exContent.area",
    "published_at": f"{CARD}.clickParam.args.publishTime",
    "pictures": f"{CARD}.exContent.picUrl",
}
ALL_FIELDS = FIELDS | {
    "want_and_other_tags": f"values({CARD}.exContent.fishTags)[].tagList[].data.content",
    "labels": f"values({CARD}.exContent.fishTags)[].tagList[].data.labelId",
    "seller_reputation": f"{CARD}.exContent.userFishShopLabel.tagList[].data.content",
    "original_price": f"{CARD}.exContent.oriPrice",
    "seller_avatar": f"{CARD}.exContent.userAvatarUrl",
    "merchant_hint": f"{CARD}.exContent.userIdentityShow",
    "market_tags": f"{CARD}.clickParam.args.tag",
    "market_tag_names": f"{CARD}.clickParam.args.tagname",
    "item_type": f"{CARD}.clickParam.args.item_type",
    "is_ad": f"{CARD}.exContent.isAliMaMaAD",
    "is_auction": f"{CARD}.exContent.isAuction",
    "auction_starts": f"{CARD}.exContent.auctionStartTime",
    "auction_ends": f"{CARD}.exContent.auctionEndTime",
    "has_video": f"{CARD}.exContent.showVideoIcon",
    "picture_width": f"{CARD}.exContent.picWidth",
    "picture_height": f"{CARD}.exContent.picHeight",
    "card": "data.template.name",
}
"""What the goofish source takes of a row, and no more: it looks in further places for some."""
DEFINITION = f"""
name = "bench"
kind = "json"
[options]
search = "{ADDRESS.replace("lamp", "{term}")}"
rows = "data.resultList"
price_unit = "major"
[options.fields]
""" + "".join(f"{name} = '{expression}'\n" for name, expression in FIELDS.items())


def with_jmespath(expressions: Mapping[str, str]) -> Callable[[str], list[dict[str, Any]]]:
    """Bare orjson and JMESPath: the peer of the goal."""
    rows = jmespath.compile("data.resultList")
    fields = {name: jmespath.compile(expression) for name, expression in expressions.items()}

    def read(page: str) -> list[dict[str, Any]]:
        return [
            {name: expression.search(found) for name, expression in fields.items()}
            for found in rows.search(orjson.loads(page))
        ]

    return read


def our_source(definition: str) -> Callable[[str], SearchPage]:
    """One of our sources on an answer that holds the page."""
    source = build(parse_definition(definition))

    def read(page: str) -> SearchPage:
        answer = Answer(ADDRESS, ADDRESS, 200, {}, b"", page, FETCHED_AT)
        return source.parse_search(answer)

    return read


def check_agreement(page: str) -> None:
    """All readers see the same page; a benchmark of wrong answers says nothing."""
    bare = with_jmespath(ALL_FIELDS)(page)
    assert len(bare) == ROWS
    assert all(found["labels"] and found["seller_reputation"] for found in bare)
    for definition in (DEFINITION, GOOFISH):
        ours = our_source(definition)(page)
        assert ours.outcome is Outcome.OK
        assert not ours.problems
        for found, listing in zip(bare, ours.listings, strict=True):
            assert listing.native_id == found["native_id"]
            assert listing.title in " ".join(found["title"].split())
            assert listing.seller_id == found["seller_id"]
            assert listing.price_minor == round(float(found["price"]) * 100)
            assert listing.published_at is not None
            assert len(listing.picture_urls) == 1


GOOFISH = 'name = "goofish"\nkind = "goofish"\n'


def main() -> int:
    """Print medians, ratios to the bare reader and the conditions; 0 when the goal is met."""
    parser = argparse.ArgumentParser(description="JSON parsing speed beside bare libraries.")
    parser.add_argument("--rounds", type=int, default=200, help="turns of each reader")
    rounds = max(1, parser.parse_args().rounds)
    page = envelope(search([row(n) for n in range(ROWS)]))
    check_agreement(page)
    are_met = True
    for fields, definition in ((FIELDS, DEFINITION), (ALL_FIELDS, GOOFISH)):
        ours = f"monitor {parse_definition(definition).kind} source"
        readers: dict[str, Reader] = {
            "orjson + JMESPath": with_jmespath(fields),
            ours: our_source(definition),
        }
        print(f"page: {ROWS} rows x {len(fields)} fields, {len(page.encode()) / 1000:.0f} kB")
        libraries = ("orjson", "jmespath")
        is_met = compare(readers, page, rounds=rounds, ours=ours, goal=GOAL, libraries=libraries)
        are_met = are_met and is_met
    return 0 if are_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
