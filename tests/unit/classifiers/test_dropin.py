"""A team's own classifier: its folder is understood or refused, and it takes the last stage."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto

import classifiers
from classifiers.assess import Assessor
from classifiers.contract import Category, Intent, Listing
from classifiers.text.checkpoint import ModelFolderError, Outputs, read_card, read_checkpoint
from classifiers.text.dropin import DOUBT, DropIn, OnnxClassifier, first_fusion, shared_fusion
from classifiers.text.encoder import COLUMNS
from classifiers.text.ngrams import shipped_model
from tests.checkpoints import INPUTS, write_checkpoint

WEIGHTS = {"卖": (0.0, 2.0), "料": (0.0, 3.0), "聊": (1.5, 0.0)}
THREE = {"脸": (4.0, 0.0, 0.0), "活": (0.0, 4.0, 0.0), "聊": (0.0, 0.0, 4.0)}
ALWAYS = [-1e9, 1e9]


def three_labels(folder: Path, **config: Any) -> Path:
    """Two categories and what is neither."""
    names = {"0": "face_id_bundle", "1": "photo_animation_tool", "2": "other"}
    return write_checkpoint(folder, THREE, (0.0, 0.0, 0.0), **({"id2label": names} | config))


def change(folder: Path, **fields: Any) -> None:
    """Change fields of the configuration; None takes one out."""
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8")) | fields
    kept = {name: value for name, value in config.items() if value is not None}
    path.write_text(json.dumps(kept), encoding="utf-8")


def test_of_two_logits_the_difference_is_the_log_odds(tmp_path: Path) -> None:
    """Softmax of two: what transformers makes when nothing else is said."""
    stage = DropIn(write_checkpoint(tmp_path, WEIGHTS, (0.5, 0.0)))
    assert stage.net.checkpoint.labels == ("LABEL_0", "LABEL_1")
    assert stage.read("卖料").offer == pytest.approx(4.5)
    assert stage.read("聊").offer == pytest.approx(-2.0)


def test_one_logit_is_the_log_odds(tmp_path: Path) -> None:
    """A single output with a sigmoid."""
    weights = {"卖": (2.0,)}
    folder = write_checkpoint(tmp_path, weights, (-1.0,), id2label={"0": "LABEL_0"})
    stage = DropIn(folder)
    assert stage.read("卖卖").offer == pytest.approx(3.0)
    assert stage.read("无").offer == pytest.approx(-1.0)


def test_of_independent_labels_the_surest_offer_speaks(tmp_path: Path) -> None:
    """Sigmoids: a face and a tool are not added up, and `other` is no offer."""
    stage = DropIn(three_labels(tmp_path, problem_type="multi_label_classification"))
    assert stage.net.checkpoint.outputs is Outputs.SIGMOID
    assert stage.read("脸活活").offer == pytest.approx(8.0)
    assert stage.read("聊").offer == pytest.approx(0.0)


def test_of_many_labels_the_offers_stand_against_the_rest(tmp_path: Path) -> None:
    """Softmax: the probabilities of both trades together."""
    stage = DropIn(three_labels(tmp_path))
    expected = math.log((math.exp(4) + 1) / 1)
    assert stage.read("脸").offer == pytest.approx(expected)


def test_it_says_which_trade_and_nothing_of_trades_that_it_does_not_know(tmp_path: Path) -> None:
    """Unknown categories are not in the reading, and those known are even at 0."""
    stage = DropIn(three_labels(tmp_path))
    unsure = stage.read("聊").categories
    assert unsure == pytest.approx(
        {Category.FACE_ID_BUNDLE: 0.0, Category.PHOTO_ANIMATION_TOOL: 0.0}
    )
    sure = stage.read("脸").categories
    assert sure[Category.FACE_ID_BUNDLE] > 0 > sure[Category.PHOTO_ANIMATION_TOOL]


def test_a_lone_other_is_no_intent(tmp_path: Path) -> None:
    """It means that nothing is offered; what the writer wants is not said."""
    assert DropIn(three_labels(tmp_path)).read("聊").intents == {}


def test_labels_of_intents_are_read_as_such(tmp_path: Path) -> None:
    """Selling and buying are offers, a warning is none."""
    names = {"0": "sell", "1": "warn", "2": "buy"}
    stage = DropIn(write_checkpoint(tmp_path, THREE, (0.0, 0.0, 0.0), id2label=names))
    assert set(stage.net.checkpoint.offers) == {0, 2}
    intents = stage.read("脸").intents
    assert max(intents, key=intents.__getitem__) is Intent.SELL
    assert sum(map(math.exp, intents.values())) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["benign", "positive"], {1: None}),
        (["Offer", "none"], {0: None}),
        (["none", "id_document_sale"], {1: Category.ID_DOCUMENT_SALE}),
        (["LABEL_0", "LABEL_1"], {1: None}),
    ],
)
def test_usual_names_of_labels_need_no_word(
    tmp_path: Path, labels: list[str], expected: dict[int, Category | None]
) -> None:
    """The names that people give."""
    names = {str(at): label for at, label in enumerate(labels)}
    assert read_checkpoint(write_checkpoint(tmp_path, WEIGHTS, id2label=names)).offers == expected


def test_which_labels_mean_an_offer_can_be_said_in_the_file_and_on_the_way(tmp_path: Path) -> None:
    """What is given when it is read wins over the file, the file over names."""
    names = {"0": "甲", "1": "乙", "2": "丙"}
    folder = write_checkpoint(
        tmp_path, THREE, (0.0, 0.0, 0.0), id2label=names, offer_labels={"乙": "face_id_bundle"}
    )
    assert read_checkpoint(folder).offers == {1: Category.FACE_ID_BUNDLE}
    given = read_checkpoint(folder, ["甲", "丙=covert_face_capture"])
    assert given.offers == {0: None, 2: Category.COVERT_FACE_CAPTURE}
    change(folder, offer_labels=["丙"])
    assert read_checkpoint(folder).offers == {2: None}


def test_the_shipped_encoder_has_the_same_layout() -> None:
    """Its own heads are understood: an offer, a category, an intent."""
    folder = Path(classifiers.__file__).parent / "models" / "encoder"
    checkpoint = read_checkpoint(folder)
    assert checkpoint.outputs is Outputs.SHIPPED
    said = checkpoint.probabilities([0.0] * len(COLUMNS))
    assert said[0] == 0.5
    assert sum(said[1 : 1 + len(Category)]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"id2label": ["a", "b"]}, "config.json: id2label is not an object"),
        ({"id2label": {"0": "a", "2": "b"}}, "config.json: id2label has no label 1"),
        ({"id2label": {"0": "a", "1": 7}}, "id2label holds a label that is no text"),
        ({"id2label": {"0": "a", "1": "a"}}, "id2label names one label twice"),
        ({"id2label": {"0": "a", "1": "b"}}, "which labels mean an offer?"),
        ({"num_labels": 0}, "num_labels is not a whole number from 1 on"),
        ({"problem_type": "regression"}, "problem_type 'regression' gives no probability"),
        ({"problem_type": 3}, "problem_type 3 gives no probability"),
        ({"offer_labels": "offer"}, "offer_labels is neither a list"),
        ({"offer_labels": []}, "offer_labels is empty"),
        ({"offer_labels": ["nope"]}, "offer_labels: no label 'nope'; there are LABEL_0, LABEL_1"),
        ({"offer_labels": {"LABEL_1": "cats"}}, "'cats' is no category"),
        ({"offer_labels": ["LABEL_0", "LABEL_1"]}, "one must mean no offer"),
        ({"max_position_embeddings": "many"}, "max_position_embeddings is not a whole number"),
        ({"max_position_embeddings": 2}, "leaves room for no text"),
        ({"pad_token_id": -1}, "pad_token_id is not a whole number from 0 on"),
        ({"vocab_size": 3}, "tokenizer.json: 5 tokens, but config.json: vocab_size is 3"),
        ({"num_labels": 3}, "model.onnx: 2 outputs, but config.json: id2label has 3 labels"),
        ({"max_position_embeddings": 300}, "model.onnx: does not run"),
    ],
)
def test_a_wrong_field_is_named_with_its_file(
    tmp_path: Path, fields: dict[str, Any], complaint: str
) -> None:
    """One clear line, whatever is wrong."""
    folder = write_checkpoint(tmp_path, WEIGHTS)
    change(folder, **fields)
    with pytest.raises(ModelFolderError) as caught:
        OnnxClassifier(read_checkpoint(folder))
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\x00{", b"[1]", b"{}"])
def test_a_missing_or_damaged_file_is_named(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    """A folder that was copied half, or holds something else under that name."""
    folder = write_checkpoint(tmp_path, {"卖": (0.0, 1.0)}, num_labels=2)
    path = folder / name
    path.unlink() if content is None else path.write_bytes(content)
    if name == "config.json" and content == b"{}":
        assert read_checkpoint(folder).labels == ("LABEL_0", "LABEL_1")
        return
    with pytest.raises(ModelFolderError, match=name):
        OnnxClassifier(read_checkpoint(folder))


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """A path with a typing error."""
    with pytest.raises(ModelFolderError, match="not a folder"):
        read_checkpoint(tmp_path / "missing")


def test_an_input_that_nobody_can_fill_is_refused(tmp_path: Path) -> None:
    """Pictures, say."""
    folder = write_checkpoint(tmp_path, WEIGHTS, inputs=(*INPUTS[:2], "pixel_values"))
    with pytest.raises(ModelFolderError, match="input 'pixel_values' is none of input_ids"):
        OnnxClassifier(read_checkpoint(folder))


@pytest.mark.parametrize(
    "shape",
    [
        {"inputs": INPUTS},
        {"integers": TensorProto.INT32},
        {"length": 16},
        {"length": 16, "integers": TensorProto.INT32, "inputs": INPUTS},
    ],
    ids=["token types", "32 bits", "fixed length", "all"],
)
def test_graphs_of_other_shapes_answer_the_same(tmp_path: Path, shape: dict[str, Any]) -> None:
    """What exporters differ in: token types, width of integers, one fixed length."""
    usual = DropIn(write_checkpoint(tmp_path / "usual", WEIGHTS))
    other = DropIn(write_checkpoint(tmp_path / "other", WEIGHTS, **shape))
    for text in ("卖料", "聊聊", "", "卖" * 12):
        assert other.read(text).offer == pytest.approx(usual.read(text).offer)


def test_no_more_is_read_than_the_net_has_positions(tmp_path: Path) -> None:
    """The first tokens count; those that do not fit would break the net."""
    stage = DropIn(write_checkpoint(tmp_path, WEIGHTS, positions=10))
    assert stage.read("卖" * 5000).offer == pytest.approx(20.0)


def test_models_that_count_positions_after_the_padding_fit_fewer(tmp_path: Path) -> None:
    """RoBERTa's 514 are 512."""
    folder = write_checkpoint(
        tmp_path, WEIGHTS, positions=514, model_type="xlm-roberta", pad_token_id=1
    )
    assert read_checkpoint(folder).max_tokens == 512
    change(folder, max_position_embeddings=130)
    assert read_checkpoint(folder).max_tokens == 128


