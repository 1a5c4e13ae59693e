"""Many hits closed at once that a search found: the same preview, the same undoing."""

from __future__ import annotations

import pytest

from monitor.domain.casework import MuteKind
from monitor.domain.clock import ManualClock
from monitor.domain.hit import HitFilter, Verdict
from monitor.errors import ConflictError, InputError
from monitor.services import closing, quieting
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

QUEUE = HitFilter(is_muted=False)


@pytest.fixture
def clock() -> ManualClock:
    """Looks are recorded from now on."""
    return ManualClock(MONDAY)


def look(plant: Plant, **titles: str) -> None:
    """Listings by native id, indexed at once."""
    shown = [row(native_id, f"{OFFER} {title}") for native_id, title in titles.items()]
    plant.look("north", BUNDLE, MONDAY, *shown)
    plant.index()


def preview(plant: Plant, text: str, chosen: HitFilter = QUEUE) -> closing.Preview:
    return closing.preview(plant.workspace, chosen, actor="li", text=text)


def close(plant: Plant, text: str, token: str, chosen: HitFilter = QUEUE) -> closing.Batch:
    return closing.close(
        plant.workspace,
        chosen,
        Verdict.BENIGN,
        reason="a film about the trade",
        actor="li",
        token=token,
        text=text,
    )


def test_only_what_the_search_found_is_closed_and_opened_again(plant: Plant) -> None:
    """The preview counts and shows it; what was searched for is kept."""
    look(plant, a="广州发货", b="广州发货", c="上海发货")
    shown = preview(plant, "广州发货")
    assert (shown.total, shown.closing) == (2, 2)
    assert {hit.native_id for hit in shown.examples} == {"a", "b"}
    batch = close(plant, "广州发货", shown.token)
    assert plant.waiting() == ["c"]
    assert batch.filters["text"] == ["广州发货"]
    assert closing.undo(plant.workspace, batch.id, actor="li").restored == 2
    assert plant.waiting() == ["a", "b", "c"]


def test_a_hit_that_the_search_finds_since_the_preview_is_not_closed_unseen(plant: Plant) -> None:
    """Nor are others: a person looks again. Another search is another preview too."""
    look(plant, a="广州发货", c="上海发货")
    seen = preview(plant, "广州发货")
    with pytest.raises(ConflictError, match="look again"):
        close(plant, "上海发货", seen.token)
    look(plant, b="广州发货")
    with pytest.raises(ConflictError, match="look again"):
        close(plant, "广州发货", seen.token)
    assert plant.waiting() == ["a", "b", "c"]


def test_the_store_and_not_the_index_says_what_is_open(plant: Plant) -> None:
    """An index may be a moment behind."""
    look(plant, a="广州发货", b="广州发货")
    plant.judge(a="confirmed")
    shown = preview(plant, "广州发货")
    assert (shown.total, shown.closing) == (1, 1)
    assert [hit.native_id for hit in shown.examples] == ["b"]


def test_filters_and_mutes_count_beside_the_words(plant: Plant) -> None:
    """As in the queue."""
    look(plant, a="广州发货", b="广州发货")
    plant.judge(a="unsure")
    plant.index()
    judged = HitFilter(verdict=("unsure",), is_muted=False)
    assert [hit.native_id for hit in preview(plant, "广州发货", judged).examples] == ["a"]
    assert preview(plant, "广州发货", HitFilter(source=("south",))).closing == 0
    hit_id = plant.hit("b").id
    quieting.mute(plant.workspace, hit_id, MuteKind.LISTING, for_s=60, reason="x", actor="li")
    assert [hit.native_id for hit in preview(plant, "广州发货").examples] == ["a"]


@pytest.mark.parametrize("text", ["，。", '""', "*"])
def test_a_search_that_cannot_be_read_closes_nothing(plant: Plant, text: str) -> None:
    """It never means everything."""
    look(plant, a="广州发货")
    with pytest.raises(InputError):
        preview(plant, text)
    with pytest.raises(InputError):
        close(plant, text, closing.preview(plant.workspace, QUEUE, actor="li").token)
    assert plant.waiting() == ["a"]
