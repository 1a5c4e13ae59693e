"""Asking a source for a page: the only way to one. A block opens a circuit before it is returned.

So no caller can swallow a block, whatever it makes of the answer, and none asks a
source that rests. A circuit is for one source and one endpoint of it: its search,
or its item pages. A login that is refused opens those of all endpoints that are asked
with it, and of no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer, FetchResult, ItemPage, PageRequest, SearchPage
from monitor.domain.watch import SourceRecord
from monitor.errors import ConfigError
from monitor.fetching.rules import FetchRules
from monitor.pipeline.logins import read_credential
from monitor.pipeline.workspace import Workspace, fetch_rules
from monitor.sources.definition import SourceDefinition
from monitor.store.politeness import open_circuit, resting

__all__ = ["Asked", "Scope", "ask"]

Page = TypeVar("Page", SearchPage, ItemPage)


class Scope(StrEnum):
    """What of a source is asked, and rests after a block."""

    SEARCH = "search"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Asked(Generic[Page]):
    """What came of it.

    Attributes:
        result: of the fetch.
        page: as parsed, whatever its outcome; None when no answer came.
        is_resting: nobody was asked, because the source rests; `outcome` is `PARTIAL`.
    """

    result: FetchResult
    page: Page | None = None
    is_resting: bool = False

    @property
    def is_truncated(self) -> bool:
        """Whether the byte cap cut the answer."""
        return self.result.answer is not None and self.result.answer.is_truncated

    @property
    def outcome(self) -> Outcome:
        """Of the page if there is one, else of the fetch."""
        return self.page.outcome if self.page else self.result.outcome

    @property
    def detail(self) -> str:
        """Of the page if there is one, else of the fetch."""
        return self.page.detail if self.page else self.result.detail


def ask(
    workspace: Workspace,
    record: SourceRecord,
    scope: Scope,
    request: PageRequest,
    parse: Callable[[Answer], Page],
) -> Asked[Page]:
    """Fetch and parse one page.

    Whether the source rests is asked again at the last moment, after the wait for the
    host's slot: another worker may have met a block meanwhile.
    """

    def objection() -> FetchResult | None:
        with workspace.database.read() as tx:
            rest = resting(tx, record.id, scope, workspace.database.now())
        if rest is None:
            return None
        return FetchResult(Outcome.PARTIAL, detail=f"the source rests: {rest.outcome}")

    definition = workspace.source(record).definition
    try:
        rules = _rules(workspace, definition, scope)
    except ConfigError as error:
        # Without its login, a source is off.
        return Asked(FetchResult(Outcome.DISALLOWED, detail=str(error)))
    result = objection() or workspace.fetcher.fetch(request, rules, objection=objection)
    # The fetcher itself never says so.
    if result.outcome is Outcome.PARTIAL:
        return Asked(result, is_resting=True)
    answer = result.answer if result.outcome is Outcome.OK else None
    asked = Asked(result, parse(answer) if answer else None)
    if asked.outcome.is_block:
        _open_circuit(workspace, record, scope, asked)
    return asked


def _rules(workspace: Workspace, definition: SourceDefinition, scope: Scope) -> FetchRules:
    rules = fetch_rules(workspace.settings, definition, is_item=scope is Scope.ITEM)
    login = definition.login_for(scope)
    if login is None:
        return rules
    return replace(rules, credential=read_credential(workspace.settings, login))


def _open_circuit(
    workspace: Workspace, record: SourceRecord, scope: Scope, asked: Asked[Page]
) -> None:
    pause_s = asked.result.retry_after_s or workspace.settings.circuit_pause_s
    login = workspace.source(record).definition.login_for(scope)
    is_refused = login is not None and asked.outcome is Outcome.LOGIN_REQUIRED
    with workspace.database.write() as tx:
        now = workspace.database.now()
        for endpoint in login.endpoints if login and is_refused else (scope,):
            open_circuit(
                tx,
                record.id,
                endpoint,
                login=login.name if login else "",
                outcome=asked.outcome.value,
                reason=asked.detail,
                until=now + timedelta(seconds=pause_s),
                now=now,
            )
