"""Clients for servers on this machine."""

from __future__ import annotations

import ssl

import httpx

__all__ = ["plain_client"]


def plain_client(base_url: str = "") -> httpx.Client:
    """A client without the machine's certificates, whose loading takes a while."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(base_url=base_url, timeout=10, verify=context)
