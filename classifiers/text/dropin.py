"""A team's own fine-tuned classifier as the last stage, instead of the shipped encoder.

Only `onnxruntime` and `tokenizers` are needed. The net reads the same text as the
shipped encoder: normalised, disguises undone. How its answer is weighed beside the
stages before it stands in ``fusion.json`` (`classifiers.fitting` makes it).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import tokenizers

from classifiers.text.checkpoint import (
    Checkpoint,
    ModelFolderError,
    read_checkpoint,
    read_json_object,
)
from classifiers.text.encoder import Encoder, EncoderReading
from classifiers.text.ngrams import shipped_model
from classifiers.text.onnx import open_net
from classifiers.text.score import Fusion

__all__ = ["DOUBT", "FUSION", "DropIn", "OnnxClassifier", "first_fusion", "shared_fusion"]

FUSION: Final = "fusion.json"
INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
INTEGERS: Final[Mapping[str, Any]] = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
CHARS_A_TOKEN: Final = 8
"""A text is cut before it is split into tokens; hardly any language has longer ones on average."""

DOUBT: Final = (-5.517, 9.21)
"""Log-odds by rules and n-grams between which the model is asked: 0.004 to 0.9999."""

SHARE: Final = 0.5
"""Without ``fusion.json``, the log-odds of the stages before and of the model count half each."""


class OnnxClassifier:
    """The net of a checkpoint and its tokenizer, on one thread. Safe in threads.

    Both are tried once, with a short and a long text, so that a folder whose parts do
    not fit together is refused at once.

    Args:
        checkpoint: what its folder says.

    Raises:
        ModelFolderError: the ONNX file or the tokenizer cannot be used.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        if not checkpoint.net.is_file():
            raise ModelFolderError("model.onnx: missing; `monitor models check --export` makes one")
        self._tokenizer = _load_tokenizer(checkpoint)
        self._session = _load_session(checkpoint.net)
        self._inputs = _input_types(self._session)
        self._length = _fixed_length(self._session)
        limit = min(checkpoint.max_tokens, self._length or checkpoint.max_tokens)
        self._tokenizer.enable_truncation(limit)
        self._tokenizer.no_padding()
        self._longest_text = limit * CHARS_A_TOKEN
        self._output = _output_name(self._session, len(checkpoint.labels))
        for text in ("人脸", "脸 a " * limit):
            self._try(text)

    def tokens(self, text: str, start: int = 0) -> list[int]:
        """Token ids of a text; of one that is too long, of its part from `start` on.

        Args:
            text: any; a lone surrogate is read as a question mark.
            start: where a long text is most worth reading, in characters.
        """
        clean = text.encode("utf-8", "replace").decode("utf-8")
        encoding = self._tokenizer.encode(clean[: self._longest_text])
        if encoding.overflowing or len(clean) > self._longest_text:
            encoding = self._tokenizer.encode(clean[start : start + self._longest_text])
        ids: list[int] = encoding.ids
        return ids

    def logits(self, ids: Sequence[int]) -> list[float]:
        """The net's numbers, one a label; not finite when the net breaks on these tokens."""
        tokens = [*ids]
        length = len(tokens)
        if self._length:
            tokens += [self.checkpoint.pad_id] * (self._length - length)
        mask = [1] * length + [0] * (len(tokens) - length)
        rows = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": [0] * len(tokens)}
        feed = {name: np.array([rows[name]], kind) for name, kind in self._inputs.items()}
        (found,) = self._session.run([self._output], feed)
        numbers: list[float] = np.asarray(found, np.float64).reshape(-1).tolist()
        return numbers

    def _try(self, text: str) -> None:
        try:
            found = self.logits(self.tokens(text))
        except Exception as error:
            # The runtime's errors share no root; each means that net and tokens do not fit.
            raise ModelFolderError(f"model.onnx: does not run: {_one_line(error)}") from error
        if len(found) != len(self.checkpoint.labels):
            raise ModelFolderError(
                f"model.onnx: {len(found)} outputs, but config.json: id2label has "
                f"{len(self.checkpoint.labels)} labels"
            )


class DropIn(Encoder):
    """A checkpoint as the last stage; what it does not know stays as the stages before say.

    Args:
        folder: in transformers' checkpoint layout, with ``model.onnx``.
        offer_labels: see `classifiers.text.checkpoint.read_checkpoint`.

    Attributes:
        net: tokenizer and net.
        notes: what an operator should know, one sentence each; empty when all is well.

    Raises:
        ModelFolderError: names the file and the field at fault.
    """

    def __init__(self, folder: Path, offer_labels: Iterable[str] = ()) -> None:
        self.net = OnnxClassifier(read_checkpoint(folder, offer_labels))
        weights, self._doubt, self.notes = _read_fusion(self)
        self.fusion = asdict(weights)
        marks = (self.digest, self.net.checkpoint.offers, self.fusion, self._doubt)
        self.version = hashlib.sha256(repr(marks).encode()).hexdigest()[:12]

    @cached_property
    def digest(self) -> str:
        """Of net and tokenizer."""
        folder = self.net.checkpoint.folder
        digest = hashlib.sha256()
        # A large net keeps its weights in files beside it (model.onnx_data, model.onnx.data).
        for path in [*sorted(folder.glob("model.onnx*")), self.net.checkpoint.tokenizer]:
            with path.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
        return digest.hexdigest()[:12]

    def read(self, text: str, start: int = 0) -> EncoderReading:
        """Judge a normalised text: all of it, or what fits from `start` on.

        Where the net gives no number, it says nothing: log-odds 0.
        """
        checkpoint = self.net.checkpoint
        row = self.net.logits(self.net.tokens(text, start))
        if not all(map(math.isfinite, row)):
            return EncoderReading(0.0, {}, {})
        return EncoderReading(
            offer=checkpoint.offer_log_odds(row),
            categories=checkpoint.category_log_odds(row),
            intents=checkpoint.intent_log_odds(row),
        )


