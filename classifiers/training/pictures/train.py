"""Train the picture classifier and write it as a transformers checkpoint with an ONNX file.

    python -m classifiers.training.pictures.train --pictures FOLDER --backbone FOLDER
        --output FOLDER [--views N] [--epochs N] [--minutes N]

A MobileNetV2 whose lower blocks stay as the backbone has them: what they say of a picture is
computed once for each of some views (parts, turns, colours) and kept, and only the upper blocks
learn. That fits a processor without an accelerator. `classifiers.training.pictures.render` wrote
the pictures, `classifiers.training.pictures.evaluate` chooses the thresholds afterwards.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch import nn
from transformers import MobileNetV2Config, MobileNetV2ForImageClassification

from classifiers.contract import PictureClass
from classifiers.evaluation.picture_figures import certain
from classifiers.images.classifier import prepared
from classifiers.text.onnx import open_net
from classifiers.training.pictures.backbone import read_backbone
from classifiers.training.pictures.views import view

__all__ = ["Features", "described", "learn", "main", "new_net", "write_checkpoint"]

SIDE: Final = 192
FROZEN: Final = 14
"""Of 16 blocks, so many stay as they are unless told otherwise."""

BATCH: Final = 64
RATE: Final = 1e-3
DECAY: Final = 0.02
SMOOTHING: Final = 0.02
SEED: Final = 7
TOLD: Final = 1000
UNKNOWN: Final = -1.0
"""Stands for what nobody can say."""
OPSET: Final = 17
OPEN: Final = 0.5
"""Threshold of every class until `evaluate` has chosen one."""


class _Lower(nn.Module):
    """Stem and frozen blocks."""

    def __init__(self, net: Any, frozen: int) -> None:
        super().__init__()
        self.stem = net.mobilenet_v2.conv_stem
        self.blocks = net.mobilenet_v2.layer[:frozen]

    def forward(self, pixel_values: Any) -> Any:
        hidden = self.stem(pixel_values)
        for block in self.blocks:
            hidden = block(hidden)
        return hidden


class _Upper(nn.Module):
    """All that learns; shares its weights with the whole network."""

    def __init__(self, net: Any, frozen: int) -> None:
        super().__init__()
        self.blocks = net.mobilenet_v2.layer[frozen:]
        self.last = net.mobilenet_v2.conv_1x1
        self.drop = nn.Dropout(0.2)
        self.head = net.classifier

    def forward(self, hidden: Any) -> Any:
        for block in self.blocks:
            hidden = block(hidden)
        return self.head(self.drop(self.last(hidden).mean((2, 3))))


def new_net(backbone: Path | None) -> Any:
    """The network before it has learnt anything of ours.

    Args:
        backbone: folder for `read_backbone`; None: random weights, for trying things out.

    Raises:
        OSError: a file of the backbone is missing.
        ValueError: it is another one.
    """
    torch.manual_seed(SEED)
    config = MobileNetV2Config(
        image_size=SIDE,
        num_labels=len(PictureClass),
        id2label={place: str(name) for place, name in enumerate(PictureClass)},
        label2id={str(name): place for place, name in enumerate(PictureClass)},
        problem_type="multi_label_classification",
    )
    net = MobileNetV2ForImageClassification(config)
    if backbone:
        found = read_backbone(backbone, len(net.mobilenet_v2.layer))
        state = {name: torch.from_numpy(value.copy()) for name, value in found.items()}
        net.mobilenet_v2.load_state_dict(state, strict=False)
    return net.eval()


class Features:
    """What the lower blocks say of each view, in half precision, and what is true of it.

    Attributes:
        frozen: how many blocks said it.
        hidden: views x channels x height x width.
        truth: views x classes: 1, 0, or -1 where nobody can say.
    """

    def __init__(self, frozen: int, hidden: Any, truth: Any) -> None:
        self.frozen = frozen
        self.hidden = hidden
        self.truth = truth

    def batches(self, rng: np.random.Generator) -> Iterator[tuple[Any, Any]]:
        """All views once in random order, in batches as the network takes them."""
        order = rng.permutation(len(self.truth))
        for at in range(0, len(order) - BATCH + 1, BATCH):
            some = order[at : at + BATCH]
            yield (
                torch.from_numpy(self.hidden[some].astype(np.float32)),
                torch.from_numpy(self.truth[some]),
            )


def _rows(pictures: Path) -> list[tuple[Path, list[float]]]:
    lines = (pictures / "truth.jsonl").read_text("utf-8").splitlines()
    rows = []
    for line in lines:
        row = json.loads(line)
        truth = certain(row["shows"], row["undecided"])
        rows.append(
            (pictures / row["file"], [UNKNOWN if v is None else float(v) for v in truth.values()])
        )
    return rows


def described(net: Any, pictures: Path, scratch: Path, views: int, frozen: int) -> Features:
    """Run the lower blocks over some views of every picture.

    Args:
        net: from `new_net`.
        pictures: written by `render`.
        scratch: a folder that exists; the lower blocks are written there as ONNX.
        views: how many of each picture; the first is the whole picture as it is.
        frozen: how many blocks do not learn.

    Raises:
        OSError: a picture is missing.
    """
    lower = scratch / "lower.onnx"
    _write_onnx(_Lower(net, frozen).eval(), lower, "hidden")
    session = open_net(lower, log_severity=3)
    rows = _rows(pictures)
    rng = np.random.default_rng(SEED)
    hidden, truth = [], []
    for number, (path, sure) in enumerate(rows):
        if number % TOLD == 0:
            print(f"looking at picture {number} of {len(rows)}", flush=True)
        with Image.open(path) as file:
            image = file.convert("RGB")
        for again in range(views):
            shown = view(image, rng) if again else image
            pixels = prepared(np.asarray(shown), SIDE)[None]
            (answer,) = session.run(None, {"pixel_values": pixels})
            hidden.append(answer[0].astype(np.float16))
            truth.append(sure)
    return Features(frozen, np.stack(hidden), np.array(truth, dtype=np.float32))


def learn(net: Any, features: Features, epochs: int, minutes: float) -> None:
    """Teach the upper blocks, for some epochs or until the time is up.

    The rate falls with the share of whichever ends first. Prints the loss of each epoch.
    """
    upper = _Upper(net, features.frozen).train()
    optimiser = torch.optim.AdamW(upper.parameters(), lr=RATE, weight_decay=DECAY)
    rng = np.random.default_rng(SEED)
    begun = time.monotonic()
    steps = max(len(features.truth) // BATCH, 1)
    for epoch in range(epochs):
        losses = []
        for number, (hidden, truth) in enumerate(features.batches(rng)):
            spent = (time.monotonic() - begun) / (60 * minutes)
            done = max(spent, (epoch + number / steps) / epochs)
            if done >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = RATE * 0.5 * (1 + np.cos(np.pi * done))
            sure = (truth >= 0).float()
            goal = truth.clamp(0, 1) * (1 - 2 * SMOOTHING) + SMOOTHING
            each = nn.functional.binary_cross_entropy_with_logits(
                upper(hidden), goal, reduction="none"
            )
            loss = (each * sure).sum() / sure.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        if losses:
            took = time.monotonic() - begun
            print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, {took:.0f} s", flush=True)
    upper.eval()


def _write_onnx(net: Any, path: Path, output: str) -> None:
    torch.onnx.export(
        net,
        (torch.zeros(1, 3, SIDE, SIDE),),
        str(path),
        dynamo=False,
        input_names=["pixel_values"],
        output_names=[output],
        dynamic_axes={"pixel_values": {0: "pictures"}, output: {0: "pictures"}},
        opset_version=OPSET,
    )


class _Logits(nn.Module):
    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixel_values: Any) -> Any:
        return self.net(pixel_values).logits


def write_checkpoint(net: Any, folder: Path) -> None:
    """Write ``config.json``, ``preprocessor_config.json`` and ``model.onnx``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    _write_onnx(_Logits(net.eval()), path, "logits")
    config = net.config.to_diff_dict() | {
        "thresholds": {str(kind): OPEN for kind in list(PictureClass)[:7]},
        "version": hashlib.sha256(path.read_bytes()).hexdigest()[:12],
    }
    preprocessor = {
        "image_processor_type": "MobileNetV2ImageProcessor",
        "do_resize": True,
        "size": {"height": SIDE, "width": SIDE},
        "resample": int(Image.Resampling.BILINEAR),
        "do_center_crop": False,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    for name, values in (("config.json", config), ("preprocessor_config.json", preprocessor)):
        text = json.dumps(values, indent=1, ensure_ascii=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True, help="written by render")
    parser.add_argument("--backbone", type=Path, help="folder of the backbone's files")
    parser.add_argument("--output", type=Path, required=True, help="folder of the model")
    parser.add_argument("--views", type=int, default=3, help="of each picture")
    parser.add_argument("--frozen", type=int, default=FROZEN, help="blocks that do not learn")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=30, help="of learning at most")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    net = new_net(given.backbone)
    given.output.mkdir(parents=True, exist_ok=True)
    features = described(net, given.pictures, given.output, given.views, given.frozen)
    (given.output / "lower.onnx").unlink()
    learn(net, features, given.epochs, given.minutes)
    write_checkpoint(net, given.output)


if __name__ == "__main__":
    main()
