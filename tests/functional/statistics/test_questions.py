"""Every number is one that was planted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.domain.hit import Verdict
from monitor.domain.outcome import Outcome
from monitor.errors import InputError, NotFoundError
from monitor.services import sampling, statistics
from monitor.services.statistics import Asked
from monitor.store.looks import listing_named
from monitor.store.watches import source_by_name
from tests.planting import BUNDLE, MONDAY, OFFER, TOOL, Plant, row

MARCH = Asked(since="2026-03-01", until="2026-04-01")
SHANGHAI = "Asia/Shanghai"


def counted(plant: Plant, by: str, asked: Asked = MARCH) -> dict[str, int]:
    """Hits by value."""
    answer = statistics.hits(plant.workspace, asked, by=by)
    return {found.value: found.hits for found in answer.rows}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("source", {"north": 4, "south": 1}),
        ("category", {"face_id_bundle": 4, "photo_animation_tool": 1}),
        ("keyword", {BUNDLE: 4, TOOL: 1}),
        ("region", {"广东": 4, "浙江": 1}),
        ("seller", {"甲0": 2, "丁": 1, "乙": 1, "甲1": 1}),
        ("decision", {"hit": 5}),
        ("verdict", {"confirmed": 2, "benign": 1, "unsure": 1}),
        ("month", {"2026-03-01T00:00:00+00:00": 5}),
    ],
)
def test_hits_are_counted_by_what_they_are(
    planted: Plant, by: str, expected: dict[str, int]
) -> None:
    """Nothing was planted without one of these."""
    assert counted(planted, by) == expected
    assert statistics.hits(planted.workspace, MARCH, by=by).total == 5


def test_hits_over_time_keep_their_zeros(planted: Plant) -> None:
    """A day without a hit is a row too."""
    week = Asked(since="2026-03-02", until="2026-03-10")
    days = counted(planted, "day", week)
    assert list(days.values()) == [4, 0, 0, 0, 0, 0, 0, 1]
    assert next(iter(days)) == "2026-03-02T00:00:00+00:00"


def test_a_week_begins_on_the_zones_monday(planted: Plant) -> None:
    """What is found late on Sunday here lies in Shanghai's next week."""
    late = MONDAY + timedelta(days=6, hours=20)
    planted.look("south", BUNDLE, late, row("late", f"{OFFER} 晚", seller="戊"))
    planted.index()
    here = counted(planted, "week", MARCH)
    there = counted(planted, "week", Asked(MARCH.since, MARCH.until, SHANGHAI))
    assert here["2026-03-02T00:00:00+00:00"] == 5
    assert there["2026-03-02T00:00:00+08:00"] == 4
    assert there["2026-03-09T00:00:00+08:00"] == 2


@pytest.mark.parametrize(
    ("narrow", "total"),
    [
        ({"sources": ("south",)}, 1),
        ({"categories": ("photo_animation_tool",)}, 1),
        ({"sources": ("south",), "categories": ("photo_animation_tool",)}, 0),
        ({"sources": ("north", "south")}, 5),
    ],
)
def test_filters_narrow_hits(planted: Plant, narrow: dict[str, object], total: int) -> None:
    """Values of one filter are alternatives, filters add up."""
    asked = Asked(MARCH.since, MARCH.until, **narrow)  # type: ignore[arg-type]
    assert statistics.hits(planted.workspace, asked, by="source").total == total


def test_rows_beyond_the_limit_are_counted(planted: Plant) -> None:
    """Nobody takes the top for the whole."""
    answer = statistics.hits(planted.workspace, MARCH, by="seller", limit=1)
    assert [(found.value, found.hits) for found in answer.rows] == [("甲0", 2)]
    assert answer.left_out == 3


