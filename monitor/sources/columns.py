"""The first match of a selector in each row of a page, for all rows in one run.

Running a selector costs more for setting it up than for a card's few elements, so
one run over the list, sorted back into rows, takes about half the time of a run
in each row (`benchmarks/parse.py`). The result is the same, and where that cannot
be had cheaply the rows are asked one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

from selectolax.lexbor import LexborNode

__all__ = ["first_in_rows", "outermost"]

MAX_CLIMB = 40
"""Steps from an element up to its row; cards are some ten levels deep."""
MAX_MATCHES_PER_ROW = 50


def outermost(container: LexborNode, rows: list[LexborNode]) -> list[LexborNode]:
    """Rows without those inside of other rows: a part of a row is no row of its own."""
    known = {row.mem_id for row in rows}
    end = container.mem_id
    kept = []
    for row in rows:
        parent = row.parent
        while parent is not None and parent.mem_id != end and parent.mem_id not in known:
            parent = parent.parent
        if parent is None or parent.mem_id == end:
            kept.append(row)
    return kept


def first_in_rows(
    container: LexborNode, rows: Sequence[LexborNode], selector: str
) -> list[LexborNode | None]:
    """For each row its first match of `selector`, or None.

    Args:
        container: the element that holds all rows.
        rows: elements inside of it, none inside of another.
        selector: checked.
    """
    nodes = container.css(selector)
    found: list[LexborNode | None] = [None] * len(rows)
    if len(nodes) > MAX_MATCHES_PER_ROW * len(rows):
        return [row.css_first(selector) for row in rows]
    places = {row.mem_id: place for place, row in enumerate(rows)}
    end = container.mem_id
    for node in nodes:
        # A row may match its own selector, as it does when it is asked alone.
        above: LexborNode | None = node
        for _ in range(MAX_CLIMB):
            if above is None:
                break
            here = above.mem_id
            place = places.get(here)
            if place is not None:
                if found[place] is None:
                    found[place] = node
                break
            if here == end:
                break
            above = above.parent
        else:
            return [row.css_first(selector) for row in rows]
    return found
