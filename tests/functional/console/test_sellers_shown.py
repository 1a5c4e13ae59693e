"""Sellers and related listings as a browser meets them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.domain.clock import ManualClock
from monitor.domain.hit import Hit, HitFilter
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.index import index_due
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, setup, sources, triage, watches
from tests.functional.console.test_console import sign_in
from tests.servers.shop import Card, Shop

OFFER = "出人脸四件套 一手货源 眨眼点头视频都有 量大从优"
REWRITTEN = "量大从优 出人*臉四件套 眨眼点头视频都有 一手货源 现货"
EVIL = "<script>alert(1)</script>\u202e\"'>"


@pytest.fixture
def filled(workspace: Workspace, shop: Shop, clock: ManualClock) -> Workspace:
    """A listing, the same goods an hour later under a new id, and a hostile name."""
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["四件套"], interval_s=60, actor="test")
    for card in (
        Card("a1", OFFER),
        Card("a2", REWRITTEN),
        Card("a3", OFFER, seller="s3", seller_name=EVIL),
    ):
        shop.put(card)
        watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
        clock.advance(3600)
    index_due(workspace)
    return workspace


@pytest.fixture
def browser(filled: Workspace) -> Iterator[httpx.Client]:
    """Signed in."""
    token = setup.new_token(filled, user="admin", role="admin", name="console")
    with (
        ConsoleServer(filled, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        assert sign_in(client, token).status_code == 303
        yield client


def words(page: str) -> str:
    """Without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def hit(workspace: Workspace, native_id: str) -> Hit:
    found = triage.queue(workspace, HitFilter())
    return next(one for one in found if one.native_id == native_id)


def test_a_relist_says_of_what_why_and_when(filled: Workspace, browser: httpx.Client) -> None:
    earlier, later = hit(filled, "a1"), hit(filled, "a2")
    page = browser.get(f"/hits/{later.id}", headers={"accept-language": "en"}).text
    assert "The same goods under a new id. Earlier:" in words(page)
    assert f'href="/hits/{earlier.id}"' in page
    assert "alike text same picture same seller seen" in words(page)
    assert "Both say" in words(page)
    assert "眨眼点头视频都有" in words(page).partition("Both say")[2]
    earlier_page = browser.get(f"/hits/{earlier.id}", headers={"accept-language": "en"}).text
    assert "under a new id" not in words(earlier_page)


def test_the_hit_leads_to_its_seller_and_its_family(
    filled: Workspace, browser: httpx.Client
) -> None:
    first = hit(filled, "a1")
    page = browser.get(f"/hits/{first.id}").text
    assert f'href="/sellers/{first.seller_id}"' in page
    queue = browser.get(f"/?family={first.family_id}&status=").text
    assert all(f"/hits/{hit(filled, name).id}?" in queue for name in ("a1", "a2", "a3"))
    of_seller = browser.get(f"/?seller_id={first.seller_id}&status=").text
    assert f"/hits/{hit(filled, 'a2').id}?" in of_seller
    assert f"/hits/{hit(filled, 'a3').id}?" not in of_seller
    searched = browser.get(f"/?q=四件套&seller_id={first.seller_id}&status=").text
    assert f"/hits/{hit(filled, 'a1').id}?" in searched
    assert f"/hits/{hit(filled, 'a3').id}?" not in searched


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sellers_are_listed_and_shown_with_harmless_names(
    filled: Workspace, browser: httpx.Client, language: str
) -> None:
    headers = {"accept-language": language}
    listed = browser.get("/sellers", headers=headers)
    assert listed.status_code == 200
    for name in ("a1", "a3"):
        seller = hit(filled, name).seller_id
        assert f'href="/sellers/{seller}"' in listed.text
        shown = browser.get(f"/sellers/{seller}", headers=headers)
        assert shown.status_code == 200
        assert f'href="/hits/{hit(filled, name).id}"' in shown.text
        assert "<script" not in shown.text + listed.text
        assert "\u202e" not in shown.text + listed.text


def test_sellers_of_one_market_are_chosen_by_the_address(browser: httpx.Client) -> None:
    assert "小店" in browser.get("/sellers?source=shop").text
    assert "小店" not in browser.get("/sellers?source=nowhere").text
    assert "小店" not in browser.get("/sellers?page=2").text


@pytest.mark.parametrize(
    "path",
    ["/sellers/999", "/sellers/0", "/sellers/x", "/sellers/9999999999999999999", "/sellers?page=0"],
)
def test_unknown_sellers_and_pages_are_clear_errors(browser: httpx.Client, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("value", ["x", "-1", "9" * 90, "1 or 1", "%00"])
def test_a_family_that_is_none_finds_nothing(browser: httpx.Client, value: str) -> None:
    for name in ("family", "seller_id"):
        answer = browser.get(f"/?{name}={value}&status=")
        assert answer.status_code == 200
        assert "/hits/" not in answer.text
