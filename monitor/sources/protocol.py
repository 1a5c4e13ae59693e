"""What a source adapter is: it describes requests and parses answers; it opens no socket.

A new marketplace is one new module in this package that sets ``SOURCE`` to a
class with this shape; discovery (`monitor.sources.discovery`) finds it. It must
not know the store, the fetcher or the pipeline.
"""

from __future__ import annotations

from typing import ClassVar, Protocol, Self, runtime_checkable

from monitor.domain.gap import Window
from monitor.domain.page import Answer, ItemPage, PageRequest, SearchPage
from monitor.sources.definition import SourceDefinition

__all__ = ["ItemSource", "Source", "WindowSource"]


class Source(Protocol):
    """A marketplace whose search results can be read.

    All methods are pure and thread-safe. The parsers never raise on any answer:
    what they cannot use is a `RowProblem` or an outcome other than ``ok``.
    """

    kind: ClassVar[str]
    """Registered name, the same as the module's name, e.g. ``"html"``."""

    definition: SourceDefinition

    @classmethod
    def from_definition(cls, definition: SourceDefinition) -> Self:
        """Build from a checked definition; raises `SourceError` naming the option at fault."""
        ...

    def search_request(self, term: str) -> PageRequest | None:
        """The first page of results for `term`; None when only captures can be read."""
        ...

    def parse_search(self, answer: Answer) -> SearchPage:
        """Read one page of results and name its outcome."""
        ...


@runtime_checkable
class WindowSource(Protocol):
    """A source whose search may have an age filter, to catch up with a gap."""

    def window_request(self, term: str, window: Window) -> PageRequest | None:
        """The first page of what was published in a window; None without an age filter."""
        ...


@runtime_checkable
class ItemSource(Protocol):
    """A source that can also read item pages (full text, pictures, seller, state)."""

    def item_request(self, native_id: str, url: str) -> PageRequest | None:
        """The item's page, or None when this one has none."""
        ...

    def parse_item(self, answer: Answer) -> ItemPage:
        """Read an item page; only this can say that a listing is gone."""
        ...
