"""The generic webhook: a signed POST (Standard Webhooks 1.0)."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Self

import httpx

from monitor.alerts.channels.protocol import Receipt, ReceiptStatus
from monitor.alerts.signing import sign
from monitor.egress import Gate, deadline, explain, parse_retry_after
from monitor.errors import AddressRefused, InputError

__all__ = ["CHANNEL", "MAX_RETRY_AFTER_S", "TIMEOUT_S", "WebhookChannel"]

TIMEOUT_S = 15.0
"""For all of an attempt, from the name to the end of the answer."""
MAX_ANSWER_BYTES = 20_000
MAX_RETRY_AFTER_S = 86_400.0
MAX_QUOTE_CHARS = 200

PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that speak of the moment and not of the request."""

BLANKS = re.compile(r"\s+")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Receivers quote what they got: tokens, signatures, numbers, mail addresses.
SECRETIVE = re.compile(
    r"[A-Za-z0-9+/_=-]{20,200}|\d{5,200}|[\w.+-]{1,64}@[\w.-]{1,200}|(?:https?|wss?)://\S{1,500}"
)
# A token in the address may be shorter than what looks like one in a text.
URL_PART = re.compile(r"[^/?&=#]{4,}")


class WebhookChannel:
    """Posts to any address that the gate lets out. No redirects, no cookies, no proxies."""

    name: ClassVar[str] = "webhook"

    def __init__(self, transport: httpx.BaseTransport, *, timeout_s: float = TIMEOUT_S) -> None:
        self._transport = transport
        self._timeout_s = timeout_s

    @classmethod
    def open(cls, gate: Gate) -> Self:
        """See `Channel.open`."""
        return cls(gate.transport())

    def close(self) -> None:
        """See `Channel.close`."""
        self._transport.close()

    def deliver(
        self, url: str, webhook_id: str, body: bytes, secrets: Sequence[str], now: datetime
    ) -> Receipt:
        """See `Channel.deliver`. A 2xx alone is success, whatever becomes of its body."""
        started = time.monotonic()
        status, http_status, retry_after_s = ReceiptStatus.REJECTED, None, None
        try:
            request = self._request(url, webhook_id, body, secrets, now)
            with deadline(self._timeout_s):
                response = self._transport.handle_request(request)
                try:
                    http_status = response.status_code
                    status = _judge(http_status)
                    retry_after_s = _retry_after(response, now)
                    detail = _describe(response, url)
                finally:
                    response.close()
        except AddressRefused as refused:
            detail = f"not sent: {refused}"
        except (InputError, ValueError, httpx.InvalidURL) as error:
            # Only our own errors are known not to quote the address.
            reason = str(error) if isinstance(error, InputError) else "it cannot be written down"
            detail = f"not sent: {reason}"
        except httpx.TransportError as error:
            status, detail = ReceiptStatus.RETRY, explain(error)
        duration_s = time.monotonic() - started
        return Receipt(status, http_status, duration_s, detail, retry_after_s)

    def _request(
        self, url: str, webhook_id: str, body: bytes, secrets: Sequence[str], now: datetime
    ) -> httpx.Request:
        headers = {
            "content-type": "application/json",
            "user-agent": "face-trade-monitor-webhook/1",
            "accept": "*/*",
            # A packed answer would have to be unpacked, and nothing in it is needed.
            "accept-encoding": "identity",
            **sign(webhook_id, now, body, secrets),
        }
        timeout = httpx.Timeout(self._timeout_s).as_dict()
        return httpx.Request(
            "POST", url, headers=headers, content=body, extensions={"timeout": timeout}
        )


CHANNEL = WebhookChannel


def _judge(http_status: int) -> ReceiptStatus:
    if 200 <= http_status < 300:
        return ReceiptStatus.DELIVERED
    if http_status == 410:
        return ReceiptStatus.GONE
    if http_status in PASSING or http_status >= 500:
        return ReceiptStatus.RETRY
    return ReceiptStatus.REJECTED


def _retry_after(response: httpx.Response, now: datetime) -> float | None:
    if response.status_code not in (429, 503):
        return None
    return parse_retry_after(response.headers.get("retry-after"), now, MAX_RETRY_AFTER_S)


def _describe(response: httpx.Response, url: str) -> str:
    """Status and the beginning of the answer, with whatever may be secret masked."""
    head = f"HTTP {response.status_code}"
    if response.headers.get("content-encoding", "identity") != "identity":
        return head
    text = _mask(_read_some(response).decode("utf-8", errors="replace"), url)
    quote = UNPRINTABLE.sub("", BLANKS.sub(" ", text)).strip()
    if len(quote) > MAX_QUOTE_CHARS:
        quote = quote[: MAX_QUOTE_CHARS - 1] + "…"
    return f"{head}: {quote}" if quote else head


def _mask(text: str, url: str) -> str:
    """Hide what may be secret; done before cutting, since half a token looks like none."""
    for part in URL_PART.findall(url.partition("://")[2].partition("/")[2]):
        text = text.replace(part, "***")
    return SECRETIVE.sub("***", text)


def _read_some(response: httpx.Response) -> bytes:
    """At most 20 kB; an answer that breaks off or does not end has said enough."""
    body = b""
    try:
        for chunk in response.iter_raw():
            body += chunk[: MAX_ANSWER_BYTES - len(body)]
            if len(body) >= MAX_ANSWER_BYTES:
                break
    except httpx.TransportError:
        return body
    return body
