"""The report on a classifier counts what is certain, and the classifier's folder is checked."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifiers.contract import PictureClass
from classifiers.evaluation.figures import upper_bound
from classifiers.evaluation.picture_figures import (
    TRADE_CLASSES,
    Judged,
    curve_of,
    false_alarms,
    recall,
    threshold_for,
)
from classifiers.images.classifier import Classifier, prepared
from classifiers.training.pictures import evaluate
from classifiers.training.pictures.backbone import keras_tensors, read_backbone
from tests.tiny_classifier import TINY_SIDE, write_tiny_classifier

CARD = PictureClass.ID_CARD


def _judged(share: float, *, shown: bool | None, photo: bool = False, **more) -> Judged:
    truth: dict[PictureClass, bool | None] = dict.fromkeys(PictureClass, False)
    truth[CARD] = shown
    truth[PictureClass.ORDINARY] = shown is False
    shares: Mapping[PictureClass, float] = dict.fromkeys(PictureClass, 0.0) | {CARD: share}
    facts = {"file": "x", "renderer": "r", "kept_out": True, "disturbance": ""} | more
    return Judged(photo=photo, truth=truth, shares=shares, **facts)


def _pixels(colour: tuple[int, int, int], size: tuple[int, int] = (30, 20)) -> np.ndarray:
    return np.asarray(Image.new("RGB", size, colour))


def test_a_classifier_gives_every_class_a_probability(tmp_path: Path) -> None:
    classifier = Classifier(write_tiny_classifier(tmp_path))
    red, blue = (classifier.classify(_pixels(c)) for c in ((255, 0, 0), (0, 0, 255)))
    assert list(red) == list(PictureClass)
    assert red[CARD] > 0.99
    assert blue[CARD] < 0.01
    assert classifier.present(red) == {CARD}
    assert classifier.present(blue) == frozenset()


@pytest.mark.parametrize("size", [(1, 1), (3000, 2), (2, 3000), (640, 480)])
def test_pictures_of_any_shape_are_squeezed_into_the_input(size: tuple[int, int]) -> None:
    values = prepared(_pixels((255, 0, 127), size), TINY_SIDE)
    assert values.shape == (3, TINY_SIDE, TINY_SIDE)
    assert values[0].min() == pytest.approx(1)
    assert values[1].max() == pytest.approx(-1)


def test_a_model_made_for_other_classes_is_refused(tmp_path: Path) -> None:
    write_tiny_classifier(tmp_path)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["id2label"]["0"] = "cat"
    path.write_text(json.dumps(config), "utf-8")
    with pytest.raises(ValueError, match="other classes"):
        Classifier(tmp_path)


def test_recall_counts_only_pictures_that_surely_show_the_class() -> None:
    judged = [_judged(0.9, shown=True), _judged(0.2, shown=True), _judged(0.9, shown=None)]
    share = recall(judged, CARD, 0.5)
    assert (share.count, share.n) == (1, 2)


def test_text_in_an_ordinary_picture_is_no_false_alarm_and_a_card_is() -> None:
    limits = dict.fromkeys(TRADE_CLASSES, 0.5)
    text = _judged(0.0, shown=False)
    text = Judged(
        **{f: getattr(text, f) for f in Judged.__slots__}
        | {"shares": dict(text.shares) | {PictureClass.ADVERT_TEXT: 1.0}}
    )
    card = _judged(0.7, shown=False)
    share = false_alarms([text, card, _judged(0.9, shown=True)], limits, lambda _: True)
    assert (share.count, share.n) == (1, 2)


def test_the_threshold_is_the_lowest_that_keeps_the_bound() -> None:
    judged = [_judged(place / 1000, shown=False, photo=True) for place in range(1000)]
    threshold = threshold_for(judged, CARD, 0.01, 0.005)

    def wrong(at: float) -> int:
        return sum(one.shares[CARD] >= at for one in judged)

    assert upper_bound(wrong(threshold), 1000) <= 0.01
    assert upper_bound(wrong(threshold - 0.001), 1000) > 0.01


def test_the_threshold_also_rises_above_hard_ordinary_pictures() -> None:
    photos = [_judged(place / 1000, shown=False, photo=True) for place in range(500)]
    hard = [_judged(0.9, shown=False), *(_judged(0.1, shown=False) for _ in range(99))]
    assert threshold_for(photos, CARD, 0.01, 0.02) < 0.9
    assert threshold_for([*photos, *hard], CARD, 0.01, 0.005) > 0.9
    # One in a hundred is allowed here.
    assert threshold_for([*photos, *hard], CARD, 0.01, 0.02) < 0.9


def test_too_few_photos_show_no_bound_and_nothing_passes_unseen() -> None:
    judged = [_judged(0.3, shown=False, photo=True), _judged(0.1, shown=False, photo=True)]
    assert threshold_for(judged, CARD, 0.01, 0.005) > 0.3
    assert threshold_for([], CARD, 0.01, 0.005) == 1.0


def test_a_curve_falls_with_the_threshold() -> None:
    judged = [
        _judged(place / 50, shown=bool(place % 2), photo=not place % 2) for place in range(50)
    ]
    points = curve_of(judged, CARD)
    assert len(points) > 20
    for before, after in itertools.pairwise(points):
        assert after.threshold > before.threshold
        assert after.recall <= before.recall
        assert after.false_alarms <= before.false_alarms


def test_a_report_is_written_with_chosen_thresholds_and_a_sheet_of_errors(tmp_path: Path) -> None:
    model = write_tiny_classifier(tmp_path / "model")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rows = []
    for number in range(12):
        is_card = number < 6
        red = (200 if number else 40) if is_card else 30 + number
        Image.new("RGB", (40, 30), (red, 60, 60)).save(pictures / f"{number}.png")
        row = {
            "file": f"{number}.png",
            "renderer": "lying.on_table" if is_card else "photos.goods_photo",
            "kept_out": True,
            "shows": ["id_card"] if is_card else [],
            "undecided": [],
            "disturbances": [],
            "marks": [],
        }
        rows.append(row)
    (pictures / "truth.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    out = tmp_path / "report"
    arguments = ["--pictures", str(pictures), "--model", str(model), "--report", str(out)]
    evaluate.main([*arguments, "--choose"])
    figures = json.loads((out / "report.json").read_text("utf-8"))
    assert figures["recall"]["id_card"]["n"] == 6
    assert figures["recall"]["id_card"]["count"] == 5
    assert figures["false_alarms_on_photos"]["id_card"]["count"] == 0
    chosen = json.loads((model / "config.json").read_text("utf-8"))["thresholds"]["id_card"]
    assert chosen == pytest.approx(figures["thresholds"]["id_card"], abs=1e-5)
    assert "| id_card: lying.on_table | 0.833 | 1 | 6 |" in (out / "report.md").read_text("utf-8")
    with Image.open(out / "errors.png") as sheet:
        assert min(sheet.size) > 100


def _write_backbone(folder: Path, named: Mapping[str, np.ndarray]) -> Path:
    """As the package wraps them: names in one script, bytes in base64 in another."""
    entries, data = [], b""
    for name, values in named.items():
        shape = ",".join(map(str, values.shape))
        entries.append(
            f'{{name:"{name}",shape:[{shape}],dtype:"float32",'
            'quantization:{min:-1.5,scale:.5,dtype:"uint8"}}'
        )
        data += values.astype(np.uint8).tobytes()
    (folder / "model.min.js").write_text(f"x=[{','.join(entries)}]", "utf-8")
    text = base64.b64encode(data).decode()
    (folder / "group1-shard1of1.min.js").write_text(f'x="{text}"', "utf-8")
    return folder


def test_packed_weights_are_unpacked_in_their_order(tmp_path: Path) -> None:
    first = np.arange(900).reshape(30, 30) % 256
    second = np.arange(40) + 100
    tensors = keras_tensors(_write_backbone(tmp_path, {"a/kernel": first, "b/beta": second}))
    assert np.allclose(tensors["a/kernel"], first * 0.5 - 1.5)
    assert np.allclose(tensors["b/beta"], second * 0.5 - 1.5)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    folder = _write_backbone(tmp_path, {"a/kernel": np.zeros((30, 30))})
    with pytest.raises(ValueError, match="no tensor"):
        read_backbone(folder, 16)
    script = folder / "group1-shard1of1.min.js"
    script.write_text(script.read_text("utf-8").replace('x="', 'x="AAAA'), "utf-8")
    with pytest.raises(ValueError, match="have a name"):
        keras_tensors(folder)
    script.write_text("x=1", "utf-8")
    with pytest.raises(ValueError, match="no weights"):
        keras_tensors(folder)
