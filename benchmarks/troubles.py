"""Polls against markets of which 30 % of all answers are trouble; the clock is turned.

    python -m benchmarks.troubles [--polls 10000]

What the markets know of every request is compared with what the monitor made of it:
no block counts as empty, nothing honest as blocked, nobody asks a source that rests or
a host too soon, and every time that was not seen is a gap that is closed in the end.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

from sqlalchemy import select

from benchmarks.troubled_market import (
    BLOCKS,
    HIDDEN,
    INTERVAL_S,
    USUAL_ROWS,
    Answered,
    TroubledMarket,
)
from monitor.config import load_settings
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.domain.watch import PollSummary
from monitor.pipeline.asking import Scope
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import coverage, keywords, sources, watches
from monitor.store import tables as t
from monitor.store import watches as watch_store

__all__ = ["Tally", "main", "measure"]

MARKETS = 4
WORDS = {"台灯": 12, "书架": 25, "床单": 8, "自行车": 40, "雨伞": 1, "鱼缸": 0, "砚台": 0}
"""Offers of each, about; two words have none, which is a true zero, and one often none."""
EVERY_S = 1800.0
PAUSE_S = 1800.0
BATCH = 5
"""Watches that one process claims before it asks for the first: a block may meet the others."""
STEP_S = 60.0
LONGEST_END = timedelta(days=5)
"""After the trouble, within which each watch must have been seen; they back off up to 6 h."""


@dataclass(slots=True)
class Tally:
    """What came of it; lists name the looks that went wrong."""

    polls: int = 0
    requests: int = 0
    simulated_days: float = 0.0
    troubles: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    trouble_as_seen: list[str] = field(default_factory=list)
    honest_as_unseen: list[str] = field(default_factory=list)
    hidden_told: int = 0
    hidden_unproved: int = 0
    hidden_nothing: int = 0
    during_rests: int = 0
    too_soon: int = 0
    shortest_s: float = float("inf")
    circuits: int = 0
    gaps: int = 0
    gaps_wrong: list[str] = field(default_factory=list)
    gaps_open: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing at all went wrong."""
        return not (
            self.trouble_as_seen
            or self.honest_as_unseen
            or self.during_rests
            or self.too_soon
            or self.gaps_wrong
            or self.gaps_open
        )


def measure(
    folder: Path, *, polls: int, share: float = 0.3, seed: int = 1, has_silence: bool = True
) -> Tally:
    """Run, and compare.

    Args:
        folder: for the data; empty.
        polls: looks while there is trouble.
        share: of answers that are trouble.
        seed: of the markets' dice.
        has_silence: whether some requests are never answered.
    """
    clock = ManualClock()
    settings = load_settings(
        data_dir=folder, allow_networks=("127.0.0.0/8",), circuit_pause_s=PAUSE_S
    )
    with ExitStack() as stack:
        markets = {
            f"market{n}": stack.enter_context(
                TroubledMarket(clock, seed + n, has_silence=has_silence)
            )
            for n in range(MARKETS)
        }
        workspace = stack.enter_context(open_workspace(settings, clock=clock))
        run = _Run(workspace, clock, markets)
        run.until(lambda: run.tally.polls >= polls, share)
        ends_at = clock.now() + LONGEST_END
        run.until(lambda: run.has_seen_all() or clock.now() > ends_at, 0.0)
        run.compare()
        return run.tally


