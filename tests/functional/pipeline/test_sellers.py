"""What is known of a seller, and which accounts may be one seller's."""

from __future__ import annotations

import pytest

from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter, Verdict
from monitor.domain.keyword import KeywordDraft
from monitor.domain.seller import KinBond, SellerFilter
from monitor.errors import NotFoundError
from monitor.pipeline.retain import retain
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, sellers, sources, triage, watches
from tests.servers.shop import Card, Shop

OFFER = "出人脸四件套 一手货源 眨眼点头视频都有 量大从优 加微信 demo_a1b2c"
REWRITTEN = "量大从优 出人*臉四件套 眨眼点头視頻都有 一手货源 现货 飞机 @other_x9y8z"
SAME_CONTACT = "收人脸四件套 男女不限 资料齐全 真人录制 支持验货 长期要 加微信 demo_a1b2c"
BEDDING = "床上四件套 纯棉 七天无理由"


@pytest.fixture
def seen(workspace: Workspace, shop: Shop) -> Workspace:
    """Two shops; one seller's accounts in both, and an ordinary seller."""
    keywords.add(workspace, KeywordDraft("四件套", "face_id_bundle"), actor="test")
    shop.put(
        Card("a1", OFFER, seller="bad", seller_name="阿料"),
        Card("a2", BEDDING, seller="bad", seller_name="阿料"),
        Card("a3", SAME_CONTACT, seller="twin", seller_name="老料"),
        Card("a4", BEDDING, seller="good", seller_name="家纺店"),
    )
    with Shop() as other:
        other.put(Card("b1", REWRITTEN, seller="copy", seller_name="云料"))
        for name, place in (("shop", shop), ("other", other)):
            sources.put(workspace, place.definition(name), actor="test")
            watches.add(workspace, name, ["四件套"], interval_s=60, actor="test")
        for watch in watches.list_watches(workspace):
            watches.poll_now(workspace, watch.id)
    return workspace


def ids(workspace: Workspace) -> dict[str, int]:
    page = sellers.list_sellers(workspace, SellerFilter(with_hits=False))
    return {seller.native_id: seller.id for seller in page.sellers}


def test_only_sellers_of_suspected_listings_are_listed_most_hits_first(seen: Workspace) -> None:
    page = sellers.list_sellers(seen, SellerFilter())
    assert {seller.native_id for seller in page.sellers} == {"bad", "twin", "copy"}
    assert page.total == 3
    order = [(seller.hits, seller.max_score) for seller in page.sellers]
    assert order == sorted(order, reverse=True)
    assert sellers.list_sellers(seen, SellerFilter(with_hits=False)).total == 4
    of_other = sellers.list_sellers(seen, SellerFilter(source=("other",)))
    assert [seller.native_id for seller in of_other.sellers] == ["copy"]
    assert sellers.list_sellers(seen, SellerFilter(), limit=2, offset=2).total == 3


def test_a_sellers_listings_hits_and_verdicts_are_counted(seen: Workspace) -> None:
    (hit,) = triage.queue(seen, HitFilter(seller_id=(str(ids(seen)["bad"]),)))
    triage.triage(seen, hit.id, Verdict.CONFIRMED, reason="seen", actor="li")
    seller = sellers.detail(seen, ids(seen)["bad"]).seller
    assert (seller.listings, seller.hits + seller.reviews) == (2, 1)
    assert (seller.confirmed, seller.benign) == (1, 0)
    assert seller.max_score == hit.score
    assert (seller.source, seller.id_space, seller.name) == ("shop", "search", "阿料")


def test_accounts_with_the_same_contact_or_text_are_kin_over_all_markets(
    seen: Workspace,
) -> None:
    detail = sellers.detail(seen, ids(seen)["bad"])
    assert {kin.name: kin.bonds for kin in detail.kin} == {
        "老料": {KinBond.CONTACT: 1},
        "云料": {KinBond.TEXT: 1},
    }
    assert detail.markets == ("other", "shop")
    assert [hit.native_id for hit in detail.hits] == ["a1"]
    # Ordinary goods bind nobody.
    assert sellers.detail(seen, ids(seen)["good"]).kin == []


def test_a_contact_of_many_sellers_binds_none(seen: Workspace, shop: Shop) -> None:
    shop.put(
        *(
            Card(f"c{n}", f"四件套 {n} 加微信 demo_a1b2c", seller=f"x{n}", seller_name="店")
            for n in range(25)
        )
    )
    watches.poll_now(seen, next(w.id for w in watches.list_watches(seen) if w.source == "shop"))
    assert len(ids(seen)) > 4 + 5
    bonds = [kin.bonds for kin in sellers.detail(seen, ids(seen)["bad"]).kin]
    assert bonds == [{KinBond.TEXT: 1}]


def test_an_unknown_seller_is_a_clear_error(seen: Workspace) -> None:
    with pytest.raises(NotFoundError, match="no seller with id 999"):
        sellers.detail(seen, 999)


def test_ordinary_sellers_are_forgotten_with_their_listings(
    seen: Workspace, clock: ManualClock
) -> None:
    clock.advance((seen.settings.keep_clear_days + 1) * 86_400)
    retain(seen)
    assert "good" not in ids(seen)
    assert "bad" in ids(seen)
