"""Whether a URL is one that every parser reads alike.

Most tricks against an address check live in the gap between two parsers. So
what is unusual is refused, not repaired: control characters, backslashes, user
info, numbers that are not plain dotted IPv4, hosts that two parsers see
differently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urlsplit

import httpx

from monitor.egress.addresses import Address
from monitor.errors import AddressRefused

__all__ = ["Target", "has_odd_characters", "read_target"]

MAX_URL_CHARS = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}

ODD_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff\ud800-\udfff]")
HOST_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
ENDS_IN_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")

# Ports of other protocols, which a crafted request could be made to speak.
# Source: Fetch standard, "bad port".
BAD_PORTS = frozenset(
    {1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95}
    | {101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161}
    | {179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563}
    | {587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060}
    | {5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads.

    Attributes:
        host: lower case, IDNA encoded, without brackets.
        port: 1 to 65535, the scheme's own when the URL names none.
        address: the host itself when it is an IP address, else None.
    """

    host: str
    port: int
    address: Address | None


def has_odd_characters(text: str) -> bool:
    """Whether `text` holds white space, control characters, backslashes or surrogates."""
    return ODD_CHARACTERS.search(text) is not None


def read_target(url: str) -> Target:
    """Take a URL apart.

    Raises:
        AddressRefused: it is not a plain http(s) URL. The text never repeats the
            URL, which may hold a secret.
    """
    if not url or len(url) > MAX_URL_CHARS:
        raise AddressRefused("the address is empty or too long")
    if has_odd_characters(url):
        raise AddressRefused("the address holds spaces, control characters or backslashes")
    try:
        split = urlsplit(url)
        other = httpx.URL(url)
        port = split.port
    # httpx.InvalidURL is no ValueError; IDNA and port errors are.
    except (ValueError, httpx.InvalidURL):
        raise AddressRefused("the address cannot be read") from None
    if split.scheme not in DEFAULT_PORTS:
        raise AddressRefused("only http and https addresses are let out")
    if "@" in split.netloc:
        raise AddressRefused("the address holds user information")
    host = other.raw_host.decode("ascii").lower()
    _check_same_host(split.hostname or "", host)
    if port == 0 or port in BAD_PORTS:
        raise AddressRefused(f"port {port} is not let out")
    return Target(host, port or DEFAULT_PORTS[split.scheme], _read_host(host))


def _check_same_host(seen: str, host: str) -> None:
    if not host:
        raise AddressRefused("the address names no host")
    if seen.isascii() and seen.lower() != host:
        raise AddressRefused("the host can be read in two ways")


def _read_host(host: str) -> Address | None:
    """The host as an address, None for a name; raises `AddressRefused` for anything between."""
    if ":" in host:
        if "%" in host:
            raise AddressRefused("the host names a network interface")
        try:
            return IPv6Address(host)
        except AddressValueError:
            raise AddressRefused("the host is not an IPv6 address") from None
    labels = host.split(".")
    # As browsers do: a last label that is a number makes the host an IPv4
    # address, and only the plain dotted form is read alike everywhere.
    if ENDS_IN_NUMBER.fullmatch(labels[-1]):
        try:
            return IPv4Address(host)
        except AddressValueError:
            raise AddressRefused("the host is an IPv4 address in an unusual form") from None
    if len(host) > 253 or not all(HOST_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("the host is not a host name")
    return None
