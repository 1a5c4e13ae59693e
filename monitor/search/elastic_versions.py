"""The versions of the index in Elasticsearch, and the aliases that say what they are for.

``<name>-000001`` and so on are the versions. ``<name>-read`` shows the live rows of the
one that is searched; every version with ``<name>-write`` takes all changes. While a new
one is filled two have it: whoever writes asks for them each time, so that from the moment
the new version exists no change passes it by. What was read out of the store before that
moment is read again by the walk that fills it.
"""

from __future__ import annotations

from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from monitor.search.elastic_mapping import LIVE, MAPPING, SCHEMA, SETTINGS

__all__ = ["Versions"]

PROGRESS_ID = "rebuild"
TEMPLATE_PRIORITY = 500
NOT_WHILE_FILLING = {"refresh_interval": "-1"}


class Versions:
    """Makes, names, swaps and removes versions. Raises what the client raises.

    Args:
        client: connected.
        name: what aliases and versions begin with.
    """

    def __init__(self, client: Elasticsearch, name: str) -> None:
        self._client = client
        self._name = name
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
        """An empty version to search in, that is known not to hold what the store does."""
        if self._having(self.read_alias):
            return
        # Always this name: of several machines that get here, one makes it.
        self._create(f"{self._name}-{1:06d}", is_filled=False, aliases=self._live_aliases())

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

    def progress(self, version: str) -> tuple[int, int]:
        """(highest id, number of documents) that a walk has put into a version."""
        try:
            row = self._client.get(index=version, id=PROGRESS_ID)["_source"]
        except NotFoundError:
            return 0, 0
        return row["walked_to"], row["done"]

    def keep_progress(self, version: str, walked_to: int, done: int) -> None:
        """Remember how far a walk has come, beside what it brought."""
        row = {"live": False, "walked_to": walked_to, "done": done}
        self._client.index(index=version, id=PROGRESS_ID, document=row)

    def swap(self, version: str) -> None:
        """Searches go to `version` from one moment to the next; all others are removed."""
        self._client.indices.put_settings(
            index=version, settings={"refresh_interval": SETTINGS["refresh_interval"]}
        )
        self._client.indices.refresh(index=version)
        others = [name for name in self._all() if name != version]
        actions: list[dict[str, Any]] = [
            {"add": {"index": version, "alias": alias, **how}}
            for alias, how in self._live_aliases().items()
        ]
        # In the same step: nothing is ever searched twice, or not at all.
        actions += [{"remove_index": {"index": name}} for name in others]
        self._client.indices.update_aliases(actions=actions)

    def _live_aliases(self) -> dict[str, dict[str, Any]]:
        return {self.read_alias: {"filter": LIVE}, self.write_alias: {}}

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