def test_precision_counts_judged_hits_only(planted: Plant) -> None:
    """Unsure is neither; without a verdict there is no precision."""
    rows = {
        found.value: found
        for found in statistics.precision(planted.workspace, MARCH, by="keyword").rows
    }
    bundle, tool = rows[BUNDLE], rows[TOOL]
    assert (bundle.hits, bundle.confirmed, bundle.benign, bundle.n) == (4, 2, 1, 3)
    assert bundle.precision == pytest.approx(2 / 3, abs=1e-4)
    assert (bundle.low, bundle.high) == (0.2077, 0.9385)
    assert (tool.hits, tool.unsure, tool.n) == (1, 1, 0)
    assert (tool.precision, tool.low, tool.high) == (None, None, None)


@pytest.mark.parametrize(
    ("by", "n"),
    [
        ("source", {"north": 3, "south": 0}),
        ("category", {"face_id_bundle": 3, "photo_animation_tool": 0}),
        ("decision", {"hit": 3}),
    ],
)
def test_precision_is_told_apart(planted: Plant, by: str, n: dict[str, int]) -> None:
    """Each judged hit once in each."""
    answer = statistics.precision(planted.workspace, MARCH, by=by)
    assert {found.value: found.n for found in answer.rows} == n


def test_precision_by_model_names_the_versions(planted: Plant) -> None:
    """One model judged all of it."""
    (found,) = statistics.precision(planted.workspace, MARCH, by="model").rows
    assert (found.hits, found.n) == (5, 3)
    with planted.workspace.database.read() as tx:
        version = planted.workspace.assessor(tx)[0].version["encoder"]
    assert f"encoder={version}" in found.value


def test_looks_by_source_week_and_outcome(planted: Plant) -> None:
    """As they ended, in the week in which they began."""
    answer = statistics.outcomes(planted.workspace, MARCH)
    found = {(r.source, f"{r.start:%m-%d}", r.outcome): r.looks for r in answer.rows}
    assert found == {
        ("north", "03-02", "ok"): 2,
        ("north", "03-02", "challenged"): 1,
        ("south", "03-02", "empty"): 1,
        ("south", "03-09", "ok"): 1,
    }


def test_coverage_is_the_share_that_saw(planted: Plant) -> None:
    """A true zero was seen, a captcha was not, and without a look nothing is known."""
    week = Asked(since="2026-03-02", until="2026-03-16")
    found = {
        (r.source, f"{r.start:%m-%d}"): (r.looks, r.seen, r.coverage, r.watches, r.watches_seen)
        for r in statistics.coverage(planted.workspace, week).rows
    }
    assert found == {
        ("north", "03-02"): (3, 2, 0.6667, 2, 2),
        ("north", "03-09"): (0, 0, None, 0, 0),
        ("south", "03-02"): (1, 1, 1.0, 1, 1),
        ("south", "03-09"): (1, 1, 1.0, 1, 1),
    }


def test_looks_are_narrowed_by_the_keywords_category(planted: Plant) -> None:
    """One of the two keywords is a tool's."""
    asked = Asked(MARCH.since, MARCH.until, categories=("photo_animation_tool",))
    answer = statistics.outcomes(planted.workspace, asked)
    assert [(r.source, r.outcome, r.looks) for r in answer.rows] == [("north", "ok", 1)]


def test_a_look_that_runs_is_not_counted(planted: Plant) -> None:
    """It has not ended yet."""
    before = statistics.outcomes(planted.workspace, MARCH)
    planted.begin_look("north", BUNDLE, MONDAY)
    assert statistics.outcomes(planted.workspace, MARCH).rows == before.rows


