"""The hit's page shows what was read out of the offer, in words and with its quote."""

from __future__ import annotations

import html
import re

import httpx
import pytest
from sqlalchemy import update

from monitor.console.server import ConsoleServer
from monitor.domain.hit import HitFilter
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, setup, sources, triage, watches
from monitor.store import tables
from tests.functional.console.test_console import sign_in
from tests.servers.shop import Card, Shop

OFFER = "出人脸四件套 网贷料 正反手持 五毛一条 懂的来 现货五百套 加微信"
BEFORE = {"unit_price_minor": 50, "unit": "record", "quantity": 500, "contents": ["手持"]}


@pytest.fixture
def filled(workspace: Workspace, shop: Shop) -> Workspace:
    """One hit."""
    shop.put(Card("a1", OFFER))
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("人脸四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["人脸四件套"], interval_s=60, actor="test")
    watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
    return workspace


def shown(workspace: Workspace, language: str) -> str:
    """The page's words, without markup."""
    (hit,) = triage.queue(workspace, HitFilter())
    token = setup.new_token(workspace, user="admin", role="admin", name="console")
    with (
        ConsoleServer(workspace, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        sign_in(client, token)
        page = client.get(f"/hits/{hit.id}", headers={"Accept-Language": language})
    assert page.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_values_are_shown_with_their_words(filled: Workspace) -> None:
    """Price, stock, contents, origin and hand-off, each beside the words that say so."""
    text = shown(filled, "en")
    assert "0.5 CNY / record 五毛一条" in text
    assert "500 / set 五百套" in text
    assert "person holding ID 手持" in text
    assert "loan platform 网贷料" in text
    assert "WeChat 加微信" in text
    assert "网贷平台 网贷料" in shown(filled, "zh")


def test_an_offer_stored_before_spans_were_kept_is_shown(filled: Workspace) -> None:
    """Its bare values stand there without a quote."""
    with filled.database.write() as tx:
        tx.execute(update(tables.assessment).values(offer=BEFORE))
    text = shown(filled, "en")
    assert "0.5 CNY / record" in text
    assert "Contents 手持" in text
