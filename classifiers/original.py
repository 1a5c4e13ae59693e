"""The net that an ONNX file was made from: run to compare both, or exported anew.

The only place that needs torch and transformers (the extra ``train``); both are imported
when they are asked for. Nothing is ever downloaded, and no code of a checkpoint is run.
"""

from __future__ import annotations

import importlib
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from classifiers.text.checkpoint import Checkpoint, ModelFolderError
from classifiers.text.onnx import quiet_runtime

__all__ = ["HOW_TO_INSTALL", "Original", "OriginalMissing", "export_onnx", "load_libraries"]

HOW_TO_INSTALL: Final = "pip install 'face-trade-monitor[train]'"
INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
OPSET: Final = 17


class OriginalMissing(Exception):
    """The original cannot be run here: no weights, or no torch; the text says what to do."""


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise OriginalMissing(f"{name} is not installed: {HOW_TO_INSTALL}") from error


def load_libraries(checkpoint: Checkpoint) -> None:
    """Import what the original needs, so that its own cost can be told apart from theirs.

    Raises:
        OriginalMissing: it cannot run here.
    """
    if not checkpoint.weights:
        raise OriginalMissing("neither *.safetensors nor pytorch_model*.bin is in the folder")
    _module("torch")
    _module("transformers")


class Original:
    """The checkpoint's own weights under transformers, on one thread, in 32 bits.

    Args:
        checkpoint: what its folder says.

    Attributes:
        load_s: seconds that loading took.

    Raises:
        OriginalMissing: it cannot run here.
        ModelFolderError: the weights are not those of the configuration.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        load_libraries(checkpoint)
        self._torch = _module("torch")
        transformers = _module("transformers")
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self._torch.set_num_threads(1)
        started = time.perf_counter()
        try:
            net, notes = transformers.AutoModelForSequenceClassification.from_pretrained(
                checkpoint.folder,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(
                checkpoint.folder, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:
            # Each model type fails in its own way; all mean that the files do not fit.
            reason = " ".join(str(error).split())[:300]
            raise ModelFolderError(f"transformers cannot load it: {reason}") from error
        if notes["missing_keys"]:
            # transformers would go on with random numbers in their place.
            names = ", ".join(sorted(notes["missing_keys"])[:3])
            raise ModelFolderError(f"{checkpoint.weights[0].name}: lacks weights: {names}")
        self.load_s = time.perf_counter() - started
        self.net = net.float().eval()
        self._max_tokens = checkpoint.max_tokens

    def encode(self, text: str) -> Mapping[str, Any]:
        """Tensors of one text, truncated as the ONNX file's input is."""
        clean = text.encode("utf-8", "replace").decode("utf-8")
        found: Mapping[str, Any] = self._tokenizer(
            clean, truncation=True, max_length=self._max_tokens, return_tensors="pt"
        )
        return found

    def logits(self, inputs: Mapping[str, Any]) -> list[float]:
        """The net's numbers, one a label; raises `ModelFolderError`."""
        try:
            with self._torch.inference_mode():
                found: list[float] = self.net(**inputs).logits[0].tolist()
        except (IndexError, RuntimeError) as error:
            raise ModelFolderError(
                "the net cannot read what its tokenizer gives: without a tokenizer_config.json "
                f"transformers guesses the class ({error})"
            ) from error
        return found


def export_onnx(checkpoint: Checkpoint, *, eight_bits: bool) -> Path:
    """Write ``model.onnx`` beside the weights.

    Args:
        checkpoint: whose.
        eight_bits: whether weights are rounded to 8 bits: a quarter of the size, mostly
            faster, not quite the same answers.

    Raises:
        OriginalMissing: it cannot be done here.
        ModelFolderError: there is an ONNX file already, or the net cannot be exported.
    """
    if checkpoint.net.exists():
        raise ModelFolderError("model.onnx: is there already; move it away to export it anew")
    torch = _module("torch")
    _module("onnx")
    original = Original(checkpoint)
    example = original.encode("人脸 a text")
    names = [name for name in INPUTS if name in example]
    axes = {0: "texts", 1: "tokens"}
    with tempfile.TemporaryDirectory(dir=checkpoint.folder) as scratch:
        exported = Path(scratch) / "exported.onnx"
        try:
            # Its warnings are for people who change the net; what came out is compared.
            with warnings.catch_warnings(action="ignore"):
                torch.onnx.export(
                    _logits_only(torch, original.net, names),
                    tuple(example[name] for name in names),
                    str(exported),
                    dynamo=False,
                    input_names=names,
                    output_names=["logits"],
                    dynamic_axes={**dict.fromkeys(names, axes), "logits": {0: "texts"}},
                    opset_version=OPSET,
                )
            ready = _in_eight_bits(exported) if eight_bits else exported
        except Exception as error:
            # Operators that cannot be exported fail in many ways.
            reason = " ".join(str(error).split())[:300]
            raise ModelFolderError(f"cannot be exported: {reason}") from error
        ready.replace(checkpoint.net)
    return checkpoint.net


def _in_eight_bits(exported: Path) -> Path:
    quiet_runtime()
    quantization = importlib.import_module("onnxruntime.quantization")
    preparing = importlib.import_module("onnxruntime.quantization.shape_inference")
    ready, target = exported.with_name("ready.onnx"), exported.with_name("eight-bits.onnx")
    preparing.quant_pre_process(str(exported), str(ready), skip_symbolic_shape=True)
    quantization.quantize_dynamic(
        str(ready),
        str(target),
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
    )
    return target


def _logits_only(torch: Any, net: Any, names: Sequence[str]) -> Any:
    """A net that takes its inputs by place and gives bare numbers, as the exporter needs."""

    class LogitsOnly(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, *inputs: Any) -> Any:
            return self.net(**dict(zip(names, inputs, strict=True))).logits

    return LogitsOnly().eval()
