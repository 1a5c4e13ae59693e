"""The assessor as a whole: what is a hit, what is not, and why. All texts are invented."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assess import SCORED_CHARS, Assessor, Thresholds
from classifiers.contract import (
    ALERTING_CATEGORIES,
    OFFER_INTENTS,
    Assessment,
    Category,
    Decision,
    Intent,
    Listing,
    Term,
)
from classifiers.lexicon import starter_keywords

ASSESSOR = Assessor()


def assess(text: str, **fields: object) -> Assessment:
    """Assess a text with the shipped vocabulary."""
    return ASSESSOR.assess(Listing(text, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("人脸四件套 正反手持加眨眼视频 20一套 现货 懂的来", Category.FACE_ID_BUNDLE),
        ("人*脸*四 件 套 正.反.手.持 带视频 现货 加V ab_12345", Category.FACE_ID_BUNDLE),
        ("照片活化软件 一张照片生成眨眼张嘴视频 过人脸认证 包教会", Category.PHOTO_ANIMATION_TOOL),
        ("代过人脸 各平台实名认证 真人刷脸 30一次 不过不收", Category.FACE_VERIFICATION_BYPASS),
        (
            "微信人脸解封 号主不在也能做 真人代扫脸 50一个",
            Category.ACCOUNT_UNFREEZE_OR_REALNAME_BYPASS,
        ),
        ("出微信实名号 已绑卡 号主配合扫脸 批发 60一个", Category.REALNAME_ACCOUNT_SALE),
        ("售楼处无感抓拍判客系统 镜头藏绿植里 客户不知情", Category.COVERT_FACE_CAPTURE),
    ],
)
def test_plain_offer_is_a_hit(text: str, category: Category) -> None:
    """Offers that say what they are reach the hit band, in their category."""
    result = assess(text)
    assert result.decision is Decision.HIT, result.evidence
    assert result.top_category is category
    assert result.intent in OFFER_INTENTS


@pytest.mark.parametrize(
    "text",
    [
        "纯棉床上四件套 1.8米床单被套 厂家一手货源 私聊",
        "证件照拍摄 换底色 一寸二寸 当天取 老板人好",
        "老照片动起来 爷爷奶奶的黑白照上色 纪念视频",
        "手持云台 稳定器 自用 九成新",
        "需上传手持身份证照片，请等待审核",
        "警方打掉一个贩卖人脸四件套的团伙，嫌疑人已被刑拘",
        "微信被封了怎么自助解封？官方客服一直打不通",
        "人脸考勤机 门禁一体机 支持刷脸打卡 现货",
        "本店不卖实名号，不接解封，问了也不回",
        "今天的鱼很新鲜，老板人也好，下次还来",
        "",
    ],
)
def test_ordinary_text_is_clear(text: str) -> None:
    """Look-alikes, news, forms, refusals and daily life do not reach a reviewer."""
    assert assess(text).decision is Decision.CLEAR, assess(text).evidence


def test_no_single_term_is_a_hit() -> None:
    """No word decides alone, however heavy it is in the vocabulary."""
    hits = [row.term for row in starter_keywords() if assess(row.term).decision is Decision.HIT]
    assert hits == []


def test_heaviest_term_of_an_analyst_is_no_hit_alone() -> None:
    """Nor does the heaviest weight that a keyword can have."""
    assessor = Assessor([Term("蓝色月亮", Category.FACE_ID_BUNDLE, 3.0, "keyword:1@1")])
    result = assessor.assess(Listing("蓝色月亮"))
    assert result.decision is not Decision.HIT
    assert {evidence.signal for evidence in result.evidence} == {"lexicon", "alone"}


def test_lures_without_a_term_count_for_nothing() -> None:
    """Every honest seller says 现货 and 私聊 too."""
    assert assess("现货秒发 懂的来 私聊 信誉第一 骗子勿扰").evidence == ()


def test_lures_beside_parts_alone_count_for_nothing() -> None:
    """Parts of an offer without a term do not make every 现货 a lure."""
    result = Assessor([]).assess(Listing("身份证视频 真人 50一套 现货秒发 懂的来 加微信"))
    signals = {evidence.signal for evidence in result.evidence}
    assert "part" in signals
    assert signals.isdisjoint({"lure", "handoff"})


def test_lure_beside_a_term_counts() -> None:
    """The same words beside a term raise the score."""
    assert assess("人脸四件套 懂的来").score > assess("人脸四件套").score


def test_analysts_term_is_found_with_its_source() -> None:
    """Evidence says which keyword, in which version, and how it was disguised."""
    assessor = Assessor([Term("蓝色月亮", Category.ID_DOCUMENT_SALE, 2.0, "keyword:7@3")])
    result = assessor.assess(Listing("出", "蓝*色 月.亮 现货"))
    (evidence,) = [item for item in result.evidence if item.signal == "lexicon"]
    assert evidence.source == "keyword:7@3"
    assert evidence.term == "蓝色月亮"
    assert evidence.why == "蓝*色 月.亮 -> 蓝色月亮, separators removed"
    assert "出\n蓝*色 月.亮 现货"[evidence.start : evidence.end] == "蓝*色 月.亮"
    assert evidence.category is Category.ID_DOCUMENT_SALE


def test_term_in_a_benign_word_is_not_a_match() -> None:
    """手持云台 holds 手持, and is a gimbal."""
    assessor = Assessor([Term("手持", Category.FACE_ID_BUNDLE, 2.0)])
    assert assessor.assess(Listing("手持云台")).evidence == ()


def test_talk_cuts_the_score_down() -> None:
    """The same words in a report are no offer."""
    offer = assess("人脸四件套 正反手持 20一套")
    talk = assess("记者调查：嫌疑人兜售人脸四件套 正反手持 20一套，被法院判刑")
    assert talk.intent is Intent.DISCUSS
    assert talk.score < offer.score / 3


def test_evidence_is_ordered_and_points_into_the_text() -> None:
    """The strongest reason comes first; spans lie inside the text."""
    text = "人脸四件套 正反手持 20一套 加微信 ab_12345"
    result = assess(text)
    weights = [abs(item.weight) for item in result.evidence]
    assert weights == sorted(weights, reverse=True)
    assert all(0 <= item.start <= item.end <= len(text) for item in result.evidence)
    assert all(item.why for item in result.evidence)


def test_evidence_never_quotes_a_contact_or_identifier() -> None:
    """Evidence is stored and shown, so it may not carry what is masked elsewhere."""
    result = assess("人脸四件套 50一套 V：ab_c98765 样本 110101199003074477")
    said = " ".join(f"{item.why} {item.term}" for item in result.evidence)
    assert "ab_c98765" not in said
    assert "110101199003074477" not in said
    assert [contact.value for contact in result.contacts] == ["ab_c98765"]
    assert [item.kind.value for item in result.identifiers] == ["id_number"]


def test_offer_is_read_out() -> None:
    """Price, unit, quantity, contents and hand-off can be searched."""
    offer = assess("网贷料 人脸四件套 正面反面手持 五毛一条 两万条 加tg some_demo1").offer
    assert [(p.minor, p.unit) for p in offer.unit_prices] == [(50, "record")]
    assert [q.count for q in offer.quantities] == [20000]
    assert "held_id" in [found.value for found in offer.contents]
    assert "loan_platform" in [found.value for found in offer.origins]
    assert [found.value for found in offer.handoff] == ["telegram"]


def test_token_price_counts_beside_a_term() -> None:
    """A price of one yuan stands for one that is told in private."""
    with_price = assess("人脸四件套", price_minor=100, currency="CNY")
    assert with_price.score > assess("人脸四件套").score
    assert assess("人脸四件套", price_minor=0).score == assess("人脸四件套").score


def test_uncounted_category_does_not_decide() -> None:
    """An operator chooses which categories the score speaks about."""
    text = "出微信实名号 已绑卡 号主配合扫脸 批发 60一个"
    alerting = Assessor(counted=ALERTING_CATEGORIES).assess(Listing(text))
    assert alerting.score == max(alerting.categories[c] for c in ALERTING_CATEGORIES)
    assert alerting.score < assess(text).score
    assert Assessor(counted=frozenset()).assess(Listing(text)).decision is Decision.CLEAR


def test_threshold_of_a_category_overrides() -> None:
    """One category can be made stricter without touching the others."""
    strict = Thresholds(by_category=dict.fromkeys(Category, (1.0, 0.999)))
    text = "人脸四件套 正反手持加眨眼视频 20一套 现货 懂的来"
    assert Assessor(thresholds=strict).assess(Listing(text)).decision is Decision.CLEAR


@pytest.mark.parametrize("bands", [(0.4, 0.5), (1.2, 0.5), (0.5, 0.0), (float("nan"), 0.5)])
def test_impossible_thresholds_are_refused(bands: tuple[float, float]) -> None:
    """Review lies below hit, and both are probabilities above zero."""
    with pytest.raises(ValueError, match="thresholds"):
        Thresholds(*bands)
    with pytest.raises(ValueError, match="thresholds"):
        Thresholds(by_category={Category.FACE_ID_BUNDLE: bands})


def test_version_names_what_takes_part() -> None:
    """Equal parts have equal versions; another vocabulary has another."""
    assert Assessor().version == ASSESSOR.version
    assert Assessor([]).version["lexicon"] != ASSESSOR.version["lexicon"]
    assert dict(assess("人脸四件套").model) == dict(ASSESSOR.version)


def test_assessor_without_terms_still_works() -> None:
    """An empty list is no starter vocabulary: the parts of an offer remain."""
    result = Assessor([]).assess(Listing("人脸四件套"))
    assert all(evidence.signal != "lexicon" for evidence in result.evidence)


def test_contacts_are_found_behind_the_scored_part() -> None:
    """Privacy does not end where scoring ends."""
    text = "好" * (SCORED_CHARS + 100) + "\n电话 13800001234\n证 110101199003074477"
    result = assess(text)
    assert [contact.value for contact in result.contacts] == ["13800001234"]
    assert len(result.identifiers) == 1


def test_offer_inside_a_long_text_is_found() -> None:
    """Harmless words before and after do not hide an offer."""
    filler = "今天天气很好，我们去公园散步，看到很多花。" * 40
    result = assess(filler + "代过人脸 各平台实名认证 真人刷脸 30一次 不过不收。" + filler)
    assert result.decision is not Decision.CLEAR, result.evidence


def test_words_scattered_over_a_page_make_no_offer() -> None:
    """What meets by chance in a long text is not read as one offer."""
    filler = "今天天气很好，我们去公园散步，看到很多花。" * 40
    text = filler.join(["带上身份证件", "拍个视频留念", "真人秀表演", "一共两套", "找人帮你拍"])
    assert assess(text).decision is Decision.CLEAR


HOSTILE = st.one_of(
    st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60),
    st.lists(
        st.sampled_from(
            [
                *"人脸四件套正反手持①壹 *.[]\n",
                "代过",
                "一次35",
                "微信:",
                "abc_123",
                "\ud800",
                "卖",
                "被告人",
            ]
        ),
        max_size=40,
    ).map("".join),
)


@settings(max_examples=150, deadline=None)
@given(HOSTILE, HOSTILE)
def test_any_text_gets_an_assessment(title: str, description: str) -> None:
    """Never an error; all probabilities and spans in range; the same answer twice."""
    listing = Listing(title, description)
    result = ASSESSOR.assess(listing)
    assert result == ASSESSOR.assess(listing)
    assert set(result.categories) == set(Category)
    assert all(0 <= p <= 1 for p in (result.score, *result.categories.values()))
    spans = [(e.start, e.end) for e in result.evidence]
    spans += [(c.start, c.end) for c in result.contacts]
    spans += [(i.start, i.end) for i in result.identifiers]
    assert all(0 <= start <= end <= len(listing.text) for start, end in spans)


@pytest.mark.parametrize(
    "piece", ["人脸四件套 ", "出手持身份证正反面50一套", "a", "\ud800", "🔥", "1 "]
)
def test_a_megabyte_takes_bounded_time(piece: str) -> None:
    """Scoring stops at a documented length; the rest is linear."""
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    assess(text)
    assert time.process_time() - started < 15


def test_threads_get_the_same_answers() -> None:
    """One assessor serves many threads."""
    texts = [f"人脸四件套 {i}一套 代过人脸 微信 ab_{i:05d}" for i in range(1, 60)]
    alone = [assess(text) for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(assess, texts)) == alone
    finally:
        sys.setswitchinterval(interval)
