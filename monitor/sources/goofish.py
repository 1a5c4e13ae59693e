"""Goofish (闲鱼) from saved answers: search and item detail as a browser received them.

The monitor asks Goofish nothing itself: there is no request, only captures
(`monitor sources ingest`). Shapes: sources.md 2.1 to 2.3; the fields of a row are
read in `goofish_rows`, those of an item in `goofish_item`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, ItemPage, ItemState, PageRequest, SearchPage
from monitor.sources.blocks import BlockDetector
from monitor.sources.definition import SourceDefinition
from monitor.sources.documents import DocumentError, read_json
from monitor.sources.goofish_item import read_item
from monitor.sources.goofish_rows import read_row
from monitor.sources.mtop import Envelope, is_answer_of, read_envelope
from monitor.sources.nested import is_true, table_of
from monitor.sources.options import Options, read_options
from monitor.sources.rows import BadRow, RowReader, collect_rows

__all__ = ["SOURCE", "GoofishOptions", "GoofishSource"]

SEARCH_API = "mtop.taobao.idlemtopsearch.pc.search"
DETAIL_API = "mtop.taobao.idle.pc.detail"
MAX_NOTE_CHARS = 300
# Facts that may tell that a word is suppressed (sources.md 2.2); kept with the poll.
NOTED_CONTROLS = (
    "similar",
    "srpFeedsItemsDataEmpty",
    "sellingOrder",
    "backupType",
    "minPrice",
    "maxPrice",
)
NOTED_RISKS = (
    "userInputOriginalSearchKeywords",
    "researchQuery",
    "researchFlag",
    "hitl2l3SensitiveWordInterfereMat",
    "forceEraseSearchKeywords",
    "forceSrpFeedsEmpty",
    "lessItem",
    "searchFeedsDataFrom",
    "tppDataBecauseAutoFailover",
)


class GoofishOptions(Options):
    """Goofish needs no options."""


class GoofishSource:
    """Saved answers of Goofish."""

    kind: ClassVar[str] = "goofish"
    options_model: ClassVar[type[Options]] = GoofishOptions

    def __init__(self, definition: SourceDefinition) -> None:
        self.definition = definition
        self._detector = BlockDetector()
        self._rows = RowReader.of(definition)
        self._items = RowReader.of(definition, id_space="item")

    @classmethod
    def from_definition(cls, definition: SourceDefinition) -> Self:
        """Build from a checked definition; raises `SourceError` naming the option at fault."""
        read_options(GoofishOptions, definition)
        return cls(definition)

    def search_request(self, term: str) -> PageRequest | None:  # noqa: ARG002 - the protocol's
        """None: only captures are read."""
        return None

    def claims(self, answer: Answer) -> str | None:
        """``"search"`` or ``"item"`` for an answer of Goofish's interfaces, else None."""
        for api, role in ((SEARCH_API, "search"), (DETAIL_API, "item")):
            if is_answer_of(api, answer):
                return role
        return None

    def parse_search(self, answer: Answer) -> SearchPage:
        """Read one saved page of results and name its outcome."""
        envelope, page = self._open(answer)
        if envelope is None:
            return page
        if envelope.block:
            return SearchPage(envelope.block.outcome, detail=envelope.block.detail)
        if envelope.api and envelope.api != SEARCH_API:
            return SearchPage(Outcome.SCHEMA_CHANGED, detail="an answer of another interface")
        return self._read_results(envelope.data, answer)

    def item_request(self, native_id: str, url: str) -> PageRequest | None:  # noqa: ARG002
        """None: only captures are read."""
        return None

    def parse_item(self, answer: Answer) -> ItemPage:
        """Read a saved item detail."""
        envelope, page = self._open(answer)
        if envelope is None:
            return ItemPage(page.outcome, detail=page.detail)
        if envelope.is_gone:
            return ItemPage(Outcome.OK, ItemState.GONE, detail="the market says: deleted")
        if envelope.block:
            return ItemPage(envelope.block.outcome, detail=envelope.block.detail)
        try:
            listing = read_item(envelope.data, self._items, answer.fetched_at)
        except BadRow as bad:
            return ItemPage(Outcome.SCHEMA_CHANGED, detail=f"{bad.field}: {bad.reason}")
        return ItemPage(Outcome.OK, listing.state, listing)

    def _open(self, answer: Answer) -> tuple[Envelope | None, SearchPage]:
        """The envelope, or None and what the page is instead."""
        expected = "an mtop answer"
        try:
            envelope = read_envelope(read_json(answer.text))
        except DocumentError as error:
            envelope, expected = None, f"{expected} ({error})"
        if envelope is not None:
            return envelope, SearchPage(Outcome.OK)
        block = self._detector.judge(answer, expected)
        return None, SearchPage(block.outcome, detail=block.detail)

    def _read_results(self, data: dict[str, Any], answer: Answer) -> SearchPage:
        info = table_of(data.get("resultInfo"))
        controls = table_of(info.get("searchResControlFields"))
        rows = data.get("resultList")
        if not controls or not isinstance(rows, list):
            missing = "searchResControlFields" if not controls else "resultList"
            return SearchPage(Outcome.SCHEMA_CHANGED, detail=f"{missing} is missing")
        total = _count(controls.get("numFound"))
        notes = _notes(info, controls, data)
        if _is_empty(controls, total):
            # Rows that come all the same are recommendations.
            notes["recommendations"] = len(rows)
            return SearchPage(Outcome.EMPTY, total=total or 0, notes=notes)
        listings, problems = collect_rows(
            rows, lambda row: read_row(row, self._rows, answer.fetched_at), count=len(rows)
        )
        if is_true(controls.get("similar")):
            notes["recommendations"] = len(rows)
            return SearchPage(Outcome.RELATED_ONLY, problems=problems, total=total, notes=notes)
        if not listings:
            detail = f"none of {len(rows)} rows could be used, though {total} were found"
            return SearchPage(
                Outcome.SCHEMA_CHANGED, problems=problems, total=total, detail=detail, notes=notes
            )
        return SearchPage(Outcome.OK, listings, problems, total=total, notes=notes)


def _is_empty(controls: dict[str, Any], total: int | None) -> bool:
    has_items = controls.get("hasItems")
    is_without = has_items is not None and not is_true(has_items)
    return is_without or is_true(controls.get("srpFeedsItemsDataEmpty")) or total == 0


def _notes(info: dict[str, Any], controls: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    tracked = table_of(info.get("trackParams"))
    risks = table_of(info.get("sqiControlFields"))
    notes = {
        "query": tracked.get("q"),
        "rewritten_query": tracked.get("rewq"),
        "page": tracked.get("page"),
        "has_next_page": info.get("hasNextPage"),
        "needs_decryption": bool(data.get("needDecryptKeys")) or None,
        **{name: controls.get(name) for name in NOTED_CONTROLS},
        **{name: risks.get(name) for name in NOTED_RISKS},
    }
    return {
        name: value[:MAX_NOTE_CHARS] if isinstance(value, str) else value
        for name, value in notes.items()
        if isinstance(value, str | int | float) and value not in ("", None)
    }


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        return int(value)
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count else None


SOURCE = GoofishSource