def test_the_tokenizers_own_limit_is_kept(tmp_path: Path) -> None:
    """A model that was fine-tuned on short texts says so there; no limit is a huge number."""
    folder = write_checkpoint(tmp_path, WEIGHTS)
    limits = folder / "tokenizer_config.json"
    limits.write_text('{"model_max_length": 20}', encoding="utf-8")
    assert read_checkpoint(folder).max_tokens == 20
    limits.write_text('{"model_max_length": 1000000000000000019884624838656}', encoding="utf-8")
    assert read_checkpoint(folder).max_tokens == 64


def test_a_long_text_is_read_where_it_matters(tmp_path: Path) -> None:
    """The stages before point to a place; a text that fits is read as a whole."""
    stage = DropIn(write_checkpoint(tmp_path, WEIGHTS, positions=10))
    long = "无" * 50 + "卖料"
    assert stage.read(long).offer == pytest.approx(0.0)
    assert stage.read(long, 45).offer == pytest.approx(5.0)
    assert stage.read("卖料无", 2).offer == pytest.approx(5.0)


def test_a_net_that_gives_no_number_says_nothing(tmp_path: Path) -> None:
    """Overflow in a rounded net must not become a score."""
    stage = DropIn(write_checkpoint(tmp_path, {"坏": (0.0, np.inf), "卖": (0.0, 1.0)}))
    broken = stage.read("坏")
    assert (broken.offer, broken.categories, broken.intents) == (0.0, {}, {})
    assert stage.read("卖").offer == pytest.approx(1.0)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_any_text_is_answered(tmp_path: Path, text: str) -> None:
    """Lone surrogates, controls, nothing at all."""
    folder = tmp_path / "model"
    stage = DropIn(folder if folder.exists() else write_checkpoint(folder, WEIGHTS))
    assert math.isfinite(stage.read(text).offer)


