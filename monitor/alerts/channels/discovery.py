"""Finding the channels: every module of this package that sets ``CHANNEL``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from monitor.alerts import channels
from monitor.alerts.channels.protocol import Channel
from monitor.egress import Gate
from monitor.errors import NotFoundError

__all__ = ["discover", "open_channel"]


def discover() -> Mapping[str, type[Channel]]:
    """Name to class of all channels, in order of name."""
    found: dict[str, type[Channel]] = {}
    for module in sorted(pkgutil.iter_modules(channels.__path__), key=lambda info: info.name):
        loaded = importlib.import_module(f"{channels.__name__}.{module.name}")
        channel: type[Channel] | None = getattr(loaded, "CHANNEL", None)
        if channel is not None:
            found[channel.name] = channel
    return found


def open_channel(name: str, gate: Gate) -> Channel:
    """Open a channel by name.

    Raises:
        NotFoundError: there is none of that name; the text lists those there are.
    """
    known = discover()
    if name not in known:
        raise NotFoundError(f"no channel {name!r}; there are: {', '.join(known)}")
    return known[name].open(gate)
