"""The gate: what may be connected to, and the transport that keeps to it."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from urllib.parse import urljoin

import httpx

from monitor.egress.addresses import Address, is_public, is_within, parse_address, parse_networks
from monitor.egress.connecting import GateTransport, PinnedBackend, Resolver, system_resolver
from monitor.egress.urls import has_odd_characters, read_target
from monitor.errors import AddressRefused

__all__ = ["Gate"]


class Gate:
    """Lets public http(s) addresses out, and the private ranges an operator allows.

    Proxies and certificates named in the environment are ignored: a proxy would
    resolve names where they cannot be checked. Immutable and thread-safe.

    Args:
        allowed_networks: private ranges let out, e.g. ``("127.0.0.0/8",)``.
        resolve: how names become addresses; the system's way unless a test says otherwise.

    Raises:
        ConfigError: a range cannot be read.
    """

    def __init__(
        self, allowed_networks: Sequence[str] = (), *, resolve: Resolver = system_resolver
    ) -> None:
        self._allowed = parse_networks(allowed_networks)
        self._resolve = resolve

    def check_url(self, url: str) -> None:
        """Refuse what cannot be right before anything is resolved.

        Raises:
            AddressRefused: not a plain http(s) URL, or its host is a refused address.
        """
        target = read_target(url)
        if target.address is not None:
            self._check_address(target.address)

    def follow(self, url: str, location: str) -> str:
        """The checked address of a redirect.

        Args:
            url: the page that redirects.
            location: its ``Location`` header, absolute or relative.

        Raises:
            AddressRefused: the target is not let out.
        """
        # Joining drops tabs and newlines, so the check after it would not see them.
        if has_odd_characters(location):
            raise AddressRefused("the redirect holds spaces, control characters or backslashes")
        try:
            target = urljoin(url, location).partition("#")[0]
        except ValueError:
            raise AddressRefused("the redirect cannot be read") from None
        self.check_url(target)
        return target

    def transport(self, *, verify: ssl.SSLContext | None = None) -> GateTransport:
        """A transport of its own connection pool; close it after use.

        Args:
            verify: trusted certificates; by default those of certifi.
        """
        return GateTransport(
            self.check_url,
            PinnedBackend(self._resolve, self._check_addresses),
            verify or httpx.create_ssl_context(trust_env=False),
        )

    def _check_addresses(self, host: str, found: Sequence[str]) -> Sequence[Address]:
        """All or nothing: one private answer among public ones is an attack or a mistake."""
        try:
            addresses = [parse_address(text) for text in found]
        except ValueError:
            raise AddressRefused(f"{host}: the resolver gave no address") from None
        for address in addresses:
            self._check_address(address)
        return addresses

    def _check_address(self, address: Address) -> None:
        if not is_within(address, self._allowed) and not is_public(address):
            raise AddressRefused(
                f"{address} is not a public address; an operator can allow its network"
            )
