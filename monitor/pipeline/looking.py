"""Who looks into pictures: the shipped signals, and detectors that an operator installs."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from classifiers.contract import Assessment, Listing
from classifiers.images.carried import NetworkMissing, require_networks
from monitor.config import Settings
from monitor.errors import ConfigError
from monitor.media.reading import PictureReader, StopDetector
from monitor.media.shipped import ShippedReader

if TYPE_CHECKING:
    from classifiers.images.known import Bank

__all__ = ["STOP_DETECTORS", "find_stop_detectors", "open_reader"]

STOP_DETECTORS = "monitor.stop_detectors"
"""Entry points whose class, without arguments, makes a `StopDetector`."""


def find_stop_detectors() -> tuple[StopDetector, ...]:
    """All that are installed; raises `ConfigError` for one that cannot be loaded."""
    found: list[StopDetector] = []
    for point in entry_points(group=STOP_DETECTORS):
        try:
            found.append(point.load()())
        except Exception as error:
            # Going on without it would keep what it was installed to stop.
            raise ConfigError(
                f"the stop detector {point.value} cannot be loaded ({type(error).__name__})"
            ) from error
    return tuple(found)


def open_reader(
    settings: Settings,
    assess: Callable[[Listing], Assessment],
    bank: Callable[[], Bank] | None = None,
) -> PictureReader | None:
    """The shipped signals; None when pictures are turned off.

    Args:
        settings: say whether, and of how many bytes.
        assess: the text cascade, for writing in pictures.
        bank: gives the bank of known pictures, as it is then; None for none.

    Raises:
        ConfigError: a network that the signals need is not installed.
    """
    if settings.pictures == "off":
        return None
    try:
        require_networks()
    except NetworkMissing as missing:
        raise ConfigError(f"{missing}; or set MONITOR_PICTURES=off") from None
    return ShippedReader(assess, max_bytes=settings.picture_max_bytes, bank=bank)
