"""Everything that is open while the monitor works, in one place.

The pipeline and the services take a `Workspace` and nothing else. What is
costly (fetcher, assessor, index) opens when it is first used, so that a CLI
command that needs none of it starts fast.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from classifiers.assess import Assessor
from classifiers.contract import ALERTING_CATEGORIES, Assessment, Category, Listing
from monitor.alerts.channels.discovery import open_channel
from monitor.alerts.channels.protocol import Channel
from monitor.config import Settings
from monitor.domain.clock import Clock
from monitor.domain.watch import SourceRecord
from monitor.egress import Gate
from monitor.errors import ConfigError
from monitor.fetching.fetcher import Fetcher
from monitor.fetching.rules import FetchRules
from monitor.keyring import Keyring
from monitor.media.keys import EvidenceKeys
from monitor.media.reading import PictureReader, StopDetector
from monitor.pipeline.judging import Judging, term_of
from monitor.pipeline.known_pictures import HeldBank
from monitor.pipeline.looking import find_stop_detectors, open_reader
from monitor.pipeline.tombstones import replay
from monitor.search.protocol import HitIndex
from monitor.search.sqlite import SqliteHitIndex
from monitor.sources.definition import SourceDefinition
from monitor.sources.discovery import build
from monitor.sources.protocol import Source
from monitor.store import keywords, outbox
from monitor.store.copies import refuse_half_restored
from monitor.store.database import Database, Transaction
from monitor.store.host_slots import DatabaseHostSlots

__all__ = ["Workspace", "fetch_rules", "open_workspace", "picture_rules", "requests_per_day"]


class _HeldAssessor(NamedTuple):
    """The newest one, and when its first keyword expires; with `stamp` it ends as well."""

    stamp: int
    ends_at: datetime | None
    assessor: Assessor
    key: str


class Workspace:
    """An open data directory (or distributed set-up). Thread-safe; `close` when done.

    Args:
        settings: what to open.
        clock: for tests; else the store's.
        may_create_keys: whether a missing ``MONITOR_KEYS_FILE`` is made. Of many machines
            one does that, once (`monitor init`); keys of its own on each would make what
            one seals unreadable to the others.
    """

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, may_create_keys: bool = False
    ) -> None:
        self.settings = settings
        refuse_half_restored(settings.restoring_path)
        self.keyring = Keyring.open(
            settings.keys_path,
            may_create=may_create_keys or not settings.keys_file,
            expected_path=settings.expected_keys_path,
        )
        self.database = Database(settings.store_url, clock=clock)
        self.clock: Clock = self.database.clock
        self.evidence_keys = EvidenceKeys(settings.evidence_keys_path)
        # What a restore brought back against a tombstone goes before anybody sees it.
        replay(self.database, self.evidence_keys, waiting_only=True)
        self._lock = threading.Lock()
        self._assessor: _HeldAssessor | None = None
        self._sources: dict[tuple[int, str], Source] = {}
        self._channels: dict[str, Channel] = {}

    @cached_property
    def gate(self) -> Gate:
        """The one way out."""
        return Gate(self.settings.allow_networks)

    @cached_property
    def fetcher(self) -> Fetcher:
        """Reads pages, politely."""
        return Fetcher(
            gate=self.gate,
            slots=DatabaseHostSlots(self.database),
            clock=self.clock,
            user_agent=self.settings.user_agent,
        )

    @cached_property
    def picture_reader(self) -> PictureReader | None:
        """Looks into pictures; None when that is turned off."""
        return open_reader(self.settings, self._assess, HeldBank(self.database).current)

    def _assess(self, listing: Listing) -> Assessment:
        with self.database.read() as tx:
            assessor, _ = self.assessor(tx)
        return assessor.assess(listing)

    @cached_property
    def stop_detectors(self) -> tuple[StopDetector, ...]:
        """Those that are installed; none is shipped. Raises `ConfigError`."""
        return find_stop_detectors()

    @cached_property
    def index(self) -> HitIndex:
        """The searchable view of hits."""
        if self.settings.elasticsearch_url:
            # Imported when used: its client takes a while to load.
            from monitor.search.elastic import ElasticHitIndex

            return ElasticHitIndex.of(self.settings, will_be_filled=self._is_all_on_its_way)
        return SqliteHitIndex(self.settings.index_path)

    @cached_property
    def alerting(self) -> frozenset[Category]:
        """Categories that may alert: the core ones and those the operator turned on."""
        try:
            extra = {Category(name) for name in self.settings.watch_categories}
        except ValueError as error:
            raise ConfigError(f"MONITOR_WATCH_CATEGORIES: {error}") from None
        return ALERTING_CATEGORIES | extra

    def _is_all_on_its_way(self) -> bool:
        """Whether an index that is empty now will hold all hits without a rebuild."""
        with self.database.read() as tx:
            return outbox.holds_all_hits(tx)

    @cached_property
    def judging(self) -> Judging:
        """How the settings want texts judged."""
        return Judging(self.settings)

    def assessor(self, tx: Transaction | None = None) -> tuple[Assessor, str]:
        """The assessor over all active keywords, and a key that names exactly this model.

        Args:
            tx: a transaction to read the keywords in; without it one is opened.
        """
        if tx is None:
            with self.database.read() as opened:
                return self.assessor(opened)
        stamp = keywords.stamp(tx)
        now = self.database.now()
        held = self._assessor
        if held and held.stamp == stamp and (held.ends_at is None or now < held.ends_at):
            return held.assessor, held.key
        active = [kw for kw in keywords.all_keywords(tx) if kw.is_active(now)]
        terms = [term_of(keyword) for keyword in active]
        with self._lock:
            assessor = self.judging.assessor(terms or None)
            parts = [f"{name}={version}" for name, version in sorted(assessor.version.items())]
            # Decisions are stored: other thresholds decide anew what is seen again.
            parts.append(repr(self.judging.thresholds))
            parts += [f"{term.source}:{term.weight}" for term in terms]
            key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
            ends = [kw.draft.expires_at for kw in active if kw.draft.expires_at]
            self._assessor = _HeldAssessor(stamp, min(ends, default=None), assessor, key)
        return assessor, key

    def source(self, record: SourceRecord) -> Source:
        """The adapter of a stored source."""
        key = (record.id, repr(record.definition))
        with self._lock:
            if key not in self._sources:
                self._sources[key] = build(SourceDefinition.model_validate(record.definition))
            return self._sources[key]

    def channel(self, name: str) -> Channel:
        """The way to speak to an endpoint."""
        with self._lock:
            if name not in self._channels:
                self._channels[name] = open_channel(name, self.gate)
            return self._channels[name]

    def close(self) -> None:
        """Close what was opened."""
        for channel in self._channels.values():
            channel.close()
        opened = self.__dict__
        if "fetcher" in opened:
            self.fetcher.close()
        if "index" in opened:
            self.index.close()
        if opened.get("picture_reader") is not None:
            opened["picture_reader"].close()
        self.database.close()


def fetch_rules(
    settings: Settings, definition: SourceDefinition, *, is_item: bool = False
) -> FetchRules:
    """How politely this source is read."""
    interval = definition.item_min_interval_s if is_item else definition.min_interval_s
    return FetchRules(
        min_interval_s=interval,
        jitter=definition.jitter,
        obey_robots=definition.robots == "obey",
        timeout_s=definition.timeout_s,
        max_bytes=definition.max_bytes,
        per_day=requests_per_day(settings, definition),
    )


def requests_per_day(settings: Settings, definition: SourceDefinition) -> int:
    """Most requests a day to one host: the lower of what both allow; 0: any number."""
    limits = (settings.host_requests_per_day, definition.max_requests_per_day)
    return min((limit for limit in limits if limit), default=0)


def picture_rules(settings: Settings, definition: SourceDefinition) -> FetchRules:
    """How politely this source's pictures are fetched."""
    return FetchRules(
        min_interval_s=definition.picture_min_interval_s,
        jitter=definition.jitter,
        obey_robots=definition.robots == "obey",
        timeout_s=definition.timeout_s,
        max_bytes=settings.picture_max_bytes,
        is_text=False,
        per_day=requests_per_day(settings, definition),
    )


@contextmanager
def open_workspace(
    settings: Settings, *, clock: Clock | None = None, may_create_keys: bool = False
) -> Iterator[Workspace]:
    """Open, hand over, close; see `Workspace`."""
    workspace = Workspace(settings, clock=clock, may_create_keys=may_create_keys)
    try:
        yield workspace
    finally:
        workspace.close()
