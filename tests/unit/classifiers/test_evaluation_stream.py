"""The polled stream: what a page holds, that it repeats by seed, and how it is counted."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from classifiers.assess import Assessor, Thresholds
from classifiers.contract import Category, Intent
from classifiers.evaluation.judging import Judge
from classifiers.evaluation.rows import LabelledRow, OrdinaryText
from classifiers.evaluation.stream import (
    PAGE,
    Entry,
    Page,
    Role,
    Search,
    make_stream,
    measure_stream,
)
from classifiers.lexicon import StarterKeyword
from classifiers.training.augment import Tables

TABLES = Tables({}, {})


def _keyword(term: str, category: Category = Category.FACE_ID_BUNDLE) -> StarterKeyword:
    return StarterKeyword(term, category, "zh", "high", 1.5, True, "a test")


def _row(text: str, label: str, kind: str, intent: Intent = Intent.SELL) -> LabelledRow:
    category = Category.FACE_ID_BUNDLE if label == "positive" else None
    return LabelledRow(text, label, category, intent, f"{kind}_x", kind, "zh", "test")


@pytest.fixture(scope="module")
def rows() -> list[LabelledRow]:
    """Enough of every sort for a page."""
    return [
        *(_row(f"出人脸四件套{n}套", "positive", "plain") for n in range(60)),
        *(_row(f"纯棉四件套{n}号", "benign", "look") for n in range(40)),
        *(_row(f"新闻说人脸案{n}", "benign", "talk", Intent.DISCUSS) for n in range(40)),
        *(_row(f"招刷单{n}", "adjacent", "near") for n in range(40)),
    ]


ORDINARY = [OrdinaryText(f"运动鞋{n}码", "shop") for n in range(200)]


def test_search_finds_first_what_shares_most_with_the_word() -> None:
    texts = ["运动鞋", "人民的脸盆", "床上四件套", "卖人脸四件套的", "四件旧物"]
    search = Search(texts, ["人脸四件套"])
    ranks = dict(zip(texts, search.rank("人脸四件套"), strict=True))
    assert ranks["卖人脸四件套的"] == pytest.approx(3.0)
    # 四件 and 件套 of four pairs, 四 件 套 of five characters.
    assert ranks["床上四件套"] == pytest.approx(2 * 2 / 4 + 3 / 5)
    assert ranks["运动鞋"] == 0
    assert search.find("人脸四件套", 1, random.Random(1)) == ["卖人脸四件套的"]


def test_places_that_nothing_resembling_takes_are_filled_by_rank_from_the_first_texts() -> None:
    shops = ["运动鞋", "旧件"]
    texts = [*shops, "水杯", "卖人脸四件套的", "床上四件套"]
    search = Search(texts, ["人脸四件套"])
    found = search.places("人脸四件套", 4, random.Random(1), fill_from=len(shops))
    assert [texts[at] for at in found[:2]] == ["卖人脸四件套的", "床上四件套"]
    assert {texts[at] for at in found[2:]} == set(shops)


def test_search_takes_latin_words_whole() -> None:
    search = Search(["a selfie with my cat", "himself"], ["selfie id"])
    assert list(search.rank("selfie id")) == [1.0, 0.0]


def test_a_page_holds_each_sort_in_its_share(rows: list[LabelledRow]) -> None:
    pages = make_stream(rows, ORDINARY, [_keyword("人脸四件套"), _keyword("四件套料")], TABLES, 7)
    for page in pages:
        roles = Counter(entry.role for entry in page.entries)
        assert sum(roles.values()) == PAGE
        assert 0.5 <= (roles[Role.SHOP] + roles[Role.ORDINARY]) / PAGE <= 0.98
        assert roles[Role.OFFER] >= roles[Role.TALK] >= roles[Role.ADJACENT]


def test_an_ordinary_text_is_on_a_page_only_if_it_resembles_the_word(
    rows: list[LabelledRow],
) -> None:
    alike = [OrdinaryText(f"人脸四件{n}", "queries") for n in range(60)]
    (page,) = make_stream(rows, [*ORDINARY, *alike], [_keyword("人脸四件套")], TABLES, 7)
    found = {entry.text for entry in page.entries if entry.role is Role.ORDINARY}
    assert found
    assert found <= {text.text for text in alike}


def test_without_ordinary_texts_shops_take_their_places_and_the_rest_stays(
    rows: list[LabelledRow],
) -> None:
    alike = [OrdinaryText(f"人脸四件{n}", "queries") for n in range(60)]
    words = [_keyword("人脸四件套")]
    (mixed,), (shops,) = (make_stream(rows, texts, words, TABLES, 7) for texts in (alike, []))

    def others(page: Page) -> set[Entry]:
        return {e for e in page.entries if e.role not in {Role.SHOP, Role.ORDINARY}}

    assert others(mixed) == others(shops)
    assert len(mixed.entries) == len(shops.entries)
    assert Role.ORDINARY not in {entry.role for entry in shops.entries}


def test_a_word_that_nobody_searches_has_no_page(rows: list[LabelledRow]) -> None:
    unsearched = StarterKeyword("料", Category.FACE_ID_BUNDLE, "zh", "low", 0.5, False, "a test")
    assert make_stream(rows, ORDINARY, [unsearched], TABLES, 7) == []


def test_the_same_seed_draws_the_same_pages_and_another_one_others(
    rows: list[LabelledRow],
) -> None:
    words = [_keyword("人脸四件套")]
    first = make_stream(rows, ORDINARY, words, TABLES, 7)
    assert first == make_stream(rows, ORDINARY, words, TABLES, 7)
    assert first != make_stream(rows, ORDINARY, words, TABLES, 8)


def test_a_category_without_offers_has_pages_without_offers(rows: list[LabelledRow]) -> None:
    word = _keyword("偷拍人脸", Category.COVERT_FACE_CAPTURE)
    (page,) = make_stream(rows, ORDINARY, [word], TABLES, 7)
    assert Role.OFFER not in {entry.role for entry in page.entries}


def test_listings_and_distinct_texts_are_counted_apart_and_neighbouring_abuse_in_neither() -> None:
    judge = Judge(Assessor(use_ngrams=False, thresholds=Thresholds(0.5, 0.4)))
    offer = "出人脸四件套 一手料 懂的来 现货 包更新"
    assert judge.judge(offer).is_hit
    missed = "今天天气很好"
    assert not judge.judge(missed).is_flagged
    sold = "人脸四件套 现货出 一手料 包更新"
    assert judge.judge(sold).is_hit
    pages = [
        Page(
            _keyword("人脸四件套"),
            (
                Entry(offer, Role.OFFER),
                Entry(missed, Role.OFFER),
                Entry(sold, Role.ADJACENT),
                Entry("床单", Role.ORDINARY),
            ),
        ),
        Page(_keyword("四件套"), (Entry(offer, Role.OFFER), Entry(sold, Role.SHOP))),
    ]
    found = measure_stream(pages, pages[:1], judge, minutes_per_review=0.5, seed=1)
    assert (found.keywords, found.listings, found.distinct) == (2, 6, 4)
    assert found.precision.value == pytest.approx(2 / 3)
    assert found.precision.n == 3
    assert found.recall_hit.value == pytest.approx(2 / 3)
    assert found.recall_hit.n == 3
    assert (found.distinct_precision.count, found.distinct_precision.n) == (1, 2)
    assert (found.distinct_recall.count, found.distinct_recall.n) == (1, 2)
    assert found.reviews.value == 0
    assert (found.shops.count, found.shops.n) == (1, 2)
    assert (found.shops_precision.value, found.shops_precision.low) == (1, None)
    groups = {group.category: group for group in found.groups}
    assert groups[Category.FACE_ID_BUNDLE].keywords == 2
    assert groups[Category.COVERT_FACE_CAPTURE].listings.value is None
