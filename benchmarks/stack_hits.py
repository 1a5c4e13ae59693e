"""Invented hits, as many as asked for, straight into a store's tables: for index benchmarks."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from monitor.store import tables as t
from monitor.store.database import Database

__all__ = ["FIRST_FOUND_AT", "fill"]

FIRST_FOUND_AT = datetime(2026, 1, 1, tzinfo=UTC)
SPAN_S = 180 * 86_400
"""Hits are kept for 180 days."""
BATCH = 2000
SOURCES = 20
SELLERS = 5000
CATEGORIES = ("face_id_bundle", "photo_animation_tool", "face_verification_bypass")
REGIONS = ("广东", "浙江", "江苏", "北京", "四川", "湖南", "", "福建")
WORDS = ("人脸", "四件套", "过人脸", "照片活化", "教程", "实名", "解封", "包教会", "一手", "秒发")
FILLER = "的一是了我不在有他这上们来到时大地为子中你说生国年着就那和要她出也得里后自以会"


def fill(database: Database, count: int) -> None:
    """Add `count` hits found over 180 days, each waiting in the outbox to be indexed."""
    draw = random.Random(count)
    with database.write() as tx:
        at = FIRST_FOUND_AT
        tx.execute(
            insert(t.source),
            [
                {
                    "id": n,
                    "name": f"market{n:02d}",
                    "kind": "benchmark",
                    "definition": {},
                    "created_at": at,
                    "updated_at": at,
                }
                for n in range(1, SOURCES + 1)
            ],
        )
        tx.execute(insert(t.seller), [_seller(n) for n in range(1, SELLERS + 1)])
    for start in range(1, count + 1, BATCH):
        rows = [_rows(draw, n, count) for n in range(start, min(start + BATCH, count + 1))]
        with database.write(durable=False) as tx:
            for place, table in enumerate(
                (t.listing, t.listing_version, t.assessment, t.hit, t.outbox)
            ):
                tx.execute(insert(table), [row[place] for row in rows])


def _seller(n: int) -> dict[str, Any]:
    return {
        "id": n,
        "source_id": 1 + n % SOURCES,
        "id_space": "shop",
        "native_id": f"s{n}",
        "name": f"卖家{n % 97}**{n}",
        "first_seen_at": FIRST_FOUND_AT,
        "last_seen_at": FIRST_FOUND_AT,
    }


def _rows(draw: random.Random, n: int, count: int) -> tuple[dict[str, Any], ...]:
    at = FIRST_FOUND_AT + timedelta(seconds=SPAN_S * n / count)
    score = round(draw.uniform(0.5, 1), 4)
    decision = "hit" if score > 0.7 else "review"
    category = draw.choices(CATEGORIES, (6, 3, 1))[0]
    filler = "".join(draw.choices(FILLER, k=60))
    title = "".join(draw.sample(WORDS, 4))
    listing = {
        "id": n,
        "source_id": 1 + draw.randrange(SOURCES),
        "native_id": f"n{n}",
        "url": f"https://market.example/item/{n}",
        "seller_id": 1 + draw.randrange(SELLERS),
        "state": "seen",
        "item_state": "unknown",
        "versions": 1,
        "price_minor": draw.randrange(100, 99_999),
        "currency": "CNY",
        "region": draw.choice(REGIONS),
        "published_precision": "none",
        "extra": {},
        "first_seen_at": at,
        "last_seen_at": at,
    }
    version = {
        "id": n,
        "listing_id": n,
        "number": 1,
        "origin": "search",
        "content_key": f"{n:064x}",
        "title": title,
        "description": f"{filler} {draw.choice(WORDS)} {n}套 kyc",
        "created_at": at,
    }
    assessment = {
        "id": n,
        "version_id": n,
        "model_key": "benchmark",
        "score": score,
        "decision": decision,
        "intent": "sell",
        "categories": {category: score},
        "evidence": [],
        "identifiers": [],
        "offer": {},
        "model": {},
        "created_at": at,
    }
    hit = {
        "id": n,
        "listing_id": n,
        "version_id": n,
        "assessment_id": n,
        "decision": decision,
        "score": score,
        "category": category,
        "status": "open",
        "verdict": "",
        "is_baseline": False,
        "revision": 1,
        "found_at": at,
        "updated_at": at,
    }
    waiting = {
        "id": n,
        "kind": "index",
        "ref_id": n,
        "generation": 1,
        "failures": 0,
        "due_at": at,
        "created_at": at,
    }
    return listing, version, assessment, hit, waiting
