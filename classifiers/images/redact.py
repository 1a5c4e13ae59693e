"""What may be kept of a picture: a small copy without faces and without numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.contract import Box
from classifiers.images.picture import Picture

__all__ = ["Thumbnail", "redact"]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A redacted copy that may be stored and shown.

    Attributes:
        content: a JPEG without metadata.
        width: in pixels, at most 320.
        height: in pixels, at most 320.
        destroyed: boxes whose pixels were replaced.
    """

    content: bytes
    width: int
    height: int
    destroyed: tuple[Box, ...]


def redact(picture: Picture, boxes: Sequence[Box] = ()) -> Thumbnail:
    """A small copy in which every face and every run of text or digits is gone for good.

    Args:
        picture: as decoded.
        boxes: further places to destroy, such as cards, codes and text that was read.
    """
    raise NotImplementedError
