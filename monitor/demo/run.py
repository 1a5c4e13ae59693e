"""`monitor demo`: everything at once on this machine, told as it happens.

A sample marketplace and a sample receiver start on loopback; the monitor itself
is the real one, with nothing replaced. The folder is made anew each time.
"""

from __future__ import annotations

import shutil
import signal
import statistics
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from monitor.alerts.signing import generate_secret
from monitor.config import Settings, load_settings
from monitor.console.server import ConsoleServer
from monitor.demo.inbox import ReceivedAlert
from monitor.demo.listings import MarketListing, load_listings
from monitor.demo.market import Market
from monitor.demo.receiver import Receiver
from monitor.demo.watching import watch_market
from monitor.domain.alert import EndpointMode
from monitor.domain.hit import Hit, HitFilter, Verdict
from monitor.domain.watch import PollSummary
from monitor.errors import InputError
from monitor.pipeline.workspace import open_workspace
from monitor.runner import Runner
from monitor.services import endpoints, overview, setup, triage, watches

__all__ = ["run_demo"]

MARK = ".monitor-demo"
POLL_EVERY_S = 12.0
CIRCUIT_PAUSE_S = 12.0
TROUBLE_AT_S = 60.0
TROUBLE_FOR_S = 10.0
UNATTENDED_S = 90.0
"""How long it runs where nobody can press Ctrl-C."""


