"""The sample market among a monitor's sources, and the starter vocabulary searched there.

For a market in a process of its own::

    python -m monitor.demo.watching http://market:8700
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from classifiers.contract import ALERTING_CATEGORIES
from monitor.config import load_settings
from monitor.demo.sources import demo_source
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import keywords, setup, sources, watches

__all__ = ["main", "watch_market"]

FEED_TERMS = ("四件套", "活化", "过人脸")
MAX_TERMS = 60


def watch_market(workspace: Workspace, base_url: str, *, interval_s: float) -> int:
    """Watch the market at `base_url` by its three faces; safe to run again.

    Args:
        workspace: one that has the starter vocabulary (`monitor init`).
        base_url: the market's address without a slash at its end.
        interval_s: between two looks of a watch.

    Returns:
        How many watches were added.
    """
    terms = _search_terms()
    known = {keyword.term for keyword in keywords.list_keywords(workspace)}
    chosen = {"sample-html": terms, "sample-json": terms[::6], "sample-rss": list(FEED_TERMS)}
    count = 0
    for name, wanted in chosen.items():
        sources.put(workspace, demo_source(name, base_url), actor="demo")
        searched = [term for term in wanted if term in known]
        added = watches.add(workspace, name, searched, interval_s=interval_s, actor="demo")
        count += added.watches
    return count


def _search_terms() -> list[str]:
    """Terms of the alerting trades that the starter vocabulary marks for search."""
    return [
        draft.term
        for draft in setup.starter_drafts()
        if draft.search and draft.category in ALERTING_CATEGORIES
    ][:MAX_TERMS]


def main(arguments: Sequence[str] | None = None) -> None:
    """Watch a market that runs elsewhere, with the settings of the environment."""
    parser = argparse.ArgumentParser(
        prog="python -m monitor.demo.watching", description=main.__doc__
    )
    parser.add_argument("market", help="its address, such as http://market:8700")
    parser.add_argument("--every", type=float, default=12.0, help="seconds between two looks")
    given = parser.parse_args(arguments)
    with open_workspace(load_settings()) as workspace:
        count = watch_market(workspace, given.market.rstrip("/"), interval_s=given.every)
    print(f"{count} watches added", flush=True)


if __name__ == "__main__":
    main()
