"""The versions of the index in Elasticsearch, and the aliases that say what they are for.

``<name>-000001`` and so on are the versions. ``<name>-read`` shows the live rows of the
one that is searched; every version with ``<name>-write`` takes all changes. While a new
one is filled two have it: whoever writes asks for them each time, so that from the moment
the new version exists no change passes it by. What was read out of the store before that
moment is read again by the walk that fills it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from elasticsearch import BadRequestError, ConflictError, Elasticsearch, NotFoundError

from monitor.errors import SearchError
from monitor.search.elastic_mapping import LIVE, MAPPING, SCHEMA, SETTINGS

__all__ = ["Progress", "Versions", "never"]

PROGRESS_ID = "rebuild"
TEMPLATE_PRIORITY = 500
FIRST_WAIT = "10s"
NOT_WHILE_FILLING = {"refresh_interval": "-1"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a walk has come.

    Attributes:
        walked_to: the highest id.
        done: number of documents.
        place: which write of this row we know (sequence number, primary term); None: there
            was none yet.
    """

    walked_to: int = 0
    done: int = 0
    place: tuple[int, int] | None = None


def never() -> bool:
    """For `Versions`: an empty index lacks something."""
    return False


class Versions:
    """Makes, names, swaps and removes versions. Raises what the client raises.

    Args:
        client: connected.
        name: what aliases and versions begin with.
        will_be_filled: asked before the very first version is made: whether all that the
            store holds is on its way into it anyway.
    """

    def __init__(
        self, client: Elasticsearch, name: str, *, will_be_filled: Callable[[], bool] = never
    ) -> None:
        self._client = client
        self._name = name
        self._will_be_filled = will_be_filled
        self.read_alias = f"{name}-read"
        self.write_alias = f"{name}-write"

    def writable(self) -> list[str]:
        """Versions that take changes; the first is made when there is none."""
        found = self._having(self.write_alias)
        if not found:
            self.make_first()
            found = self._having(self.write_alias)
        return found

    def make_first(self) -> None:
        """An empty version to search in; a rebuild is needed unless all is on its way."""
        if self._having(self.read_alias):
            return
        # Always this name: of several machines that get here, one makes it.
        first = f"{self._name}-{1:06d}"
        self._create(first, is_filled=self._will_be_filled(), aliases={})
        # Named only when it answers: a search that came between would fail. A status would
        # not say so: an index that was just made is yellow before its shard has started.
        self._client.cluster.health(index=first, wait_for_active_shards=1, timeout=FIRST_WAIT)
        self._client.indices.update_aliases(actions=self._to_be_live(first))

    def live(self) -> str | None:
        """The version that is searched."""
        return next(iter(self._having(self.read_alias)), None)

    def is_filled(self) -> bool:
        """Whether the version that is searched is of this schema and was once full."""
        live = self.live()
        meta = self._meta(live) if live else {}
        return meta.get("schema") == SCHEMA and bool(meta.get("is_filled"))

    def schema(self) -> int | None:
        """The schema of the version that is searched."""
        live = self.live()
        return self._meta(live).get("schema") if live else None

    def begin(self) -> str:
        """The version to fill: one that an earlier walk left, or a new one."""
        self.make_first()
        live = self.live()
        for left in self._having(self.write_alias):
            if left == live:
                continue
            if self._meta(left).get("schema") == SCHEMA:
                return left
            self._client.indices.delete(index=left)
        return self.begin_empty(settings=NOT_WHILE_FILLING)

    def begin_empty(self, *, settings: dict[str, Any] | None = None) -> str:
        """A new version that takes changes and is not searched yet."""
        number = max(int(name.rsplit("-", 1)[1]) for name in self._all()) + 1
        version = f"{self._name}-{number:06d}"
        self._create(version, is_filled=True, aliases={self.write_alias: {}}, settings=settings)
        return version

    def progress(self, version: str) -> Progress:
        """How far a walk has filled a version."""
        try:
            found = self._client.get(index=version, id=PROGRESS_ID)
        except NotFoundError:
            return Progress()
        row, place = found["_source"], (found["_seq_no"], found["_primary_term"])
        return Progress(row["walked_to"], row["done"], place)

    def keep_progress(self, version: str, known: Progress, walked_to: int, done: int) -> Progress:
        """Remember how far a walk has come, beside what it brought.

        Raises:
            SearchError: the row is not as we knew it: another walk fills this version.
        """
        row = {"live": False, "walked_to": walked_to, "done": done}
        try:
            if known.place is None:
                kept = self._client.create(index=version, id=PROGRESS_ID, document=row)
            else:
                number, term = known.place
                kept = self._client.index(
                    index=version,
                    id=PROGRESS_ID,
                    document=row,
                    if_seq_no=number,
                    if_primary_term=term,
                )
        except ConflictError:
            raise SearchError("another process fills the index anew; this one stops") from None
        return Progress(walked_to, done, (kept["_seq_no"], kept["_primary_term"]))

    def swap(self, version: str) -> None:
        """Searches go to `version` from one moment to the next; all others are removed."""
        self._client.indices.put_settings(
            index=version, settings={"refresh_interval": SETTINGS["refresh_interval"]}
        )
        self._client.indices.refresh(index=version)
        others = [name for name in self._all() if name != version]
        # In the same step: nothing is ever searched twice, or not at all.
        removed = [{"remove_index": {"index": name}} for name in others]
        self._client.indices.update_aliases(actions=self._to_be_live(version) + removed)

    def _to_be_live(self, version: str) -> list[dict[str, Any]]:
        named = {self.read_alias: {"filter": LIVE}, self.write_alias: {}}
        return [{"add": {"index": version, "alias": alias, **how}} for alias, how in named.items()]

    def _create(
        self,
        version: str,
        *,
        is_filled: bool,
        aliases: dict[str, dict[str, Any]],
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Make a version, or take the one that another machine has just made."""
        self._put_template()
        try:
            self._client.indices.create(
                index=version,
                aliases=aliases,
                mappings={"_meta": {"schema": SCHEMA, "is_filled": is_filled}},
                settings=settings,
            )
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise

    def _put_template(self) -> None:
        """Settings and mapping of every version; writing to one that is gone never makes it."""
        self._client.indices.put_index_template(
            name=self._name,
            index_patterns=[f"{self._name}-0*"],
            priority=TEMPLATE_PRIORITY,
            allow_auto_create=False,
            template={"settings": SETTINGS, "mappings": MAPPING},
        )

    def _all(self) -> list[str]:
        found = self._client.indices.get(index=f"{self._name}-0*", features="aliases")
        return sorted(name for name in found if name.rsplit("-", 1)[1].isdigit())

    def _having(self, alias: str) -> list[str]:
        try:
            return sorted(self._client.indices.get_alias(name=alias))
        except NotFoundError:
            return []

    def _meta(self, version: str) -> dict[str, Any]:
        mapping = self._client.indices.get_mapping(index=version)[version]["mappings"]
        meta: dict[str, Any] = mapping.get("_meta", {})
        return meta
