"""A small trained network that tells what a picture shows; see its model card.

The folder is a checkpoint as `transformers` lays them out: ``config.json`` (names of the outputs),
``preprocessor_config.json`` (size and scale of the input) and ``model.onnx``. Each output holds
or does not, by itself: a picture may show a card and a face.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from classifiers.contract import PictureClass
from classifiers.images.picture import Pixels
from classifiers.text.onnx import open_net

__all__ = ["MODEL", "Classifier", "prepared", "shipped_classifier"]

MODEL: Final = Path(__file__).parent.parent / "models" / "pictures"


def prepared(pixels: Pixels, side: int) -> npt.NDArray[np.float32]:
    """What the network is given: the whole picture, squeezed into a square, from -1 to 1.

    Args:
        pixels: of any size.
        side: of the square.

    Returns:
        3 x `side` x `side`.
    """
    small = Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR)
    values = np.asarray(small, dtype=np.float32) / 127.5 - 1
    return np.ascontiguousarray(values.transpose(2, 0, 1))


class Classifier:
    """An ONNX image classifier. Loaded when first asked; safe in threads.

    Args:
        folder: holds the three files.

    Raises:
        OSError: one is missing.
        ValueError: its outputs are not the classes of `PictureClass`.
    """

    def __init__(self, folder: Path = MODEL) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        names = [config["id2label"][str(place)] for place in range(len(config["id2label"]))]
        if names != list(PictureClass):
            raise ValueError(f"{folder / 'config.json'}: made for other classes")
        preprocessor = json.loads((folder / "preprocessor_config.json").read_text("utf-8"))
        self.version: str = config["version"]
        self.thresholds: dict[PictureClass, float] = {
            PictureClass(name): float(value) for name, value in config["thresholds"].items()
        }
        self._side = int(preprocessor["size"]["height"])
        self._net = folder / "model.onnx"
        self._lock = threading.Lock()
        self._session: Any = None

    def classify(self, pixels: Pixels) -> Mapping[PictureClass, float]:
        """Probability of each class, as far as the training pictures teach it: uncalibrated."""
        with self._lock:
            if self._session is None:
                self._session = open_net(self._net)
        (logits,) = self._session.run(None, {"pixel_values": prepared(pixels, self._side)[None]})
        shares = 1 / (1 + np.exp(-logits[0].astype(np.float64)))
        return dict(zip(PictureClass, shares.tolist(), strict=True))

    def present(self, shares: Mapping[PictureClass, float]) -> frozenset[PictureClass]:
        """The classes of the trade whose probability reaches their threshold."""
        return frozenset(
            kind for kind, threshold in self.thresholds.items() if shares[kind] >= threshold
        )


@cache
def shipped_classifier() -> Classifier:
    """The one that comes with the package."""
    return Classifier()