@dataclass
class _Tally:
    """What has happened so far; guarded by its lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    looks: Counter[str] = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)
    waits_s: list[float] = field(default_factory=list)
    waits_through_block_s: list[float] = field(default_factory=list)


def run_demo(folder: Path, *, console_port: int = 8600, seconds: float = 0.0) -> None:
    """Run until Ctrl-C, or for a time.

    Args:
        folder: data folder; an earlier demo's is emptied, anything else is left alone.
        console_port: 0 takes any free port.
        seconds: 0: until Ctrl-C at a terminal, else for `UNATTENDED_S`.

    Raises:
        InputError: the folder holds something that is not a demo's.
    """
    _empty(folder)
    settings = load_settings(
        data_dir=folder,
        allow_networks=("127.0.0.0/8",),
        console_port=console_port,
        tick_s=0.2,
        poll_threads=6,
        circuit_pause_s=CIRCUIT_PAUSE_S,
        looks_per_hour=100_000,
    )
    if not seconds and not sys.stdin.isatty():
        seconds = UNATTENDED_S
    with _Demo(settings, Console(highlight=False)) as demo:
        demo.run(seconds)


def _empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise InputError(f"{folder} holds other data; choose another --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


class _Demo:
    """All that runs, started in order and stopped in reverse."""

    def __init__(self, settings: Settings, out: Console) -> None:
        self._settings = settings
        self._out = out
        self._tally = _Tally()
        self._goods = {listing.id: listing for listing in load_listings()}
        self._stack = ExitStack()
        self._started = datetime.now(UTC)
        self._watched = 0
        self._first_round = threading.Event()

    def __enter__(self) -> _Demo:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        self._say("[bold]Setting up[/] a data folder, the starter vocabulary, a marketplace")
        self._workspace = self._stack.enter_context(open_workspace(self._settings))
        self._token = setup.init(self._workspace, actor="demo").token
        self._market = self._stack.enter_context(Market(self._goods.values(), is_moving=False))
        secrets = [generate_secret(), generate_secret()]
        self._receivers = [self._stack.enter_context(Receiver(secret)) for secret in secrets]
        for mode, receiver, secret in zip(EndpointMode, self._receivers, secrets, strict=True):
            name = "fast-lane" if mode is EndpointMode.ON_HIT else "moderators"
            endpoints.add(
                self._workspace, name, receiver.url, mode=mode, secret=secret, actor="demo"
            )
        self._watched = watch_market(
            self._workspace, self._market.base_url, interval_s=POLL_EVERY_S
        )
        self._runner = self._stack.enter_context(Runner(self._workspace, on_done=self._on_done))
        self._console = self._stack.enter_context(ConsoleServer.of(self._workspace))

    def run(self, seconds: float) -> None:
        """Tell what happens until it is time to stop, then sum up."""
        self._introduce()
        with _stopping(self._runner):
            end = (datetime.now(UTC).timestamp() + seconds) if seconds else None
            if self._wait_for_baseline(end):
                self._show_findings()
                self._market.begin()
                self._began = datetime.now(UTC)
                self._judge_two()
                self._go_on(end)
        self._sum_up()

    def _introduce(self) -> None:
        link = f"{self._console.url}/login"
        folder = self._settings.data_dir
        self._out.print(
            f"""
  marketplace   {self._market.base_url}/search?q=四件套   ({len(self._goods)} invented listings)
  console       {link}
  admin token   {self._token}
  receiver      {self._receivers[1].url.removesuffix("/hook")}/   (what a moderator's server gets)
  data folder   {folder}   (try: monitor --data-dir {folder} hits list)
""",
            markup=False,
            soft_wrap=True,
        )
        self._say(
            f"[bold]Polling[/] {self._watched} watches (keyword x source), each every "
            f"{POLL_EVERY_S:.0f} s. The first look at each is a baseline: its hits go to triage "
            "and alert nobody."
        )

    def _wait_for_baseline(self, end: float | None) -> bool:
        while not self._runner.wait(0.5):
            waiting = [w for w in watches.list_watches(self._workspace) if not w.baseline_at]
            if not waiting:
                return True
            if end and datetime.now(UTC).timestamp() >= end:
                return False
        return False

    def _show_findings(self) -> None:
        counts = overview.overview(self._workspace)
        self._say(
            f"[bold]Baseline done[/]: {counts.listings} listings seen, {counts.hits} hits, "
            f"{counts.reviews} for review; the rest is clear and keeps no evidence. For example:"
        )
        for hit in triage.queue(self._workspace, HitFilter(decision=("hit",)), limit=200)[::40][:4]:
            self._show_hit(hit)
        clear = next(
            (
                goods.title
                for goods in self._goods.values()
                if goods.looks_like and "四件套" in goods.title
            ),
            "",
        )
        if clear:
            self._say(f"and clear, though it sounds alike:  [green]{escape(clear[:60])}[/]")

    def _show_hit(self, hit: Hit) -> None:
        self._out.print(f"    {hit.score:.2f}  {hit.category}: {hit.title[:60]}", markup=False)
        placed = [item for item in hit.evidence if hit.passage(item)]
        for item in placed[:3]:
            line = f"{item['weight']:+.1f} {hit.passage(item)[:20]}: {item['why'][:70]}"
            self._out.print(f"          {line}", markup=False)

    def _judge_two(self) -> None:
        """A sample analyst: one confirmed (an alert follows), one benign."""
        found = triage.queue(self._workspace, HitFilter(decision=("hit",)), limit=1)
        reviews = triage.queue(self._workspace, HitFilter(decision=("review",)), limit=500)
        ordinary = [
            hit
            for hit in reviews
            if hit.native_id in self._goods and self._goods[hit.native_id].label == "ordinary"
        ]
        for hit in found:
            self._say(
                f"the demo's analyst confirms hit {hit.id}: the endpoint [bold]moderators[/] "
                "(on_verdict) is told"
            )
            triage.triage(
                self._workspace, hit.id, Verdict.CONFIRMED, reason="clear offer", actor="demo"
            )
        for hit in ordinary[:1]:
            self._say(f"and closes review {hit.id} as benign: {escape(hit.title[:50])}")
            triage.triage(
                self._workspace, hit.id, Verdict.BENIGN, reason="an ordinary shop", actor="demo"
            )

    def _go_on(self, end: float | None) -> None:
        self._say(
            "[bold]Now the market moves[/]: new listings appear, some change, some vanish. "
            "The endpoint [bold]fast-lane[/] (on_hit) is told of each new hit."
        )
        had_trouble = False
        while not self._runner.wait(0.5):
            self._tell_of_alerts()
            now = datetime.now(UTC)
            if end and now.timestamp() >= end:
                return
            since = (now - self._began).total_seconds()
            if not had_trouble and since >= TROUBLE_AT_S:
                had_trouble = True
                self._say(
                    "[bold]The market now answers with a captcha page[/] (HTTP 200). "
                    "Watch: that is not 'no hits', and nobody tries to solve it."
                )
                self._market.mode = "captcha"
            if had_trouble and since >= TROUBLE_AT_S + TROUBLE_FOR_S:
                self._market.mode = "normal"

    def _tell_of_alerts(self) -> None:
        for receiver, name in zip(self._receivers, ("moderators", "fast-lane"), strict=True):
            for alert in receiver.alerts:
                self._tell_of_alert(alert, name)

    def _tell_of_alert(self, alert: ReceivedAlert, name: str) -> None:
        with self._tally.lock:
            if alert.id in self._tally.told:
                return
            self._tally.told.add(alert.id)
        listing = alert.body["data"]["hit"]["listing"]
        waited = ""
        if alert.type == "hit.suspected" and listing["native_id"] in self._goods:
            appeared = self._market.appeared_at(listing["native_id"])
            seconds = (alert.arrived_at - appeared).total_seconds()
            waited = f", {seconds:.1f} s after it appeared"
            if self._met_the_block(appeared, alert.arrived_at):
                self._tally.waits_through_block_s.append(seconds)
                waited += " (the market was blocked meanwhile)"
            else:
                self._tally.waits_s.append(seconds)
        self._say(f"[bold]{name}[/] received {alert.type}{waited}: {escape(listing['title'][:50])}")

    def _met_the_block(self, appeared: datetime, arrived: datetime) -> bool:
        blocked_from = self._began + timedelta(seconds=TROUBLE_AT_S)
        blocked_to = blocked_from + timedelta(seconds=TROUBLE_FOR_S)
        return appeared < blocked_to and arrived > blocked_from

    def _on_done(self, verb: str, result: object) -> None:
        if verb != "poll" or not isinstance(result, PollSummary):
            return
        outcome = result.outcome.value if result.outcome else "unfinished"
        with self._tally.lock:
            self._tally.looks[outcome] += 1
        news = result.new_listings or result.changed_listings
        is_blind = result.outcome is not None and not result.outcome.has_seen
        if (result.is_baseline and not is_blind) or not (news or is_blind):
            return
        style = "red" if is_blind else "cyan"
        detail = f" ({escape(result.detail)})" if is_blind else ""
        self._say(
            f"[{style}]{outcome}[/]  {escape(result.term)} in {result.source}: "
            f"{result.rows} rows, {result.new_listings} new, {result.changed_listings} changed, "
            f"{result.hits} hits{detail}"
        )

    def _sum_up(self) -> None:
        self._tell_of_alerts()
        counts = overview.overview(self._workspace)
        found = {
            hit.native_id: hit
            for hit in triage.queue(self._workspace, HitFilter(), limit=100_000)
            if hit.native_id in self._goods
        }
        shown = {goods.id: goods for goods in self._goods.values() if self._was_shown(goods)}
        offers = {key for key, goods in shown.items() if goods.label == "offer"}
        ordinary = set(shown) - offers
        flagged = {key for key, hit in found.items() if hit.decision != "clear"}
        hits = {key for key, hit in found.items() if hit.decision == "hit"}
        looks = ", ".join(f"{name} {count}" for name, count in self._tally.looks.most_common())
        alerts = ", ".join(f"{state} {count}" for state, count in sorted(counts.alerts.items()))
        refused = sum(receiver.refused for receiver in self._receivers)
        lines = [
            f"looks: {looks or 'none'}",
            _share("offers", offers, flagged, hits),
            _share("ordinary listings", ordinary, flagged, hits),
            f"alerts: {alerts or 'none'}; signatures refused by the receivers: {refused}",
        ]
        if self._tally.waits_s:
            ordered = sorted(self._tally.waits_s)
            p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
            lines.append(
                f"from a listing's appearance to the receiver: median "
                f"{statistics.median(ordered):.1f} s, p95 {p95:.1f} s (n = {len(ordered)}; "
                f"each watch polls every {POLL_EVERY_S:.0f} s)"
            )
        if self._tally.waits_through_block_s:
            longest = max(self._tally.waits_through_block_s)
            lines.append(
                f"{len(self._tally.waits_through_block_s)} more waited while the captcha page "
                f"stood in the way: longest {longest:.1f} s"
            )
        self._say("[bold]Summary[/]")
        for line in lines:
            self._out.print(f"    {line}", markup=False)

    def _was_shown(self, goods: MarketListing) -> bool:
        if goods.appears_after_s is None:
            return True
        if not hasattr(self, "_began"):
            return False
        return (datetime.now(UTC) - self._began).total_seconds() >= goods.appears_after_s

    def _say(self, text: str) -> None:
        with self._tally.lock:
            clock = datetime.now().astimezone().strftime("%H:%M:%S")
            self._out.print(f"[dim]{clock}[/]  {text}", soft_wrap=True)


def _share(name: str, shown: set[str], flagged: set[str], hits: set[str]) -> str:
    return (
        f"{name} on show: {len(shown)}; flagged {len(shown & flagged)}, "
        f"{len(shown & hits)} of them as hit"
    )


@contextmanager
def _stopping(runner: Runner) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the demo in good order."""
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, lambda *_: runner.stop()) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
