"""The weights of a MobileNetV2 that has seen photos, read from the package that carries them.

The npm package `nsfwjs` 4.3.0 (MIT) holds a MobileNetV2 of width 1.0 that was trained on ImageNet
and tuned to tell kinds of photos apart, in eight bits, as Keras names its layers
(``dist/models/mobilenet_v2``). Fetch it with ``npm pack nsfwjs@4.3.0``, unpack it, and name that
folder. Only its convolutions are used.
"""

from __future__ import annotations

import base64
import math
import re
from pathlib import Path
from typing import Any, Final

import numpy as np

__all__ = ["FOLDER", "keras_tensors", "read_backbone"]

FOLDER: Final = "package/dist/models/mobilenet_v2"
"""Where the package keeps them."""

ENTRY: Final = re.compile(
    r'name:"(?P<name>[^"]+)",shape:\[(?P<shape>[\d,]*)\],dtype:"float32",'
    r"quantization:\{min:(?P<min>[^,]+),scale:(?P<scale>[^,]+),dtype:\"uint8\"\}"
)
LONG_STRING: Final = re.compile(r'"([A-Za-z0-9+/]{1000,}={0,2})"')
NORMALISATION: Final = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}
STEM: Final = {
    "conv_stem.first_conv": ("Conv1", "bn_Conv1"),
    "conv_stem.conv_3x3": ("expanded_conv_depthwise", "expanded_conv_depthwise_BN"),
    "conv_stem.reduce_1x1": ("expanded_conv_project", "expanded_conv_project_BN"),
    "conv_1x1": ("Conv_1", "Conv_1_bn"),
}
PARTS: Final = {"expand_1x1": "expand", "conv_3x3": "depthwise", "reduce_1x1": "project"}


def keras_tensors(folder: Path) -> dict[str, Any]:
    """Names to arrays, out of the two scripts in which the package wraps them.

    Raises:
        OSError: a file is missing.
        ValueError: they are not what this was written for.
    """
    names = re.sub(r"\s", "", (folder / "model.min.js").read_text("utf-8"))
    names = re.sub(r'"(\w+)":', r"\1:", names)
    wrapped = LONG_STRING.search((folder / "group1-shard1of1.min.js").read_text("utf-8"))
    if wrapped is None:
        raise ValueError(f"{folder}: no weights in it")
    data = np.frombuffer(base64.b64decode(wrapped[1]), dtype=np.uint8)
    tensors = {}
    at = 0
    for entry in ENTRY.finditer(names):
        shape = tuple(int(side) for side in entry["shape"].split(","))
        size = math.prod(shape)
        values = data[at : at + size].astype(np.float32) * float(entry["scale"])
        tensors[entry["name"]] = (values + float(entry["min"])).reshape(shape)
        at += size
    if not tensors or at != len(data):
        raise ValueError(f"{folder}: {at} of {len(data)} bytes have a name")
    return tensors


def read_backbone(folder: Path, layers: int) -> dict[str, Any]:
    """Names of transformers' ``MobileNetV2Model`` to arrays.

    Args:
        folder: as `FOLDER`.
        layers: how many blocks the model has after its stem.

    Raises:
        OSError: a file is missing.
        ValueError: they are not what this was written for.
    """
    tensors = keras_tensors(folder)
    names = dict(STEM)
    for layer in range(layers):
        for ours, theirs in PARTS.items():
            name = f"block_{layer + 1}_{theirs}"
            names[f"layer.{layer}.{ours}"] = (name, f"{name}_BN")
    state: dict[str, Any] = {}
    try:
        for ours, (convolution, norm) in names.items():
            if "depthwise" in convolution:
                # height, width, channel, 1: one kernel for each channel
                kernel = tensors[f"{convolution}/depthwise_kernel"].transpose(2, 3, 0, 1)
            else:
                kernel = tensors[f"{convolution}/kernel"].transpose(3, 2, 0, 1)
            state[f"{ours}.convolution.weight"] = np.ascontiguousarray(kernel)
            for field, theirs in NORMALISATION.items():
                state[f"{ours}.normalization.{field}"] = tensors[f"{norm}/{theirs}"]
    except KeyError as error:
        raise ValueError(f"{folder}: no tensor {error}") from None
    return state
