"""The verbs on threads with a timer: one machine, one process, no broker.

The database says what is due. Killing this process at any line loses nothing:
the next start frees the claims it left behind (on PostgreSQL their leases end)
and finds the same rows.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from monitor.errors import MonitorError, SearchError, StoreBusy
from monitor.pipeline.alert import claim_sends, send_alert
from monitor.pipeline.captures_folder import prepare_captures_folder, take_dropped
from monitor.pipeline.index import index_due, rebuild
from monitor.pipeline.look import look_at
from monitor.pipeline.picture_gate import claim_openings
from monitor.pipeline.pictures import open_pictures
from monitor.pipeline.poll import poll_watch
from monitor.pipeline.retain import retain
from monitor.pipeline.workspace import Workspace
from monitor.store import looks, polls, watches
from monitor.store.claims import Claim, free_all

__all__ = ["Runner"]

log = logging.getLogger(__name__)

OnDone = Callable[[str, object], None]
RETAIN_EVERY_S = 3600.0
CAPTURES_REST_S = 5.0
CLOCK_TELL_S = 60.0
INDEX_RETRY_S = 5.0


@dataclass(frozen=True, slots=True)
class _Lane:
    """One verb: how much of it runs at once, how it is claimed and how it is done."""

    verb: str
    threads: int
    claim: Callable[[int], Sequence[Any]]
    work: Callable[[Any], object]


class Runner:
    """Runs all verbs until stopped. Use as a context manager.

    Args:
        workspace: what is open.
        on_done: told of each finished piece: its verb and its result. Called from
            worker threads; must be quick and thread-safe.

    Raises:
        StoreBusy: on entering, when another process runs on this data directory.
    """

    def __init__(self, workspace: Workspace, *, on_done: OnDone | None = None) -> None:
        self._workspace = workspace
        self._on_done = on_done
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._is_index_whole = False
        self._index_trouble = ""
        self._troubles: dict[str, str] = {}
        settings = workspace.settings
        self._lock = FileLock(settings.lock_path)
        self._lanes = (
            _Lane(
                "poll",
                settings.poll_threads,
                lambda limit: self._claim(watches.claim_due, limit),
                lambda claim: poll_watch(workspace, claim),
            ),
            _Lane(
                "look",
                settings.look_threads,
                lambda limit: self._claim(looks.claim_due, limit),
                lambda claim: look_at(workspace, claim),
            ),
            _Lane(
                "pictures",
                settings.picture_threads,
                lambda limit: claim_openings(workspace, limit=limit),
                lambda entry: open_pictures(workspace, entry),
            ),
            _Lane(
                "send",
                settings.send_threads,
                lambda limit: claim_sends(workspace, limit=limit),
                lambda entry: send_alert(workspace, entry),
            ),
        )

    def __enter__(self) -> Self:
        """Take the data directory, free what a dead process held, start the threads."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            folder = self._workspace.settings.data_dir
            raise StoreBusy(f"another process runs the monitor on {folder}") from None
        database = self._workspace.database
        if database.is_sqlite:
            # On a shared database, other machines may hold claims.
            with database.write() as tx:
                free_all(tx)
        self._tell_of_clock()
        # Settings that cannot work end here; a server that is away does not.
        self._index = self._workspace.index
        has_captures = prepare_captures_folder(self._workspace.settings) is not None
        for lane in self._lanes:
            self._start(lane.verb, partial(self._serve, lane))
        settings = self._workspace.settings
        self._start("index", partial(self._repeat, "index", self._index_due, settings.tick_s))
        if has_captures:
            self._start(
                "captures", partial(self._repeat, "captures", take_dropped, CAPTURES_REST_S)
            )
        self._start("retain", partial(self._repeat, "retain", retain, RETAIN_EVERY_S))
        return self

    def _tell_of_clock(self) -> None:
        """A clock that was set back makes work wait: until it is as late again as it was."""
        database = self._workspace.database
        with database.read() as tx:
            newest = polls.newest_start(tx)
        behind_s = (newest - database.now()).total_seconds() if newest else 0.0
        if behind_s > CLOCK_TELL_S:
            log.warning(
                "this machine's clock is %.0f s behind the last look in the store: was it set "
                "back? Work that is planned already waits for that time to come again",
                behind_s,
            )

    def _start(self, verb: str, serve: Callable[[], None]) -> None:
        thread = threading.Thread(target=serve, name=f"monitor-{verb}")
        thread.start()
        self._threads.append(thread)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the work in hand, then let go of the data directory."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._lock.release()

    def wait(self, seconds: float | None = None) -> bool:
        """Block until stopped or for a time; True when stopped."""
        return self._stopping.wait(seconds)

    def stop(self) -> None:
        """Ask all threads to finish; safe from a signal handler."""
        self._stopping.set()

    def _serve(self, lane: _Lane) -> None:
        """Claim as much as there are idle threads; rest for a tick when nothing is due."""
        name = f"monitor-{lane.verb}"
        with ThreadPoolExecutor(lane.threads, thread_name_prefix=name) as pool:
            busy: set[Future[None]] = set()
            while not self._stopping.is_set():
                busy = {future for future in busy if not future.done()}
                idle = lane.threads - len(busy)
                claimed = self._guard(lane.verb, lane.claim, idle) if idle else ()
                for piece in claimed or ():
                    busy.add(pool.submit(self._do, lane, piece))
                if not claimed:
                    self._stopping.wait(self._workspace.settings.tick_s)

    def _repeat(self, verb: str, work: Callable[[Workspace], int], rest_s: float) -> None:
        """Do one verb again and again; rest when it found nothing to do."""
        while not self._stopping.is_set():
            count = self._guard(verb, work, self._workspace)
            if count:
                self._tell(verb, count)
            else:
                self._stopping.wait(rest_s)

    def _index_due(self, workspace: Workspace) -> int:
        """One batch; before the first, the index is filled anew where it has to be."""
        if not self._is_index_whole:
            try:
                if self._index.needs_rebuild:
                    rebuild(workspace, progress=self._go_on)
            except SearchError as error:
                self._tell_index_trouble(str(error))
                self._stopping.wait(INDEX_RETRY_S)
                return 0
            self._is_index_whole = True
        return index_due(workspace)

    def _tell_index_trouble(self, trouble: str) -> None:
        """Once for each kind of it: an outage may last."""
        if trouble != self._index_trouble and not self._stopping.is_set():
            log.warning("hits wait to be indexed, all else goes on: %s", trouble)
        self._index_trouble = trouble

    def _go_on(self, _hits: int) -> None:
        if self._stopping.is_set():
            raise SearchError("the rebuild is broken off: the monitor stops")

    def _do(self, lane: _Lane, piece: Any) -> None:
        result = self._guard(lane.verb, lane.work, piece)
        if result is not None:
            self._tell(lane.verb, result)

    def _tell(self, verb: str, result: object) -> None:
        if self._on_done is not None:
            self._on_done(verb, result)

    def _guard(self, verb: str, work: Callable[[Any], Any], argument: Any) -> Any:
        # A lane outlives any piece of its work; the lease brings the piece back.
        try:
            result = work(argument)
        except MonitorError as error:
            self._tell_trouble(verb, str(error))
            return None
        except Exception:
            log.exception("%s failed", verb)
            return None
        self._troubles.pop(verb, None)
        return result

    def _tell_trouble(self, verb: str, trouble: str) -> None:
        """Once until it is over: a disk may be full for hours, and is asked twice a second."""
        if self._troubles.get(verb) != trouble:
            log.error("%s waits until its next try: %s", verb, trouble)
        self._troubles[verb] = trouble

    def _claim(self, claim: Callable[..., list[Claim]], limit: int) -> list[Claim]:
        database = self._workspace.database
        with database.write(durable=False) as tx:
            lease_s = self._workspace.settings.lease_s
            return claim(tx, now=database.now(), lease_s=lease_s, limit=limit)