class _Run:
    def __init__(
        self, workspace: Workspace, clock: ManualClock, markets: dict[str, TroubledMarket]
    ) -> None:
        self._workspace, self._clock, self._markets = workspace, clock, markets
        self._started_at = clock.now()
        self._blind: defaultdict[int, list[bool]] = defaultdict(list)
        self.tally = Tally()
        for word in WORDS:
            keywords.add(workspace, KeywordDraft(word, "face_id_bundle"), actor="bench")
        for name, market in markets.items():
            market.stock(WORDS)
            sources.put(workspace, market.polite(name), actor="bench")
            watches.add(workspace, name, list(WORDS), interval_s=EVERY_S, actor="bench")
        self._watches = {watch.id: watch for watch in watches.list_watches(workspace)}

    def until(self, is_over: Callable[[], bool], share: float) -> None:
        """Poll what is due, and turn the clock when nothing is."""
        for market in self._markets.values():
            market.share = share
        while not is_over():
            with self._workspace.database.write(durable=False) as tx:
                claims = watch_store.claim_due(
                    tx, now=self._clock.now(), lease_s=86_400, limit=BATCH
                )
            if not claims:
                self._clock.advance(STEP_S)
                for market in self._markets.values():
                    market.stir()
            for claim in claims:
                market = self._markets[self._watches[claim.id].source]
                before = len(market.answered)
                summary = poll_watch(self._workspace, claim)
                if summary is not None:
                    self._judge(summary, market, market.answered[before:])

    def has_seen_all(self) -> bool:
        """Whether the newest look of every watch saw."""
        return all(
            watch.last_outcome is Outcome.OK or watch.last_outcome is Outcome.EMPTY
            for watch in watches.list_watches(self._workspace)
        )

    def _judge(
        self, look: PollSummary, market: TroubledMarket, answers: Sequence[Answered]
    ) -> None:
        tally, outcome = self.tally, look.outcome
        tally.polls += 1
        tally.troubles.update(answer.trouble for answer in answers if answer.trouble)
        tally.outcomes[outcome.value if outcome else "running"] += 1
        has_seen = outcome is not None and outcome.has_seen
        self._blind[look.watch_id or 0].append(not has_seen)
        searches = [answer for answer in answers if not answer.is_item]
        kinds = {answer.trouble for answer in searches} - {""}
        told = f"{outcome} after {[answer.trouble or answer.rows for answer in answers]}"
        if kinds - {HIDDEN} and has_seen:
            tally.trouble_as_seen.append(told)
        elif kinds == {HIDDEN}:
            self._judge_hidden(look, market, has_seen=has_seen)
        elif (
            not kinds
            and searches
            and outcome is not (Outcome.OK if searches[0].rows else Outcome.EMPTY)
        ) or (outcome is not None and outcome.is_block and not kinds & set(BLOCKS)):
            tally.honest_as_unseen.append(told)

    def _judge_hidden(self, look: PollSummary, market: TroubledMarket, *, has_seen: bool) -> None:
        """Nothing but a hidden word was in the way of a look."""
        tally = self.tally
        if look.rows >= min(len(market.on_sale(look.term)), USUAL_ROWS):
            # There was nothing to hide, or it was the control that was hidden.
            tally.hidden_nothing += 1
        elif has_seen:
            tally.hidden_unproved += 1
        else:
            tally.hidden_told += 1

    def compare(self) -> None:
        """What only shows in the end: rests, intervals, gaps."""
        tally = self.tally
        tally.simulated_days = (self._clock.now() - self._started_at) / timedelta(days=1)
        with self._workspace.database.read() as tx:
            circuits = tx.execute(
                select(t.circuit, t.source.c.name).join(
                    t.source, t.source.c.id == t.circuit.c.source_id
                )
            ).all()
            stored = tx.execute(select(t.gap).order_by(t.gap.c.id)).all()
        tally.circuits = len(circuits)
        for name, market in self._markets.items():
            tally.requests += len(market.asked_at)
            for is_item in (False, True):
                rests = [
                    (row.opened_at, min(row.open_until, row.closed_at or row.open_until))
                    for row in circuits
                    if row.name == name and (row.scope == Scope.ITEM) is is_item
                ]
                asked = [each.at for each in market.answered if each.is_item is is_item]
                tally.during_rests += sum(_is_in(at, rests) for at in asked)
            waits = [(late - early).total_seconds() for early, late in pairwise(market.asked_at)]
            tally.shortest_s = min(tally.shortest_s, *waits)
            tally.too_soon += sum(wait < INTERVAL_S for wait in waits)
        for watch_id, blind in self._blind.items():
            runs = [len(list(group)) for is_blind, group in groupby(blind) if is_blind]
            found = [row.looks for row in stored if row.watch_id == watch_id and row.looks]
            tally.gaps += len(runs)
            if runs != found:
                tally.gaps_wrong.append(f"watch {watch_id}: {runs} blind looks, gaps of {found}")
        gaps = coverage.gaps(self._workspace, self._started_at)
        tally.gaps_open = sum(gap.ended_at is None for gap in gaps)


def _is_in(at: datetime, rests: Sequence[tuple[datetime, datetime]]) -> bool:
    return any(begin < at < end for begin, end in rests)


def main() -> int:
    """Print the tally; 1 when anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--polls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tally = measure(Path(folder), polls=given.polls, seed=given.seed)
    print(
        f"{tally.polls} polls, {tally.requests} requests, {tally.simulated_days:.1f} simulated "
        f"days in {time.monotonic() - started:.0f} s"
    )
    print(f"troubles met: {sum(tally.troubles.values())}: {dict(tally.troubles.most_common())}")
    print(f"outcomes: {dict(tally.outcomes.most_common())}")
    print(f"trouble counted as seen: {len(tally.trouble_as_seen)} {tally.trouble_as_seen[:5]}")
    print(f"honest counted otherwise: {len(tally.honest_as_unseen)} {tally.honest_as_unseen[:5]}")
    print(
        f"looks that met hidden words only: {tally.hidden_told} told, {tally.hidden_unproved} "
        f"seen as all there is; in {tally.hidden_nothing} nothing was missing"
    )
    print(f"requests inside {tally.circuits} rests: {tally.during_rests}")
    print(f"requests too soon: {tally.too_soon}; the shortest time was {tally.shortest_s:.3f} s")
    print(f"gaps: {tally.gaps}, wrong: {tally.gaps_wrong[:5]}, open in the end: {tally.gaps_open}")
    return 0 if tally.is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
