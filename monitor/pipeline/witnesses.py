"""Witnesses: are listings on sale still that a search does not show any more?

The surest answer to a sudden zero. A market that hides a word seldom takes the listings
down: their item pages tell whether there is something that the search should have shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import Enum, auto

from monitor.domain.outcome import Outcome
from monitor.domain.page import ItemPage, ItemState
from monitor.domain.watch import WatchPlan
from monitor.pipeline.asking import Scope, ask
from monitor.pipeline.workspace import Workspace
from monitor.sources.protocol import ItemSource, Source
from monitor.sources.terms import holds_term
from monitor.store import looks
from monitor.store.polls import FoundListing

__all__ = ["WITNESSES", "Testimony", "testify"]

WITNESSES = 3
"""At most so many item pages are asked for."""


class Testimony(Enum):
    """What the item pages say."""

    ON_SALE = auto()
    """One is on sale and holds the word: the search should have shown it."""
    GONE = auto()
    """All that were asked for are sold or taken down."""
    NONE = auto()
    """Nothing clear."""


def testify(
    workspace: Workspace,
    plan: WatchPlan,
    source: Source,
    missing: Sequence[FoundListing],
    hold_on: Callable[[], None],
) -> Testimony:
    """Ask for the item pages of listings that a look did not show.

    Args:
        workspace: what is open.
        plan: the look's watch and source.
        source: the source's adapter.
        missing: what the look before had; the first ones are asked for.
        hold_on: extends the look's claim before each request; raises `LeaseLost`.
    """
    if not isinstance(source, ItemSource):
        return Testimony.NONE
    database = workspace.database
    said: list[Testimony] = []
    for listing in missing[:WITNESSES]:
        request = source.item_request(listing.native_id, listing.url)
        if request is None:
            continue
        hold_on()
        with database.write(durable=False) as tx:
            now = database.now()
            spent = looks.looks_since(tx, plan.source.id, now - timedelta(hours=1))
            if spent >= workspace.settings.looks_per_hour:
                break
            looks.count_look(tx, listing.id, now=now)
        asked = ask(workspace, plan.source, Scope.ITEM, request, source.parse_item)
        said.append(_read(asked.page, plan.watch.term))
        # Whoever refuses is not asked again.
        if said[-1] is Testimony.ON_SALE or asked.is_resting or asked.outcome.is_block:
            break
    if said and said[-1] is Testimony.ON_SALE:
        return Testimony.ON_SALE
    return Testimony.GONE if said and set(said) == {Testimony.GONE} else Testimony.NONE


def _read(page: ItemPage | None, term: str) -> Testimony:
    """What one page says; one that merely shows an item does not say that it is on sale."""
    if page is None or page.outcome is not Outcome.OK:
        return Testimony.NONE
    if page.state in (ItemState.GONE, ItemState.SOLD):
        return Testimony.GONE
    if page.state is not ItemState.ON_SALE or page.listing is None:
        return Testimony.NONE
    has_word = holds_term(f"{page.listing.title}\n{page.listing.description}", term)
    return Testimony.ON_SALE if has_word else Testimony.NONE
