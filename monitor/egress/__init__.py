"""One gate for every outgoing address: pages, pictures, webhooks.

Nothing in the product opens a connection to the outside but through
`Gate.transport`. The rooms that talk HTTP (fetching, alerts) share what is here
and do not know each other.
"""

from __future__ import annotations

from monitor.egress.connecting import deadline, explain
from monitor.egress.gate import Gate
from monitor.egress.retry_after import parse_retry_after

__all__ = ["Gate", "deadline", "explain", "parse_retry_after"]
