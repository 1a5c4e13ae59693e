"""Text in pictures: where it stands and what it says.

Two networks by way of rapidocr: places by PP-OCRv4 (`classifiers.images.carried`), reading
by PP-OCRv6, which rapidocr's wheel carries. Nothing is fetched. The wheel's own finder of places takes a third of ordinary photos for
text and is three times slower.

What is read may hold victims' numbers: it lives in memory only, goes through the text
cascade and is masked before any of it is kept (`classifiers.images.wording`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from classifiers.contract import Box
from classifiers.images.boxes import around
from classifiers.images.carried import text_network
from classifiers.images.picture import Pixels
from classifiers.images.scale import reduced
from classifiers.text.onnx import quiet_runtime

__all__ = ["Line", "TextReader", "shipped_reader"]

READING_EDGE: Final = 960
"""Longer edge at which text is read, in pixels: half a second to a second of one core."""
MIN_SURE: Final = 0.6
MAX_LINES: Final = 200
FIND_SURE: Final = 0.3
"""Confidence from which a place counts as text when it is to be destroyed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text.

    Attributes:
        text: as read; may hold anything, victims' numbers included.
        box: where.
        sure: the network's confidence, in [0, 1].
    """

    text: str
    box: Box
    sure: float


class TextReader:
    """Finds and reads text. Safe in threads, one picture at a time."""

    def __init__(self) -> None:
        # The first import of onnxruntime in a process decides about its telemetry.
        quiet_runtime()
        from rapidocr import RapidOCR

        self._lock = threading.Lock()
        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.model_path": str(text_network()),
                "Det.limit_type": "max",
                "Det.limit_side_len": READING_EDGE,
            }
        )

    def find(self, pixels: Pixels) -> list[Box]:
        """Places of text, the doubtful ones too, without reading any."""
        seen = np.ascontiguousarray(reduced(pixels, READING_EDGE)[:, :, ::-1])
        with self._lock:
            found = self._engine(
                seen, use_det=True, use_cls=False, use_rec=False, box_thresh=FIND_SURE
            )
        return _boxes(found.boxes, seen)

    def read(self, pixels: Pixels) -> list[Line]:
        """Lines of text from top to bottom, at most 200."""
        seen = np.ascontiguousarray(reduced(pixels, READING_EDGE)[:, :, ::-1])
        with self._lock:
            found = self._engine(
                seen, use_det=True, use_cls=False, use_rec=True, text_score=MIN_SURE, box_thresh=0.5
            )
        if not found.txts:
            return []
        lines = zip(found.txts, _boxes(found.boxes, seen), found.scores, strict=True)
        return [Line(str(text), box, float(sure)) for text, box, sure in lines][:MAX_LINES]


@cache
def _reader() -> TextReader:
    return TextReader()


_loading: Final = threading.Lock()


def shipped_reader() -> TextReader:
    """The shipped reader, loaded once for all threads when first asked for."""
    with _loading:
        return _reader()


def _boxes(corners: Any, seen: Pixels) -> list[Box]:
    height, width = seen.shape[:2]
    found = [] if corners is None else corners
    return [around([(float(x), float(y)) for x, y in each], width, height) for each in found]
