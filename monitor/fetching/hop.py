"""The requests of one fetch: the one that a source describes, and those that redirects lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx
import orjson

from monitor.domain.page import PageRequest
from monitor.errors import AddressRefused
from monitor.fetching.inflate import ACCEPTED_ENCODINGS
from monitor.fetching.rules import Credential
from monitor.fetching.slots import host_key

__all__ = ["Hop"]

OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
"""Set here and by nobody else: the connection depends on them, and we say who we are."""

DEFAULT_HEADERS = {
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,"
    "application/json;q=0.9,*/*;q=0.8",
    "accept-language": "zh-CN,zh;q=0.9,en;q=0.5",
}


@dataclass(frozen=True, slots=True)
class Hop:
    """One request on the way.

    Attributes:
        url: absolute, query included, fragment dropped.
        method: upper case.
        headers: of the source, lower-case names, without those of the connection.
        content: the body, or None.
    """

    url: str
    method: str
    headers: Mapping[str, str]
    content: bytes | None

    @classmethod
    def first(cls, request: PageRequest) -> Hop:
        """The request as described.

        Raises:
            AddressRefused: the address or its parameters cannot be written down.
        """
        headers = {name.lower(): text for name, text in request.headers.items()}
        content = None
        try:
            url = _with_params(request.url, request.params)
            if request.form is not None:
                content = urlencode(request.form).encode("ascii")
                headers.setdefault("content-type", "application/x-www-form-urlencoded")
            elif request.json is not None:
                content = orjson.dumps(request.json)
                headers.setdefault("content-type", "application/json")
        except (ValueError, orjson.JSONEncodeError):
            raise AddressRefused("the request cannot be written down") from None
        kept = {name: text for name, text in headers.items() if name not in OWN_HEADERS}
        return cls(url, request.method.upper(), kept, content)

    def redirected(self, status: int, url: str) -> Hop:
        """The request that a redirect to `url` asks for (RFC 9110, 15.4, and what browsers do)."""
        hop = replace(self, url=url)
        # What a source sends along is meant for its own host.
        if host_key(url) != host_key(self.url):
            kept = {name: text for name, text in hop.headers.items() if name == "content-type"}
            hop = replace(hop, headers=kept)
        if status == 303 or (status in (301, 302) and self.method == "POST"):
            kept = {name: text for name, text in hop.headers.items() if name != "content-type"}
            hop = replace(hop, method="GET", headers=kept, content=None)
        return hop

    def build(self, user_agent: str, credential: Credential | None = None) -> httpx.Request:
        """The request as it goes out; raises `ValueError` for a header that cannot be sent."""
        is_told = credential is not None and credential.may_go_to(self.url)
        headers = {
            **DEFAULT_HEADERS,
            **self.headers,
            **({credential.header: credential.value} if credential and is_told else {}),
            "user-agent": user_agent,
            "accept-encoding": ACCEPTED_ENCODINGS,
        }
        return httpx.Request(self.method, self.url, headers=headers, content=self.content)


def _with_params(url: str, params: tuple[tuple[str, str], ...]) -> str:
    split = urlsplit(url)
    query = "&".join(part for part in (split.query, urlencode(params)) if part)
    return urlunsplit(split._replace(query=query, fragment=""))