def test_the_queue_tells_what_is_due_and_since_when(planted: Plant) -> None:
    """By kind and source; what is indexed no longer waits."""
    at = planted.workspace.database.now() - timedelta(seconds=90)
    planted.look("south", BUNDLE, at, row("q1", f"{OFFER} 队", seller="己"))
    planted.alert(planted.endpoint("desk"), at, native_id="q1")
    rows = {(r.kind, r.source): r for r in statistics.queue(planted.workspace, Asked()).rows}
    assert set(rows) == {
        ("poll", "north"),
        ("poll", "south"),
        ("index", "south"),
        ("send", "south"),
    }
    assert rows["poll", "north"].due == 2
    for kind in ("index", "send"):
        found = rows[kind, "south"]
        assert (found.due, found.held, found.failing, found.oldest_s) == (1, 0, 0, 90.0)
    narrow = Asked(categories=("photo_animation_tool",))
    kinds = [(r.kind, r.due) for r in statistics.queue(planted.workspace, narrow).rows]
    assert kinds == [("poll", 1)]


def test_the_queue_knows_no_past(planted: Plant) -> None:
    """Asking for one is a mistake that is named."""
    with pytest.raises(InputError, match="state of now"):
        statistics.queue(planted.workspace, Asked(since="2d"))


def test_delivery_times_and_failures_by_endpoint(planted: Plant) -> None:
    """From the alert's cause to its arrival, through all tries."""
    desk, other = planted.endpoint("desk"), planted.endpoint("other")
    for seconds in (1.0, 2.0, 3.0):
        planted.alert(desk, MONDAY, arrived_after_s=seconds)
    planted.alert(desk, MONDAY, arrived_after_s=600.0, failures=[503, 503, None])
    planted.alert(other, MONDAY, failures=[401], is_dead=True)
    planted.alert(other, MONDAY + timedelta(days=60), arrived_after_s=1.0)
    rows = {r.endpoint: r for r in statistics.deliveries(planted.workspace, MARCH).rows}
    assert (rows["desk"].alerts, rows["desk"].delivered, rows["desk"].attempts) == (4, 4, 7)
    assert (rows["desk"].p50_s, rows["desk"].p95_s) == (2.0, 600.0)
    assert (rows["other"].alerts, rows["other"].dead, rows["other"].p50_s) == (1, 1, None)
    failed = statistics.failures(planted.workspace, MARCH).rows
    assert [(r.endpoint, r.http_status, r.attempts) for r in failed] == [
        ("desk", 503, 2),
        ("desk", None, 1),
        ("other", 401, 1),
    ]


def test_alerts_are_narrowed_by_their_listings_source(planted: Plant) -> None:
    """And by its category."""
    desk = planted.endpoint("desk")
    planted.alert(desk, MONDAY, arrived_after_s=1.0, native_id="n0")
    planted.alert(desk, MONDAY, arrived_after_s=2.0, native_id="s1")
    asked = Asked(MARCH.since, MARCH.until, sources=("south",), categories=("face_id_bundle",))
    (found,) = statistics.deliveries(planted.workspace, asked).rows
    assert (found.alerts, found.p50_s) == (1, 2.0)


def test_a_term_that_several_sellers_begin_to_use_rises(planted: Plant) -> None:
    """Whole, once, with its counts; one seller's own words do not, however often."""
    then, now = MONDAY + timedelta(days=1), MONDAY + timedelta(days=11)
    old = [row(f"o{i}", f"{OFFER} 旧{i}批", seller=f"老{i}") for i in range(6)]
    new = [row(f"r{i}", f"{OFFER} 送眨眼视频 {i}号", seller=f"新{i % 3}") for i in range(6)]
    own = [row(f"e{i}", f"{OFFER} 虎头蛇尾 {i}号", seller="独家") for i in range(6)]
    planted.look("north", BUNDLE, then, *old)
    planted.look("north", BUNDLE, now, *new, *own)
    answer = statistics.rising_terms(
        planted.workspace, Asked(since="2026-03-11", until="2026-03-21")
    )
    found = {r.term: r for r in answer.rows}
    assert "送眨眼视频" in found
    assert not [term for term in found if "虎头" in term or term in "送眨眼视频"[1:]]
    term = found["送眨眼视频"]
    assert (term.hits, term.hits_before, term.sellers, term.is_keyword) == (6, 0, 3, False)


