"""Which IP addresses lie on the public internet.

`ipaddress.is_global` alone is not enough: it follows the IANA registries as they
were when Python was released, and calls addresses global that carry another
address inside (6to4, NAT64, IPv4-translated) or that no web server has (multicast).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from monitor.errors import ConfigError

__all__ = ["Address", "Network", "is_public", "is_within", "parse_address", "parse_networks"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NEVER_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network, RFC 791
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "168.63.129.16/32",  # a cloud's own services, inside each of its machines
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "224.0.0.0/3",  # multicast, class E, broadcast
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation, RFC 9637
    )
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that was ever given to networks, RFC 4291 and the IANA registry; the rest is
loopback, local, multicast, of special use, or carries an IPv4 address in one more way."""
SIX_TO_FOUR = IPv6Network("2002::/16")
NAT64 = IPv6Network("64:ff9b::/96")


def parse_address(text: str) -> Address:
    """Read an address as the resolver gives it; a zone (``%eth0``) is dropped.

    Raises:
        ValueError: not an address in its plain form.
    """
    return ip_address(text.partition("%")[0])


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read the ranges that an operator allows, e.g. ``127.0.0.0/8``.

    Raises:
        ConfigError: one of them is not a network.
    """
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise ConfigError(f"allowed networks: {error}") from None


def is_public(address: Address) -> bool:
    """Whether the address, and the one it carries inside, belongs to the public internet."""
    inner = _unwrap(address)
    if inner.version == 6 and inner not in GLOBAL_UNICAST:
        return False
    if any(inner in network for network in NEVER_PUBLIC if network.version == inner.version):
        return False
    return inner.is_global


def is_within(address: Address, networks: Sequence[Network]) -> bool:
    """Whether the address, or the IPv4 address inside it, lies in one of `networks`."""
    inner = _unwrap(address)
    return any(
        candidate in network
        for candidate in (address, inner)
        for network in networks
        if network.version == candidate.version
    )


def _unwrap(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in SIX_TO_FOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
