"""Open the pictures of a listing, at once, because their addresses expire.

Bytes live in memory only. What stays of a picture is a keyed digest, its classes and
boxes, and a thumbnail in which faces and writing are destroyed; an original is sealed
when the listing is under hold. Whatever goes wrong with a picture, the listing keeps the
assessment of its text.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.outcome import Outcome
from monitor.domain.page import PageRequest
from monitor.domain.picture import (
    ContentState,
    EvidenceHold,
    PictureAddress,
    PictureContent,
    PictureOutcome,
)
from monitor.errors import LeaseLost
from monitor.media.reading import PictureReader
from monitor.pipeline.asking import Scope
from monitor.pipeline.fusion import fuse_stored
from monitor.pipeline.learnt import content_of, outcome_of
from monitor.pipeline.record import decide
from monitor.pipeline.sealing import Seal, keep_sealed, seal_picture
from monitor.pipeline.workspace import Workspace, picture_rules
from monitor.store import evidence, listings, outbox, people, pictures
from monitor.store import tables as t
from monitor.store.claims import hold
from monitor.store.database import Transaction
from monitor.store.locks import lock_source_of_listing
from monitor.store.outbox import Entry
from monitor.store.politeness import resting

__all__ = ["Opened", "open_pictures"]

log = logging.getLogger(__name__)

MAX_TRIES = 4
FIRST_RETRY_S = 120.0
BUDGET_WAIT_S = 300.0
HOUR = timedelta(hours=1)
PICTURE_HEADERS = {"accept": "image/jpeg, image/png, image/webp, image/gif, image/*;q=0.5"}


@dataclass(slots=True)
class Opened:
    """What one round over a listing's pictures did.

    Attributes:
        opened: pictures read now.
        known: pictures whose content was known already.
        lost: pictures that could not be had.
        is_stopped: whether signs in a picture ended the round.
        is_changed: whether the listing's hit was made or changed.
    """

    opened: int = 0
    known: int = 0
    lost: int = 0
    is_stopped: bool = False
    is_changed: bool = False


def open_pictures(workspace: Workspace, entry: Entry) -> Opened | None:
    """Open the pictures of one claimed listing.

    Returns:
        What was done, or None when the claim was lost, pictures are turned off here, they
        were given up, or the source's budget for this hour is spent or it rests (the
        listing then waits).
    """
    reader = workspace.picture_reader
    if reader is None:
        with workspace.database.write(durable=False) as tx:
            outbox.done(tx, [entry])
        return None
    opening = _Round(workspace, entry, reader)
    try:
        return opening.run() if opening.begin() else None
    except LeaseLost:
        return None
    except Exception:
        # A setting or the network is at fault, not the pictures: they are tried again.
        with suppress(LeaseLost):
            opening.wait(workspace.settings.lease_s)
        raise


class _Round:
    """One listing's pictures, one after the other; each is written before the next is asked for."""

    def __init__(self, workspace: Workspace, entry: Entry, reader: PictureReader) -> None:
        self._workspace = workspace
        self._entry = entry
        self._reader = reader
        # One that cannot be loaded must stop the round before anything is fetched.
        self._detectors = workspace.stop_detectors
        self._listing_id = entry.ref_id
        self._done = Opened()
        self._must_retry = False
        self._is_suspected = True

    def begin(self) -> bool:
        """Count this try, in case it ends this process; False when too many did before."""
        with self._workspace.database.write() as tx:
            now = self._hold(tx)
            if self._entry.failures < MAX_TRIES:
                outbox.begin(tx, self._entry)
                return True
            outbox.done(tx, [self._entry])
            target = f"listing:{self._listing_id}"
            people.audit(tx, actor="monitor", action="pictures.give_up", target=target, now=now)
        log.error("pictures of listing %d are given up: they end their reader", self._listing_id)
        return False

    def run(self) -> Opened | None:
        with self._workspace.database.read() as tx:
            now = self._workspace.database.now()
            record = listings.source_of(tx, self._listing_id)
            under_hold = evidence.hold_of(tx, self._listing_id, now=now)
            todo = self._todo(tx, under_hold)
            score = listings.score(tx, self._listing_id)
        definition = self._workspace.source(record).definition
        self._is_suspected = (
            definition.pictures != "all" or score >= self._workspace.settings.picture_score
        )
        rules = picture_rules(self._workspace.settings, definition)
        for address in todo:
            if under_hold is None and self._link_known(address):
                self._done.known += 1
                continue
            pause_s = self._pause_s(record.id)
            if pause_s:
                self.wait(pause_s)
                return None
            request = PageRequest(address.url, headers=PICTURE_HEADERS)
            result = self._workspace.fetcher.fetch(request, rules)
            if result.outcome is Outcome.BUDGET_SPENT:
                self.wait(result.retry_after_s or BUDGET_WAIT_S)
                return None
            outcome = outcome_of(result)
            if outcome is not PictureOutcome.OPENED or result.answer is None:
                self._lose(address, outcome)
                if result.outcome is Outcome.RATE_LIMITED:
                    break
            elif not self._take(address, result.answer.body, under_hold):
                break
        return self._finish()

    def _todo(self, tx: Transaction, under_hold: EvidenceHold | None) -> list[PictureAddress]:
        sealed = {blob.content_key for blob in evidence.blobs(tx, self._listing_id)}
        stopped = {
            content.content_key
            for content in pictures.contents_of_listing(tx, self._listing_id)
            if content.state is not ContentState.KEPT
        }
        if evidence.notices(tx, listing_id=self._listing_id):
            return []
        todo = []
        for address in pictures.addresses(tx, self._listing_id):
            is_waiting = address.outcome in (PictureOutcome.WAITING, PictureOutcome.UNREACHABLE)
            is_to_seal = (
                under_hold is not None
                and address.outcome is PictureOutcome.OPENED
                and address.content_key not in sealed | stopped
            )
            if is_waiting or is_to_seal:
                todo.append(address)
        return todo[: self._workspace.settings.pictures_per_listing]

    def _link_known(self, address: PictureAddress) -> bool:
        """Whether another listing's look at the same address is enough."""
        with self._workspace.database.write() as tx:
            known = pictures.known_at_address(tx, address.url_key)
            if known is None or self._is_worth_another_look(known, under_hold=None):
                return False
            now = self._hold(tx)
            outcome = PictureOutcome.OPENED
            pictures.finish(tx, address.id, outcome, content_key=known.content_key, now=now)
        return True

    def _lose(self, address: PictureAddress, outcome: PictureOutcome) -> None:
        self._done.lost += 1
        self._must_retry |= outcome is PictureOutcome.UNREACHABLE
        with self._workspace.database.write() as tx:
            now = self._hold(tx)
            pictures.finish(tx, address.id, outcome, content_key=address.content_key, now=now)

    def _take(self, address: PictureAddress, body: bytes, under_hold: EvidenceHold | None) -> bool:
        """Look into one picture and write what stays of it; False when the round must end."""
        digest = hashlib.sha256(body).hexdigest()
        content_key = self._workspace.keyring.digest("content", f"picture:{digest}")
        with self._workspace.database.read() as tx:
            content = pictures.content_of(tx, content_key)
        seals: list[Seal] = []
        if content is None or self._is_worth_another_look(content, under_hold):
            sign = self._sign(body)
            if sign:
                self._stop(address, content_key, sign)
                return False
            look = self._reader.look(
                body, is_suspected=self._is_suspected, is_held=under_hold is not None
            )
            if content is None or not content.thumbnail:
                content = content_of(look, content_key, body, self._reader.version, self._now())
            if under_hold is not None and content.state is ContentState.KEPT:
                seals = seal_picture(self._workspace, body, look)
        with self._workspace.database.write() as tx:
            now = self._hold(tx)
            outcome = PictureOutcome.OPENED
            if not pictures.finish(tx, address.id, outcome, content_key=content_key, now=now):
                return False
            stored = pictures.put_content(tx, content)
            if stored.state is ContentState.KEPT:
                keep_sealed(tx, self._listing_id, content_key, seals, now=now)
        self._done.opened += 1
        return stored.state is not ContentState.STOPPED

    def _is_worth_another_look(
        self, content: PictureContent, under_hold: EvidenceHold | None
    ) -> bool:
        """To seal it, or for the thumbnail that no hit needed before."""
        is_bare = self._is_suspected and not content.thumbnail
        return content.state is ContentState.KEPT and (under_hold is not None or is_bare)

    def _sign(self, body: bytes) -> str:
        return next((sign for each in self._detectors if (sign := each.examine(body))), "")

    def _stop(self, address: PictureAddress, content_key: str, sign: str) -> None:
        """Keep nothing but the keyed digest, and tell the operator."""
        self._done.is_stopped = True
        with self._workspace.database.write() as tx:
            now = self._hold(tx)
            stopped = PictureContent(content_key, ContentState.STOPPED, now, reason=sign)
            pictures.put_content(tx, stopped)
            outcome = PictureOutcome.OPENED
            pictures.finish(tx, address.id, outcome, content_key=content_key, now=now)
            # What else the listing shows may show the same person.
            pictures.drop_thumbnails(tx, self._listing_id)
            notice_id = evidence.add_notice(tx, self._listing_id, sign, now=now)
            people.audit(
                tx,
                actor="monitor",
                action="picture.stop",
                target=f"listing:{self._listing_id}",
                detail={"reason": sign, "notice": notice_id},
                now=now,
            )
        log.error("duty notice %d: processing of a listing's pictures was stopped", notice_id)

    def _finish(self) -> Opened:
        """Let text and pictures decide together; ask again later for what was unreachable."""
        with self._workspace.database.write() as tx:
            now = self._hold(tx)
            shown = listings.shown_version(tx, self._listing_id)
            contents = pictures.contents_of_listing(tx, self._listing_id)
            if shown is not None and fuse_stored(
                self._workspace, tx, shown.row.version_id, contents, now=now
            ):
                self._done.is_changed = decide(
                    self._workspace, tx, shown.row, is_baseline=shown.is_baseline, now=now
                )
            pictures.drop_needless_thumbnails(tx, self._listing_id)
            if self._must_retry and self._entry.failures + 1 < MAX_TRIES:
                pause_s = FIRST_RETRY_S * 2.0**self._entry.failures
                outbox.postpone(tx, self._entry, due_at=now + timedelta(seconds=pause_s))
            else:
                outbox.done(tx, [self._entry])
        return self._done

    def _pause_s(self, source_id: int) -> float:
        """How long the source is to be left alone: it rests, or its hour's budget is spent."""
        with self._workspace.database.read() as tx:
            now = self._workspace.database.now()
            rests = [resting(tx, source_id, scope, now) for scope in Scope]
            spent = pictures.opened_since(tx, source_id, now - HOUR)
        waits = [(rest.until - now).total_seconds() for rest in rests if rest]
        if spent >= self._workspace.settings.pictures_per_hour:
            waits.append(BUDGET_WAIT_S)
        return max(waits, default=0.0)

    def wait(self, pause_s: float) -> None:
        """Give the listing back for later."""
        with self._workspace.database.write(durable=False) as tx:
            outbox.put_off(tx, self._entry, due_at=self._hold(tx) + timedelta(seconds=pause_s))

    def _hold(self, tx: Transaction) -> datetime:
        """Prove the claim and extend it; the source comes first, as wherever listings change."""
        lock_source_of_listing(tx, self._listing_id)
        now = self._now()
        until = now + timedelta(seconds=self._workspace.settings.lease_s)
        hold(tx, t.outbox, self._entry.claim, until=until)
        return now

    def _now(self) -> datetime:
        return self._workspace.database.now()
