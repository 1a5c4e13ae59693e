"""The dashboard's questions.

Hits are counted by the index, whichever it is; everything else by the store. So one
machine and many give the same numbers. Every question takes an `Asked` and gives an
`Answer`; the CLI, the API and the console show the same one.
"""

from __future__ import annotations

from monitor.services.statistics.answers import Answer, csv_lines
from monitor.services.statistics.asking import MAX_ROWS, Asked
from monitor.services.statistics.hits import HITS_BY, hits
from monitor.services.statistics.looks import coverage, outcomes
from monitor.services.statistics.terms import rising_terms
from monitor.services.statistics.verdicts import PRECISION_BY, misses, precision
from monitor.services.statistics.work import deliveries, failures, queue

__all__ = [
    "HITS_BY",
    "MAX_ROWS",
    "PRECISION_BY",
    "Answer",
    "Asked",
    "coverage",
    "csv_lines",
    "deliveries",
    "failures",
    "hits",
    "misses",
    "outcomes",
    "precision",
    "queue",
    "rising_terms",
]
