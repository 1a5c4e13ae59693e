"""Fetching one page: gate, robots, the host's slot, one exchange per hop, an outcome.

Parsers are not known here. Nothing here logs, and no detail repeats a path or a
query, which may hold a token.
"""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from monitor.domain.clock import Clock
from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, FetchResult, PageRequest
from monitor.egress import Gate, parse_retry_after
from monitor.errors import AddressRefused
from monitor.fetching.charset import decode_body
from monitor.fetching.exchange import Exchange, ExchangeError, RawAnswer
from monitor.fetching.hop import Hop
from monitor.fetching.robots import MAX_ROBOTS_BYTES, Robots
from monitor.fetching.rules import FetchRules
from monitor.fetching.slots import HostSlots, host_key

__all__ = ["MAX_REDIRECTS", "MAX_RETRY_AFTER_S", "Fetcher"]

MAX_REDIRECTS = 10
MAX_RETRY_AFTER_S = 86_400.0
"""A server's Retry-After is honoured up to a day."""
MAX_WAIT_S = 120.0
"""A host whose next slot is further away is not waited for: a thread and a lease hang on it."""
HOLD_SPARE_S = 5.0
"""Beside a request's own time limit, until a process that never said `sent` is taken for dead."""


Objection = Callable[[], FetchResult | None]


def _no_objection() -> None:
    return None


class _Ended(Exception):
    """Ends a fetch early with `result`."""

    def __init__(self, result: FetchResult) -> None:
        super().__init__(result.detail)
        self.result = result