def first_fusion() -> Fusion:
    """How rules and n-grams are weighed before the last stage is asked."""
    return Fusion(**shipped_model().fusion)


def shared_fusion(bias: float, first: float, encoder: float) -> Fusion:
    """``bias + first * (log-odds of the stages before) + encoder * (log-odds of the model)``."""
    scaled = {name: first * value for name, value in asdict(first_fusion()).items()}
    scaled["bias"] += bias
    scaled["encoder"] = encoder
    return Fusion(**{name: round(value, 4) for name, value in scaled.items()})


def _read_fusion(stage: DropIn) -> tuple[Fusion, tuple[float, float], tuple[str, ...]]:
    folder = stage.net.checkpoint.folder
    if not (folder / FUSION).exists():
        note = f"{FUSION} is missing: its scores are not calibrated; see `monitor models fit`"
        return shared_fusion(0.0, SHARE, SHARE), DOUBT, (note,)
    stated = read_json_object(folder / FUSION)
    names = [field.name for field in fields(Fusion)]
    weights = stated.get("fusion")
    if not isinstance(weights, dict) or sorted(weights) != sorted(names):
        raise ModelFolderError(f"{FUSION}: fusion needs exactly {', '.join(names)}")
    for name, value in weights.items():
        if not _is_number(value):
            raise ModelFolderError(f"{FUSION}: fusion: {name} is not a number")
    doubt = stated.get("doubt")
    if not (isinstance(doubt, list) and len(doubt) == 2 and all(map(_is_number, doubt))):
        raise ModelFolderError(f"{FUSION}: doubt is not a pair of numbers")
    if doubt[0] > doubt[1]:
        raise ModelFolderError(f"{FUSION}: doubt: the first number is above the second")
    made_for = {"model": stage.digest, "ngrams": shipped_model().version}
    notes = tuple(
        f"{FUSION} was fitted for another {name}: fit it anew (`monitor models fit`)"
        for name, version in made_for.items()
        if stated.get(name) != version
    )
    return Fusion(**weights), (doubt[0], doubt[1]), notes


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def _load_tokenizer(checkpoint: Checkpoint) -> Any:
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(checkpoint.tokenizer))
    except Exception as error:
        # It raises bare exceptions.
        raise ModelFolderError(f"tokenizer.json: {_one_line(error)}") from error
    size = tokenizer.get_vocab_size()
    if checkpoint.vocabulary is not None and size > checkpoint.vocabulary:
        raise ModelFolderError(
            f"tokenizer.json: {size} tokens, but config.json: vocab_size is {checkpoint.vocabulary}"
        )
    return tokenizer


def _load_session(path: Path) -> Any:
    try:
        return open_net(path, log_severity=3)
    except Exception as error:
        # The runtime's errors share no root.
        raise ModelFolderError(f"model.onnx: cannot be loaded: {_one_line(error)}") from error


def _input_types(session: Any) -> dict[str, Any]:
    found = {}
    for asked in session.get_inputs():
        if asked.name not in INPUTS:
            raise ModelFolderError(
                f"model.onnx: input {asked.name!r} is none of {', '.join(INPUTS)}"
            )
        if asked.type not in INTEGERS:
            raise ModelFolderError(f"model.onnx: input {asked.name!r} is no whole number")
        found[asked.name] = INTEGERS[asked.type]
    if "input_ids" not in found:
        raise ModelFolderError("model.onnx: no input 'input_ids'")
    return found


def _fixed_length(session: Any) -> int | None:
    for asked in session.get_inputs():
        if len(asked.shape) != 2 or (isinstance(asked.shape[0], int) and asked.shape[0] != 1):
            raise ModelFolderError(
                f"model.onnx: input {asked.name!r} has the shape {asked.shape}; "
                "texts x tokens is needed, of one text or any number"
            )
        if isinstance(asked.shape[1], int):
            return int(asked.shape[1])
    return None


def _output_name(session: Any, labels: int) -> str:
    outputs = session.get_outputs()
    names: list[str] = [output.name for output in outputs]
    if "logits" in names:
        return "logits"
    fitting = [output.name for output in outputs if output.shape and output.shape[-1] == labels]
    return str(fitting[0]) if fitting else names[0]
