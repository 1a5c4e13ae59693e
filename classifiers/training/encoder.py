"""Grow the encoder from multilingual-e5-small, fine-tune it, write it as ONNX in eight bits.

    python -m classifiers.training.encoder --data FOLDER --output FOLDER [--checkpoint FILE]
        [--start FILE] [--epochs N] [--rate R]

Kept are its first six layers and those pieces of its vocabulary that occur in our texts,
and all single Chinese characters; `classifiers.training.tuning` says what it learns
from. About half an hour on two cores.

`classifiers.training.fusion` fits the weights of its answers and measures it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from classifiers.text.encoder import COLUMNS
from classifiers.text.onnx import quiet_runtime
from classifiers.training.augment import read_tables
from classifiers.training.data import SEED, plain, read_corpus
from classifiers.training.e5 import Weights, unpack, wheel_file
from classifiers.training.tuning import PAD, UNKNOWN, encoded, fine_tune, unigram_tokenizer

__all__ = ["Net", "kept_pieces", "main"]

LAYERS = 6
EPOCHS = 5
LEARNING_RATE = 1e-4
MIN_PIECES = 4


def kept_pieces(weights: Weights, texts: Sequence[str]) -> list[int]:
    """Numbers of the pieces that occur in texts, and of all single Chinese characters."""
    full = unigram_tokenizer(list(zip(weights.pieces, weights.scores, strict=True)))
    counts = np.zeros(len(weights.pieces), dtype=int)
    for start in range(0, len(texts), 20_000):
        for encoding in full.encode_batch(texts[start : start + 20_000]):
            np.add.at(counts, encoding.ids, 1)
    return [
        number
        for number, piece in enumerate(weights.pieces)
        if number <= UNKNOWN
        or counts[number] >= MIN_PIECES
        or (len(piece) == 1 and ("\u4e00" <= piece <= "\u9fff" or piece.isascii()))
    ]


class Net(nn.Module):
    """Encoder, mean over the tokens, one linear layer with `COLUMNS` outputs."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.config = BertConfig(
            vocab_size=pieces,
            hidden_size=384,
            num_hidden_layers=LAYERS,
            num_attention_heads=12,
            intermediate_size=1536,
            max_position_embeddings=512,
            pad_token_id=PAD,
        )
        self.enc = BertModel(self.config, add_pooling_layer=False)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(384, len(COLUMNS))

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """Logits, one row a text."""
        hidden = self.enc(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).float()
        return self.head(self.drop((hidden * mask).sum(1) / mask.sum(1)))

    def explained(self, input_ids: Any, attention_mask: Any) -> tuple[Any, Any]:
        """Logits, and what each token adds to the first of them.

        The head is linear over a mean, so the shares of the tokens and the bias add up
        to the logit exactly.
        """
        hidden = self.enc(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).float()
        mean = (hidden * mask).sum(1) / mask.sum(1)
        # Not a matrix product: the quantiser would take it for a layer.
        added = (hidden * self.head.weight[0]).sum(2)
        shares = added * attention_mask / mask.sum(1)
        return self.head(mean), shares

    def start_from(self, weights: Weights, kept: Sequence[int]) -> None:
        """Take over the lower layers and the kept rows of the embeddings."""
        state = self.enc.state_dict()

        def copy(name: str, source: Any) -> None:
            state[name].copy_(torch.from_numpy(source.reshape(state[name].shape)))

        tensors = weights.tensors
        words = tensors["emb.word"].reshape(len(weights.tensors["emb.word"]) // 384, 384)
        copy("embeddings.word_embeddings.weight", words[list(kept)])
        copy("embeddings.position_embeddings.weight", tensors["emb.pos"])
        copy("embeddings.token_type_embeddings.weight", tensors["emb.type"])
        copy("embeddings.LayerNorm.weight", tensors["emb.ln.w"])
        copy("embeddings.LayerNorm.bias", tensors["emb.ln.b"])
        names = {
            "q": "attention.self.query",
            "k": "attention.self.key",
            "v": "attention.self.value",
            "ao": "attention.output.dense",
            "aln": "attention.output.LayerNorm",
            "fi": "intermediate.dense",
            "fo": "output.dense",
            "oln": "output.LayerNorm",
        }
        for layer in range(LAYERS):
            for short, name in names.items():
                for end, kind in (("w", "weight"), ("b", "bias")):
                    copy(f"encoder.layer.{layer}.{name}.{kind}", tensors[f"l{layer}.{short}.{end}"])


class _Explained(nn.Module):
    """The network with both outputs, for tracing."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net = net

    def forward(self, input_ids: Any, attention_mask: Any) -> tuple[Any, Any]:
        return self.net.explained(input_ids, attention_mask)


def _export(net: Net, tokenizer: Tokenizer, folder: Path) -> None:
    quiet_runtime()
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    folder.mkdir(parents=True, exist_ok=True)
    net.eval()
    ids, mask = encoded(tokenizer, ["四件套", "a longer text"])
    with tempfile.TemporaryDirectory() as scratch:
        plain_, ready = Path(scratch) / "plain.onnx", Path(scratch) / "ready.onnx"
        axes = {0: "texts", 1: "tokens"}
        torch.onnx.export(
            _Explained(net),
            (ids, mask),
            str(plain_),
            dynamo=False,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits", "offer_by_token"],
            dynamic_axes={
                "input_ids": axes,
                "attention_mask": axes,
                "logits": {0: "texts"},
                "offer_by_token": axes,
            },
            opset_version=17,
        )
        quant_pre_process(str(plain_), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            str(ready), str(folder / "model.onnx"), weight_type=QuantType.QInt8, per_channel=True
        )
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = net.config.to_diff_dict() | {
        "model_type": "bert",
        "id2label": {str(place): name for place, name in enumerate(COLUMNS)},
        "label2id": {name: place for place, name in enumerate(COLUMNS)},
        "pooling": "mean",
        "fusion": {},
        "doubt": [0.0, 0.0],
    }
    config["version"] = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()[:12]
    text = json.dumps(config, indent=1, ensure_ascii=False)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="listings.jsonl and text/")
    parser.add_argument("--output", type=Path, required=True, help="folder of the model")
    parser.add_argument("--checkpoint", type=Path, help="written after training; read if there")
    parser.add_argument("--start", type=Path, help="a checkpoint to go on from, with more rows")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="of learning, at its top")
    given = parser.parse_args(arguments)
    torch.manual_seed(SEED)
    weights = unpack(wheel_file())
    is_trained = given.checkpoint is not None and given.checkpoint.exists()
    begun = given.checkpoint if is_trained else given.start
    saved: dict[str, Any] = torch.load(begun, weights_only=True) if begun else {}
    corpus = read_corpus(given.data)
    own = [plain(row.text) for row in corpus.rows]
    kept = saved.get("kept") or kept_pieces(weights, [*own, *corpus.ordinary])
    tokenizer = unigram_tokenizer([(weights.pieces[at], weights.scores[at]) for at in kept])
    net = Net(len(kept))
    if saved:
        net.load_state_dict(saved["state"])
    else:
        net.start_from(weights, kept)
    if not is_trained:
        tables = read_tables(given.data)
        fine_tune(net, tokenizer, corpus, tables, epochs=given.epochs, rate=given.rate)
        if given.checkpoint:
            torch.save({"kept": kept, "state": net.state_dict()}, given.checkpoint)
    _export(net, tokenizer, given.output)


if __name__ == "__main__":
    main()
