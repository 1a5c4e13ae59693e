"""Fixtures of the demo's tests."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.unit.demo.clients import plain_client


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """One client for all."""
    with plain_client() as opened:
        yield opened
