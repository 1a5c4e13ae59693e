"""Changes on their way into Elasticsearch: in bulk, each answered for by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from monitor.errors import SearchError
from monitor.search.elastic_connection import reason_of, told_plainly
from monitor.search.elastic_mapping import REMOVED_VERSION, removal, source_of
from monitor.search.elastic_versions import Versions
from monitor.search.protocol import HitDocument, Refused

__all__ = [
    "Change",
    "VersionFilling",
    "batches",
    "put_changes",
    "send",
    "to_put",
    "to_remove",
]

MAX_CHANGES = 1000
MAX_BYTES = 8_000_000
TRIES = 5
"""Versions come and go only at the ends of a rebuild."""
WAIT = "10s"
"""How long Elasticsearch waits for a shard that is away before it refuses a change."""
CONFLICT = 409
"""The index has a newer one already."""
GONE = 404


@dataclass(frozen=True, slots=True)
class Change:
    """One row as it goes over the wire."""

    hit_id: int
    version: int
    body: bytes


def to_put(document: HitDocument) -> Change:
    """Add or replace."""
    body = json.dumps(source_of(document), ensure_ascii=False, separators=(",", ":"))
    return Change(document.hit_id, document.revision, body.encode())


def to_remove(hit_id: int) -> Change:
    """Leave a row that nothing overwrites."""
    return Change(hit_id, REMOVED_VERSION, json.dumps(removal(hit_id)).encode())


def put_changes(
    client: Elasticsearch, versions: Versions, changes: Iterable[Change], *, refresh: bool
) -> Refused:
    """Send changes to every version that takes them."""
    refused: dict[int, str] = {}
    for batch in batches(changes):
        refused |= _put_batch(client, versions, batch, refresh=refresh)
    return refused


def send(
    client: Elasticsearch, version: str, batch: Sequence[Change], *, refresh: bool = False
) -> dict[int, tuple[int, str]]:
    """Send changes to one version; (status, reason) of those that failed."""
    # Made here, once for all versions; the client passes bytes on, whatever its types say.
    lines: list[Any] = []
    for change in batch:
        lines += (
            b'{"index":{"_id":"%d","version":%d,"version_type":"external_gte"}}'
            % (change.hit_id, change.version),
            change.body,
        )
    answer = client.bulk(
        index=version, operations=lines, refresh=refresh, timeout=WAIT, filter_path=FAILURES
    )
    failed = {}
    if answer.get("errors"):
        for item, change in zip(answer["items"], batch, strict=True):
            result = item["index"]
            if "error" in result and result["status"] != CONFLICT:
                reason = reason_of(result["error"], result["status"])
                failed[change.hit_id] = (result["status"], reason)
    return failed


FAILURES = ("errors", "items.index.status", "items.index.error.type")
"""Of the answer; the reasons in words quote what was in the document."""


def _put_batch(
    client: Elasticsearch, versions: Versions, batch: Sequence[Change], *, refresh: bool
) -> Refused:
    for _ in range(TRIES):
        refused: dict[int, str] = {}
        is_gone = False
        for version in versions.writable():
            for hit_id, (status, reason) in send(client, version, batch, refresh=refresh).items():
                is_gone = is_gone or status == GONE
                refused[hit_id] = reason
        if not is_gone:
            return refused
    raise SearchError("Elasticsearch: the index is removed again and again while we write")


def batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes in pieces that one request carries."""
    batch: list[Change] = []
    size = 0
    for change in changes:
        if batch and (len(batch) >= MAX_CHANGES or size + len(change.body) > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(change)
        size += len(change.body)
    if batch:
        yield batch


class VersionFilling:
    """See `monitor.search.protocol.Filling`."""

    def __init__(self, client: Elasticsearch, versions: Versions, version: str) -> None:
        self._client = client
        self._versions = versions
        self._version = version
        self._progress = versions.progress(version)

    @property
    def walked_to(self) -> int:
        """The highest id so far."""
        return self._progress.walked_to

    @property
    def done(self) -> int:
        """How many documents so far."""
        return self._progress.done

    def put(self, documents: Sequence[HitDocument]) -> Refused:
        """Add the next documents to the new version only.

        Raises:
            SearchError: also when another walk fills it: of two that write, one goes on.
        """
        failed: dict[int, tuple[int, str]] = {}
        with told_plainly():
            for batch in batches(to_put(one) for one in documents):
                failed |= send(self._client, self._version, batch)
            if any(status == GONE for status, _ in failed.values()):
                raise SearchError("another rebuild has ended and removed what this one filled")
            walked_to = max([self.walked_to, *(one.hit_id for one in documents)])
            self._progress = self._versions.keep_progress(
                self._version, self._progress, walked_to, self.done + len(documents)
            )
        return {hit_id: reason for hit_id, (_, reason) in failed.items()}