def test_without_hits_before_no_term_rises(planted: Plant) -> None:
    """And it says so."""
    answer = statistics.rising_terms(
        planted.workspace, Asked(since="2026-03-02", until="2026-03-09")
    )
    assert answer.rows == []
    assert answer.note.startswith("not shown")


def test_misses_are_not_shown_before_somebody_judged(planted: Plant) -> None:
    """Nothing judged says nothing."""
    answer = statistics.misses(planted.workspace, MARCH)
    (found,) = answer.rows
    assert (found.n, found.share, found.low, found.high) == (0, None, None, None)
    assert found.clear == 5
    assert answer.note.startswith("not shown")


def test_misses_are_estimated_from_the_judged_sample(planted_sample: Plant) -> None:
    """With the exact interval; unsure is in neither number, a later verdict replaces."""
    workspace = planted_sample.workspace
    waiting = [listing.id for listing in sampling.unjudged(workspace, limit=10)]
    assert len(waiting) == 5
    said = (Verdict.CONFIRMED, Verdict.BENIGN, Verdict.BENIGN, Verdict.UNSURE)
    for listing_id, verdict in zip(waiting, said, strict=False):
        sampling.judge(workspace, listing_id, verdict, reason="seen", actor="li")
    sampling.judge(workspace, waiting[1], Verdict.CONFIRMED, reason="again", actor="li")
    (found,) = statistics.misses(workspace, MARCH).rows
    assert (found.n, found.missed, found.unsure, found.clear) == (3, 2, 1, 5)
    assert (found.share, found.low, found.high) == (0.6667, 0.0943, 0.9916)
    assert [listing.id for listing in sampling.unjudged(workspace, limit=10)] == waiting[4:]
    (elsewhere,) = statistics.misses(workspace, Asked(MARCH.since, sources=("south",))).rows
    assert (elsewhere.n, elsewhere.clear) == (0, 0)


def test_only_sampled_clear_listings_are_judged(planted_sample: Plant) -> None:
    """A hit is judged in the queue, where moderators hear of it."""
    workspace = planted_sample.workspace
    with workspace.database.read() as tx:
        hit = listing_named(tx, source_by_name(tx, "north").id, "n0")
    assert hit is not None
    with pytest.raises(NotFoundError, match="no clear listing"):
        sampling.judge(workspace, hit, Verdict.BENIGN, reason="seen", actor="li")
    with pytest.raises(InputError, match="reason"):
        sampling.judge(workspace, hit, Verdict.BENIGN, reason=" ", actor="li")


def test_a_listing_that_becomes_a_hit_leaves_the_sample(planted_sample: Plant) -> None:
    """It is no longer clear: the classifiers did find it."""
    workspace = planted_sample.workspace
    listing = sampling.unjudged(workspace, limit=1)[0]
    sampling.judge(workspace, listing.id, Verdict.CONFIRMED, reason="seen", actor="li")
    number = listing.title.split()[1]
    changed = row(f"b{number}", OFFER, seller="丙")
    planted_sample.look("north", BUNDLE, MONDAY + timedelta(days=8), changed)
    (found,) = statistics.misses(workspace, MARCH).rows
    assert (found.n, found.clear) == (0, 4)


@pytest.mark.parametrize("outcome", [Outcome.PARTIAL, Outcome.SUPPRESSED, Outcome.TRANSPORT_ERROR])
def test_what_was_not_fully_seen_lowers_coverage(planted: Plant, outcome: Outcome) -> None:
    """A part is not the whole."""
    planted.look("south", BUNDLE, MONDAY + timedelta(days=1), outcome=outcome)
    asked = Asked(since="2026-03-02", until="2026-03-09", sources=("south",))
    (found,) = statistics.coverage(planted.workspace, asked).rows
    assert (found.looks, found.seen, found.coverage) == (2, 1, 0.5)
