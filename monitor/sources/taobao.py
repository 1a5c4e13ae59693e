"""Taobao from saved answers: today's search as a browser received it, and the page of old.

The monitor asks Taobao nothing itself; there is no request, only captures
(`monitor sources ingest`). Shapes: sources.md 2.4; the fields of a row are read in
`taobao_rows`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, PageRequest, SearchPage
from monitor.sources.blocks import BlockDetector
from monitor.sources.definition import SourceDefinition
from monitor.sources.documents import DocumentError, read_assigned, read_json
from monitor.sources.links import host_of
from monitor.sources.mtop import is_answer_of, read_envelope
from monitor.sources.nested import table_of
from monitor.sources.options import Options, read_options
from monitor.sources.rows import RowReader, collect_rows
from monitor.sources.taobao_rows import RowParser, read_legacy_row, read_row

__all__ = ["SOURCE", "TaobaoOptions", "TaobaoSource"]

SEARCH_API = "mtop.relationrecommend.wirelessrecommend.recommend"
PAGE_CONFIG = "g_page_config"
HOST = "s.taobao.com"
HIDDEN = "hide"
MAX_NOTE_CHARS = 300


class TaobaoOptions(Options):
    """Taobao needs no options."""


class TaobaoSource:
    """Saved answers of Taobao's search."""

    kind: ClassVar[str] = "taobao"
    options_model: ClassVar[type[Options]] = TaobaoOptions

    def __init__(self, definition: SourceDefinition) -> None:
        self.definition = definition
        self._detector = BlockDetector()
        self._rows = RowReader.of(definition)

    @classmethod
    def from_definition(cls, definition: SourceDefinition) -> Self:
        """Build from a checked definition; raises `SourceError` naming the option at fault."""
        read_options(TaobaoOptions, definition)
        return cls(definition)

    def search_request(self, term: str) -> PageRequest | None:  # noqa: ARG002 - the protocol's
        """None: only captures are read."""
        return None

    def claims(self, answer: Answer) -> str | None:
        """``"search"`` for an answer of Taobao's search, be it of today or of old, else None."""
        if is_answer_of(SEARCH_API, answer):
            return "search"
        # The shell of today's page has the search's address and no such script.
        is_there = not answer.url or host_of(answer.url) == HOST
        return "search" if is_there and f"{PAGE_CONFIG} =" in answer.text else None

    def parse_search(self, answer: Answer) -> SearchPage:
        """Read one saved page of results and name its outcome."""
        if PAGE_CONFIG in answer.text and "<" in answer.text[:2_000]:
            return self._read_page(answer)
        try:
            envelope = read_envelope(read_json(answer.text))
        except DocumentError as error:
            return self._judge(answer, f"an mtop answer ({error})")
        if envelope is None:
            return self._judge(answer, "an mtop answer")
        if envelope.block:
            return SearchPage(envelope.block.outcome, detail=envelope.block.detail)
        if envelope.api and envelope.api != SEARCH_API:
            return SearchPage(Outcome.SCHEMA_CHANGED, detail="an answer of another interface")
        rows = envelope.data.get("itemsArray")
        if not isinstance(rows, list):
            return SearchPage(Outcome.SCHEMA_CHANGED, detail="itemsArray is missing")
        return self._with_rows(rows, read_row, answer, _notes(rows))

    def _read_page(self, answer: Answer) -> SearchPage:
        """The page of 2014 to 2018, which carries its data in a script."""
        try:
            config = read_assigned(answer.text, PAGE_CONFIG)
        except DocumentError as error:
            return self._judge(answer, f"{PAGE_CONFIG} ({error})")
        found = table_of(table_of(table_of(config).get("mods")).get("itemlist"))
        if found.get("status") == HIDDEN:
            return SearchPage(Outcome.EMPTY, total=0, notes={"status": HIDDEN})
        rows = table_of(found.get("data")).get("auctions")
        if not isinstance(rows, list):
            return self._judge(answer, "mods.itemlist.data.auctions")
        return self._with_rows(rows, read_legacy_row, answer, {})

    def _with_rows(
        self, rows: list[Any], parse: RowParser, answer: Answer, notes: dict[str, Any]
    ) -> SearchPage:
        if not rows:
            return SearchPage(Outcome.EMPTY, total=0, notes=notes)
        listings, problems = collect_rows(
            rows, lambda row: parse(row, self._rows, answer.fetched_at), count=len(rows)
        )
        if not listings:
            detail = f"none of {len(rows)} rows could be used"
            return SearchPage(Outcome.SCHEMA_CHANGED, problems=problems, detail=detail, notes=notes)
        ads = sum(1 for listing in listings if listing.extra.get("is_ad"))
        notes = {**notes, "ads": ads} if ads else notes
        return SearchPage(Outcome.OK, listings, problems, notes=notes)

    def _judge(self, answer: Answer, expected: str) -> SearchPage:
        block = self._detector.judge(answer, expected)
        return SearchPage(block.outcome, detail=block.detail)


def _notes(rows: list[Any]) -> dict[str, Any]:
    """The number of the page, which only its rows tell."""
    page = table_of(table_of(rows[0] if rows else None).get("utLogMap")).get("pageNum")
    is_noted = isinstance(page, str | int) and page != ""
    return {"page": page[:MAX_NOTE_CHARS] if isinstance(page, str) else page} if is_noted else {}


SOURCE = TaobaoSource
