"""The index for many machines: Elasticsearch 8 or 9.

Answers as the embedded one does (`monitor.search.sqlite`), and asks a server for nothing
but documents, searches, aliases and templates: no scripts, no reindexing, no update by
query, no `GET /`.

- `elastic_connection`: sign-in, TLS, errors.
- `elastic_mapping`: what is held of a hit.
- `elastic_versions`: versions of the index behind two aliases.
- `elastic_writing`: changes in bulk. The store's revision is the version of a row
  (``external_gte``), so that the order of arrival does not matter.
- `elastic_query`: what a query means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from monitor.config import Settings
from monitor.errors import SearchError
from monitor.search.elastic_connection import connect, told_plainly
from monitor.search.elastic_mapping import FACET_FIELDS, document_of, value_of
from monitor.search.elastic_query import NEWEST_FIRST, matching
from monitor.search.elastic_versions import Versions, never
from monitor.search.elastic_writing import (
    Change,
    VersionFilling,
    put_changes,
    to_put,
    to_remove,
)
from monitor.search.periods import Periods
from monitor.search.protocol import HitDocument, HitPage, HitQuery, Interval, Refused
from monitor.search.query import check_facet, check_limit
from monitor.search.stored import EPOCH, read_cursor, write_cursor

__all__ = ["ElasticHitIndex"]

MOST_VALUES = 10_000
"""Of a facet in one answer; more are walked through."""
MOST_PAIRS = 10_000
KEEP_ALIVE = "2m"
"""How long an export may rest between two pieces."""


class ElasticHitIndex:
    """See `monitor.search.protocol.HitIndex`.

    Args:
        client: not yet used by anyone else; closed with the index.
        name: what its aliases and versions begin with.
        will_be_filled: asked when the index is made, empty, before anything is put: whether
            all that the store holds is on its way into it. If not, it needs a rebuild.
        shows_at_once: whether a change waits until searches see it; slow, for tests.

    Raises:
        SearchError: by every method, when Elasticsearch cannot do it.
    """

    def __init__(
        self,
        client: Elasticsearch,
        name: str,
        *,
        will_be_filled: Callable[[], bool] = never,
        shows_at_once: bool = False,
    ) -> None:
        self._client = client
        self._versions = Versions(client, name, will_be_filled=will_be_filled)
        self._shows_at_once = shows_at_once
        self._is_closed = False

    @classmethod
    def of(
        cls, settings: Settings, *, will_be_filled: Callable[[], bool] = never
    ) -> ElasticHitIndex:
        """As the settings say; nothing is sent yet. Raises `ConfigError`."""
        name = settings.elasticsearch_index
        return cls(connect(settings), name, will_be_filled=will_be_filled)

    @property
    def needs_rebuild(self) -> bool:
        """Whether it is missing, of an older schema, or was never filled from the store."""
        with self._asking():
            return not self._versions.is_filled()

    def put(self, documents: Iterable[HitDocument]) -> Refused:
        """Add or replace by `hit_id`; a lower `revision` than the stored one is ignored."""
        return self._change([to_put(document) for document in documents])

    def remove(self, hit_ids: Iterable[int]) -> Refused:
        """Forget documents for good; unknown ids are fine."""
        return self._change([to_remove(hit_id) for hit_id in hit_ids])

    def find(self, query: HitQuery) -> HitPage:
        """One page of matches. Raises `InputError` for a query that cannot be read."""
        check_limit(query)
        after = None if query.cursor is None else list(read_cursor(query.cursor))
        answer = self._search(
            query=matching(query),
            sort=NEWEST_FIRST,
            size=query.limit + 1,
            search_after=after,
            track_total_hits=True,
        )
        rows = answer["hits"]["hits"]
        shown = rows[: query.limit]
        cursor = None
        if len(rows) > query.limit:
            found_us, hit_id = shown[-1]["sort"]
            cursor = write_cursor((found_us, hit_id))
        documents = tuple(document_of(row["_source"]) for row in shown)
        return HitPage(documents, answer["hits"]["total"]["value"], cursor)

    def count_by(self, query: HitQuery, facet: str) -> list[tuple[str, int]]:
        """Values of a `FACETS` field among all matches with their counts."""
        check_facet(facet)
        matches = matching(query)
        field = FACET_FIELDS[facet]
        answer = self._search(
            query=matches,
            size=0,
            aggs={"values": {"terms": {"field": field, "size": MOST_VALUES}}},
        )
        found = answer["aggregations"]["values"]
        if found["sum_other_doc_count"]:
            counts = list(self._every_value(matches, field))
        else:
            counts = [(row["key"], row["doc_count"]) for row in found["buckets"]]
        named = [(value_of(value), count) for value, count in counts]
        return sorted(named, key=lambda pair: (-pair[1], pair[0]))

    def histogram(
        self, query: HitQuery, *, interval: Interval, zone: str
    ) -> list[tuple[datetime, int]]:
        """Matches by the time they were found, as the protocol says."""
        periods = Periods(interval, zone)
        by_time = {
            "field": "found_at",
            "calendar_interval": interval,
            "time_zone": zone,
            "min_doc_count": 1,
        }
        answer = self._search(
            query=matching(query), size=0, aggs={"times": {"date_histogram": by_time}}
        )
        counts = [
            (EPOCH + timedelta(milliseconds=row["key"]), row["doc_count"])
            for row in answer["aggregations"]["times"]["buckets"]
        ]
        return periods.filled(counts, query)

    def revisions(self, after: int, limit: int) -> list[tuple[int, int]]:
        """(hit_id, revision) pairs with ``hit_id > after`` in order, for the drift check."""
        if after == 0:
            # What was put a moment ago is not drift.
            self._on_alias(lambda: self._client.indices.refresh(index=self._versions.read_alias))
        answer = self._search(
            query={"range": {"hit_id": {"gt": after}}},
            sort=[{"hit_id": "asc"}],
            size=min(limit, MOST_PAIRS),
            source=False,
            docvalue_fields=["revision"],
        )
        return [(row["sort"][0], row["fields"]["revision"][0]) for row in answer["hits"]["hits"]]

    def walk(self, query: HitQuery) -> Iterator[HitDocument]:
        """All matches in the order of `find`, of one moment (a point in time)."""
        check_limit(query)
        matches = matching(query)
        point = self._on_alias(
            lambda: self._client.open_point_in_time(
                index=self._versions.read_alias, keep_alive=KEEP_ALIVE
            )
        )["id"]
        after = None
        try:
            while True:
                with self._asking():
                    answer = self._client.search(
                        pit={"id": point, "keep_alive": KEEP_ALIVE},
                        query=matches,
                        sort=NEWEST_FIRST,
                        size=query.limit,
                        search_after=after,
                        track_total_hits=False,
                        allow_partial_search_results=False,
                    )
                point = answer["pit_id"]
                rows = answer["hits"]["hits"]
                for row in rows:
                    yield document_of(row["_source"])
                if len(rows) < query.limit:
                    return
                after = rows[-1]["sort"][:2]
        finally:
            with self._asking():
                self._client.close_point_in_time(id=point)

    @contextmanager
    def rebuilding(self) -> Iterator[VersionFilling]:
        """Fill a new version beside the live one and swap them at the end."""
        with self._asking():
            version = self._versions.begin()
            filling = VersionFilling(self._client, self._versions, version)
        yield filling
        with self._asking():
            self._versions.swap(version)

    def clear(self) -> None:
        """Forget everything."""
        with self._asking():
            self._versions.make_first()
            self._versions.swap(self._versions.begin_empty())

    def close(self) -> None:
        """Release all connections; every later call raises `SearchError`."""
        self._is_closed = True
        self._client.close()

    def _change(self, changes: list[Change]) -> Refused:
        if not changes:
            return {}
        with self._asking():
            return put_changes(self._client, self._versions, changes, refresh=self._shows_at_once)

    def _search(self, **asked: Any) -> Any:
        return self._on_alias(
            lambda: self._client.search(
                index=self._versions.read_alias, allow_partial_search_results=False, **asked
            )
        )

    def _on_alias(self, ask: Callable[[], Any]) -> Any:
        """Ask, once more when there was nothing to ask or its version went away meanwhile."""
        with self._asking():
            try:
                return ask()
            except NotFoundError:
                self._versions.make_first()
                return ask()

    def _every_value(self, matches: dict[str, Any], field: str) -> Iterator[tuple[str, int]]:
        after: dict[str, Any] = {}
        while True:
            pages = {"size": MOST_VALUES, "sources": [{"value": {"terms": {"field": field}}}]}
            answer = self._search(
                query=matches, size=0, aggs={"values": {"composite": pages | after}}
            )
            found = answer["aggregations"]["values"]
            for row in found["buckets"]:
                yield row["key"]["value"], row["doc_count"]
            if "after_key" not in found:
                return
            after = {"after": found["after_key"]}

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if self._is_closed:
            raise SearchError("the index is closed")
        with told_plainly():
            yield