def test_without_a_fit_both_halves_count_alike_and_it_is_said(tmp_path: Path) -> None:
    """The documented default, with a note for the operator."""
    stage = DropIn(write_checkpoint(tmp_path, WEIGHTS))
    assert stage.fusion["encoder"] == 0.5
    assert stage.fusion["rules"] == pytest.approx(first_fusion().rules / 2, abs=1e-4)
    assert "fusion.json is missing" in stage.notes[0]
    assert stage.is_in_doubt(0.0)
    assert not stage.is_in_doubt(DOUBT[0] - 0.1)


def fusion_file(stage: DropIn, **fields: Any) -> dict[str, Any]:
    """What a fit writes."""
    made_for = {"model": stage.digest, "ngrams": shipped_model().version}
    weights = asdict(shared_fusion(-1.0, 0.5, 2.0))
    return {"fusion": weights, "doubt": [-2.0, 2.0], **made_for, **fields}


def test_a_fit_for_this_model_is_used_without_a_note(tmp_path: Path) -> None:
    """Weights and band come from the file."""
    stage = DropIn(write_checkpoint(tmp_path, WEIGHTS))
    (tmp_path / "fusion.json").write_text(json.dumps(fusion_file(stage)), encoding="utf-8")
    fitted = DropIn(tmp_path)
    assert fitted.notes == ()
    assert fitted.fusion["encoder"] == 2.0
    assert not fitted.is_in_doubt(2.5)