class Fetcher:
    """Reads pages politely and answers with data, never with an exception. Thread-safe.

    No cookies are kept, and proxies of the environment are ignored.

    Args:
        gate: what may be connected to.
        slots: the hosts' next free moments, shared with other workers.
        clock: wall time and waiting for a slot (deadlines run on real time).
        user_agent: who we say we are; the part before the slash is our name in robots.txt.
        max_wait_s: a host whose slot is further away is not waited for.
        rng: source of jitter.
        verify: trusted certificates; by default those of certifi.
    """

    def __init__(
        self,
        gate: Gate,
        slots: HostSlots,
        clock: Clock,
        user_agent: str,
        *,
        max_wait_s: float = MAX_WAIT_S,
        rng: random.Random | None = None,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        self._gate = gate
        self._slots = slots
        self._clock = clock
        self._user_agent = user_agent
        self._max_wait_s = max_wait_s
        self._rng = rng or random.Random()
        self._robots = Robots(clock, user_agent)
        self._transport = gate.transport(verify=verify)
        self._exchange = Exchange(self._transport)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def fetch(
        self, request: PageRequest, rules: FetchRules, *, objection: Objection = _no_objection
    ) -> FetchResult:
        """Fetch one page, following up to ten redirects.

        Each hop is checked by the gate, obeys its own host's robots.txt and waits
        for its own host's slot. Outcomes: any 2xx, 404 and 410 are ``ok``, also
        when the byte cap cut the body (``is_truncated``; the parser judges what is
        there); 429 ``rate_limited``; 401 ``login_required``; 403 ``challenged``;
        gate and robots ``disallowed`` (with ``retry_after_s`` when robots.txt
        could not be read and may be later); ``budget_spent`` (with ``retry_after_s``)
        when the host had its requests of the day; everything else, and a host
        whose slot is too far away, ``transport_error``.

        Args:
            request: what to ask for.
            rules: how politely.
            objection: asked right before each request, robots.txt's included; what it
                returns ends the fetch as its result.
        """
        try:
            result = self._follow(Hop.first(request), rules, objection)
        except AddressRefused as refused:
            return FetchResult(Outcome.DISALLOWED, detail=str(refused))
        except _Ended as ended:
            result = ended.result
        if result.answer is None:
            return result
        return replace(result, answer=replace(result.answer, request=request))

    def _follow(self, first: Hop, rules: FetchRules, objection: Objection) -> FetchResult:
        hop, spent_s = first, 0.0
        for _ in range(MAX_REDIRECTS + 1):
            self._gate.check_url(hop.url)
            interval_s = self._wait_for_turn(hop.url, rules, objection)
            raw = self._run(hop, rules, spent_s, interval_s)
            spent_s += raw.elapsed_s
            if raw.location is None:
                return self._result(first.url, hop.url, raw, spent_s, is_text=rules.is_text)
            hop = hop.redirected(raw.status, self._gate.follow(hop.url, raw.location))
        detail = f"{host_key(hop.url)}: more than {MAX_REDIRECTS} redirects"
        return FetchResult(Outcome.TRANSPORT_ERROR, detail=detail, elapsed_s=spent_s)

    def _run(self, hop: Hop, rules: FetchRules, spent_s: float, interval_s: float) -> RawAnswer:
        try:
            # Even a hop that comes late gets a moment, so that its failure is its own.
            left_s = max(0.01, rules.timeout_s - spent_s)
            with self._departure(host_key(hop.url), interval_s) as has_left:
                request = hop.build(self._user_agent, rules.credential)
                return self._exchange.run(request, left_s, rules.max_bytes, has_left)
        except ExchangeError as failed:
            reason, elapsed_s = str(failed), failed.elapsed_s
        except ValueError:
            reason, elapsed_s = "the request cannot be sent as it is", 0.0
        raise _Ended(
            FetchResult(
                Outcome.TRANSPORT_ERROR,
                detail=f"{host_key(hop.url)}: {reason}",
                elapsed_s=spent_s + elapsed_s,
            )
        )

    @contextmanager
    def _departure(self, host: str, interval_s: float) -> Iterator[Callable[[], None]]:
        """Say once that the request has left; one that failed on its way counts as well."""
        has_left = False

        def leave() -> None:
            nonlocal has_left
            if not has_left and interval_s > 0:
                self._slots.sent(host, interval_s)
            has_left = True

        try:
            yield leave
        finally:
            leave()

    def _wait_for_turn(self, url: str, rules: FetchRules, objection: Objection) -> float:
        """Ask robots.txt, then wait for the host's slot; raises `_Ended` when there is none.

        Returns:
            Seconds that the next request to this host must keep away from this one.
        """
        host = host_key(url)
        if rules.per_day and (left_s := self._slots.spent(host, rules.per_day)):
            raise _spent(host, rules.per_day, left_s)
        interval_s = rules.min_interval_s
        if rules.obey_robots:
            verdict = self._robots.judge(
                url, lambda address: self._read_robots(address, rules, objection)
            )
            if not verdict.is_allowed:
                detail = f"{host}: {verdict.reason}"
                raise _Ended(
                    FetchResult(
                        Outcome.DISALLOWED, detail=detail, retry_after_s=verdict.retry_after_s
                    )
                )
            interval_s = max(interval_s, verdict.crawl_delay_s)
        interval_s *= 1 + rules.jitter * self._rng.random()
        self._take_slot(host, interval_s, rules.timeout_s + HOLD_SPARE_S, objection)
        if rules.per_day and (left_s := self._slots.spend(host, rules.per_day)):
            # Another worker took the last one while this one waited for its turn.
            if interval_s > 0:
                self._slots.sent(host, 0.0)
            raise _spent(host, rules.per_day, left_s)
        return interval_s

    def _take_slot(self, host: str, interval_s: float, hold_s: float, objection: Objection) -> None:
        waited_s, wait_s = 0.0, self._slots.reserve(host, interval_s, within_s=self._max_wait_s)
        while True:
            waited_s += wait_s
            if waited_s > self._max_wait_s:
                raise _Ended(
                    FetchResult(
                        Outcome.TRANSPORT_ERROR,
                        detail=f"{host}: not asked, its next free slot is {wait_s:.0f} s away",
                        retry_after_s=wait_s,
                    )
                )
            self._clock.sleep(wait_s)
            if (refusal := objection()) is not None:
                raise _Ended(refusal)
            if interval_s <= 0:
                return
            wait_s = self._slots.depart(host, interval_s, hold_s)
            if wait_s <= 0:
                return

    def _read_robots(self, url: str, rules: FetchRules, objection: Objection) -> FetchResult:
        own = replace(
            rules,
            obey_robots=False,
            max_bytes=MAX_ROBOTS_BYTES,
            is_text=True,
            credential=None,
        )
        try:
            return self._follow(Hop.first(PageRequest(url)), own, objection)
        except AddressRefused as refused:
            return FetchResult(Outcome.DISALLOWED, detail=str(refused))
        except _Ended as ended:
            if ended.result.retry_after_s is not None or ended.result.outcome is Outcome.PARTIAL:
                # Nothing was asked, so nothing was learnt about robots.txt.
                raise
            return ended.result

    def _result(
        self, url: str, final_url: str, raw: RawAnswer, elapsed_s: float, *, is_text: bool
    ) -> FetchResult:
        now = self._clock.now()
        host = host_key(final_url)
        retry_after_s = None
        if raw.status in (429, 503):
            header = raw.headers.get("retry-after")
            retry_after_s = parse_retry_after(header, now, MAX_RETRY_AFTER_S)
        if retry_after_s:
            self._slots.block_until(host, now + timedelta(seconds=retry_after_s))
        content_type = raw.headers.get("content-type", "")
        text = decode_body(raw.body, content_type, is_truncated=raw.is_truncated) if is_text else ""
        answer = Answer(
            url=url,
            final_url=final_url,
            status=raw.status,
            headers=raw.headers,
            body=raw.body,
            text=text,
            fetched_at=now,
            is_truncated=raw.is_truncated,
        )
        outcome, reason = _judge(raw)
        detail = f"{host}: {reason}" if reason else ""
        return FetchResult(outcome, answer, detail, retry_after_s, elapsed_s)


def _spent(host: str, per_day: int, left_s: float) -> _Ended:
    detail = f"{host}: its {per_day} requests of this day are spent"
    return _Ended(FetchResult(Outcome.BUDGET_SPENT, detail=detail, retry_after_s=left_s))


def _judge(raw: RawAnswer) -> tuple[Outcome, str]:
    """Outcome and reason by status alone; what a page says is for parsers."""
    if raw.fault:
        return Outcome.TRANSPORT_ERROR, f"HTTP {raw.status}, then {raw.fault}"
    if 200 <= raw.status < 300 or raw.status in (404, 410):
        cut = f"cut after {len(raw.body)} bytes" if raw.is_truncated else ""
        return Outcome.OK, cut
    outcome = {
        401: Outcome.LOGIN_REQUIRED,
        403: Outcome.CHALLENGED,
        429: Outcome.RATE_LIMITED,
    }.get(raw.status, Outcome.TRANSPORT_ERROR)
    return outcome, f"HTTP {raw.status}"
