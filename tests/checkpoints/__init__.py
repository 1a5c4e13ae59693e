"""Small models of one's own, made on the spot: real tokenizer, real ONNX graph.

The net adds up one weight a character and label, so that what it must answer can be
computed by hand. Like a transformer's, its graph has a table of positions and breaks on
texts that are longer than it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tokenizers
from onnx import TensorProto, helper, numpy_helper

__all__ = ["write_checkpoint"]

SPECIAL = ("[PAD]", "[UNK]")
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def write_checkpoint(
    folder: Path,
    weights: Mapping[str, Sequence[float]],
    bias: Sequence[float] = (0.0, 0.0),
    *,
    inputs: Sequence[str] = INPUTS[:2],
    positions: int = 64,
    length: int | str = "tokens",
    integers: int = TensorProto.INT64,
    **config: Any,
) -> Path:
    """Write a checkpoint.

    Args:
        folder: is made.
        weights: of each character, one a label.
        bias: one a label.
        inputs: that the graph asks for.
        positions: size of the table of positions.
        length: of the input; a name: any.
        integers: type of the inputs.
        config: further fields of ``config.json``; None leaves one out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {token: at for at, token in enumerate((*SPECIAL, *weights))}
    stated = {
        "model_type": "bert",
        "vocab_size": len(vocabulary),
        "max_position_embeddings": positions,
        "pad_token_id": 0,
        **config,
    }
    stated = {name: value for name, value in stated.items() if value is not None}
    (folder / "config.json").write_text(json.dumps(stated), encoding="utf-8")
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, "[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex("."), "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.zeros((len(vocabulary), len(bias)), np.float32)
    for token, row in weights.items():
        table[vocabulary[token]] = row
    model = _graph(table, np.asarray(bias, np.float32), inputs, positions, length, integers)
    onnx.save(model, folder / "model.onnx")
    return folder


def _graph(
    table: Any,
    bias: Any,
    inputs: Sequence[str],
    positions: int,
    length: int | str,
    integers: int,
) -> onnx.ModelProto:
    constants = {
        "table": table,
        "bias": bias,
        "places": np.zeros((positions, 1), np.float32),
        "one": np.array(1, np.int64),
        "nought": np.array(0, np.int64),
        "last": np.array([2], np.int64),
        "tokens": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("Shape", ["input_ids"], ["shape"]),
        helper.make_node("Gather", ["shape", "one"], ["count"]),
        helper.make_node("Range", ["nought", "count", "one"], ["numbers"]),
        helper.make_node("Gather", ["places", "numbers"], ["placed"]),
        helper.make_node("Add", ["embedded", "placed"], ["states"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
        helper.make_node("Mul", ["states", "wide_mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "tokens"], ["sums"], keepdims=0),
        helper.make_node("Add", ["sums", "bias"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "characters",
        [helper.make_tensor_value_info(name, integers, ["texts", length]) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", len(bias)])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model