def test_a_fit_for_another_model_is_used_and_told(tmp_path: Path) -> None:
    """The net was replaced, or the n-grams were trained anew."""
    stage = DropIn(write_checkpoint(tmp_path, WEIGHTS))
    stale = fusion_file(stage, model="0", ngrams="0")
    (tmp_path / "fusion.json").write_text(json.dumps(stale), encoding="utf-8")
    of_net, of_ngrams = DropIn(tmp_path).notes
    assert "another model" in of_net
    assert "another ngrams" in of_ngrams


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"fusion": None}, "fusion needs exactly"),
        ({"fusion": {"bias": 1}}, "fusion needs exactly"),
        ({"doubt": [1]}, "doubt is not a pair"),
        ({"doubt": [2, 1]}, "the first number is above"),
        ({"doubt": [1, True]}, "doubt is not a pair"),
    ],
)
def test_a_damaged_fit_is_refused(tmp_path: Path, fields: dict[str, Any], complaint: str) -> None:
    """Rather no start than wrong scores."""
    stage = DropIn(write_checkpoint(tmp_path, WEIGHTS))
    broken = fusion_file(stage, **fields)
    (tmp_path / "fusion.json").write_text(json.dumps(broken), encoding="utf-8")
    with pytest.raises(ModelFolderError, match=complaint):
        DropIn(tmp_path)


