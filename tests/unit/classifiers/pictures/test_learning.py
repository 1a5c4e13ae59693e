"""The training path on a handful of drawn pictures; only where torch is installed (extra train)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifiers.contract import PictureClass
from classifiers.images.classifier import Classifier
from classifiers.training.pictures import render

pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.mark.filterwarnings("ignore")
def test_training_writes_a_checkpoint_that_the_classifier_reads(tmp_path: Path) -> None:
    from classifiers.training.pictures import train

    pictures, model = tmp_path / "pictures", tmp_path / "model"
    render.main(["--output", str(pictures), "--count", "70", "--processes", "1"])
    train.main(
        ["--pictures", str(pictures), "--output", str(model), "--views", "1", "--epochs", "1"]
    )
    files = {path.name for path in model.iterdir()}
    assert files == {"config.json", "model.onnx", "preprocessor_config.json"}
    assert (model / "model.onnx").stat().st_size < 10 * 1024 * 1024
    assert json.loads((model / "config.json").read_text("utf-8"))["model_type"] == "mobilenet_v2"
    classifier = Classifier(model)
    with Image.open(pictures / "000000.jpg") as image:
        shares = classifier.classify(np.asarray(image.convert("RGB")))
    assert list(shares) == list(PictureClass)
    assert all(0 <= share <= 1 for share in shares.values())