def test_everything_that_changes_scores_changes_the_version(tmp_path: Path) -> None:
    """Old hits can be told apart: by net, by fit, by labels."""
    first = DropIn(write_checkpoint(tmp_path / "a", WEIGHTS))
    again = DropIn(write_checkpoint(tmp_path / "b", WEIGHTS))
    other_net = DropIn(write_checkpoint(tmp_path / "c", WEIGHTS | {"卖": (0.0, 2.5)}))
    other_labels = DropIn(tmp_path / "a", ["LABEL_0"])
    (tmp_path / "b" / "fusion.json").write_text(json.dumps(fusion_file(first)), encoding="utf-8")
    other_fit = DropIn(tmp_path / "b")
    versions = {s.version for s in (first, other_net, other_labels, other_fit)}
    assert len(versions) == 4
    assert again.version == first.version


def in_every_doubt(folder: Path) -> Path:
    """The model alone decides, and it is always asked."""
    stage = DropIn(folder)
    weights = dict.fromkeys(stage.fusion, 0.0) | {"encoder": 1.0}
    stated = fusion_file(stage, fusion=weights, doubt=ALWAYS)
    (folder / "fusion.json").write_text(json.dumps(stated), encoding="utf-8")
    return folder


def test_the_assessor_asks_it_instead_of_the_shipped_encoder(tmp_path: Path) -> None:
    """Its log-odds are the score, its part stands in the evidence, its version in the model."""
    stage = DropIn(in_every_doubt(three_labels(tmp_path)))
    assessor = Assessor(encoder=stage)
    assert assessor.version["encoder"] == stage.version
    offer = assessor.assess(Listing("脸脸"))
    assert offer.score == pytest.approx(1 / (1 + math.exp(-stage.read("脸脸").offer)), abs=1e-3)
    said = offer.categories
    assert said[Category.FACE_ID_BUNDLE] > said[Category.PHOTO_ANIMATION_TOOL]
    assert "encoder" in {item.signal for item in offer.evidence}
    assert assessor.assess(Listing("聊聊")).score < 0.1


def test_an_intent_that_it_does_not_know_stays_as_the_ngrams_say(tmp_path: Path) -> None:
    """No cue speaks of an intent in this text."""
    stage = DropIn(in_every_doubt(three_labels(tmp_path)))
    text = "人脸四件套身份证正反面"
    expected = shipped_model().read(text).intents
    assert expected, "the n-grams say nothing of it any more: choose another text"
    said = Assessor(encoder=stage).assess(Listing(text)).intent
    assert said is max(expected, key=expected.__getitem__)


def test_it_is_not_asked_where_the_stage_is_off(tmp_path: Path) -> None:
    """Stages before it decide alone."""
    stage = DropIn(in_every_doubt(three_labels(tmp_path)))
    without = Assessor(encoder=stage, use_encoder=False)
    assert without.version["encoder"] == "off"
    assert "encoder" not in {item.signal for item in without.assess(Listing("脸脸")).evidence}


def test_a_model_card_tells_where_a_model_comes_from(tmp_path: Path) -> None:
    """The head of the card, as hubs write it; anything else is no card."""
    (tmp_path / "README.md").write_text(
        "---\nlicense: mit\nbase_model: 'some/model'\ntags:\n  - x\n---\n# Model\n", "utf-8"
    )
    card = read_card(tmp_path)
    assert (card["license"], card["base_model"]) == ("mit", "some/model")
    (tmp_path / "README.md").write_text("# Model\n", "utf-8")
    assert read_card(tmp_path) == {}
