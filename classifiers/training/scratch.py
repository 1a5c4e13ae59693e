"""A small transformer from scratch, for comparison: first masked words, then the task.

    python -m classifiers.training.scratch --data FOLDER --output FOLDER [--language FOLDER]

Four layers, 256 wide, with the shipped encoder's pieces as its vocabulary. It learns to
fill masked pieces (Devlin et al. 2019, arXiv:1810.04805) on the ordinary training texts
and our rows, then is fine-tuned as the shipped encoder is. Written as a transformers
checkpoint (``config.json``, ``model.safetensors``, ``tokenizer.json``) with an ONNX
file, so that `monitor models check` can compare the two. About a quarter of an hour on
two cores.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
)

import classifiers
from classifiers.text.encoder import COLUMNS, MAX_CHARS
from classifiers.training.augment import read_tables
from classifiers.training.data import SEED, Corpus, plain, read_corpus
from classifiers.training.tuning import PAD, encoded, fine_tune

__all__ = ["main", "pretrain"]

SHIPPED_TOKENIZER = Path(classifiers.__file__).parent / "models" / "encoder" / "tokenizer.json"
MASK = 4
"""The piece that stands for a hidden one; it is the rarest of the vocabulary."""

MASKED = 0.15
NOT_ASKED = -100
BATCH = 64
PRETRAIN_RATE = 5e-4
PRETRAIN_EPOCHS = 2
TUNE_RATE = 2e-4
TUNE_EPOCHS = 3
MIN_CHARS = 6
POSITIONS = 128


def _config(pieces: int) -> BertConfig:
    names = dict(enumerate(COLUMNS))
    return BertConfig(
        vocab_size=pieces,
        hidden_size=256,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=1024,
        max_position_embeddings=POSITIONS,
        pad_token_id=PAD,
        id2label=names,
        label2id={name: place for place, name in names.items()},
        problem_type="multi_label_classification",
    )


def _masked(ids: Any) -> tuple[Any, Any]:
    """Inputs with some pieces hidden, and what stood there (`NOT_ASKED` elsewhere)."""
    is_hidden = (torch.rand(ids.shape) < MASKED) & (ids > MASK)
    goal = torch.where(is_hidden, ids, torch.full_like(ids, NOT_ASKED))
    return torch.where(is_hidden, torch.full_like(ids, MASK), ids), goal


def pretrain(net: BertForMaskedLM, tokenizer: Tokenizer, texts: Sequence[str]) -> None:
    """Teach the language: fill in masked pieces, `PRETRAIN_EPOCHS` times over the texts."""
    dice = random.Random(SEED)
    optimizer = torch.optim.AdamW(net.parameters(), lr=PRETRAIN_RATE, weight_decay=0.01)
    total = PRETRAIN_EPOCHS * len(texts) // BATCH
    started, step = time.monotonic(), 0
    net.train()
    for _ in range(PRETRAIN_EPOCHS):
        ordered = sorted(dice.sample(list(texts), len(texts)), key=lambda text: len(text) // 8)
        batches = [ordered[at : at + BATCH] for at in range(0, len(ordered), BATCH)]
        dice.shuffle(batches)
        for batch in batches:
            share = min(1.0, (step + 1) / 300) * max(0.02, 1 - step / total)
            for group in optimizer.param_groups:
                group["lr"] = PRETRAIN_RATE * share
            ids, mask = encoded(tokenizer, batch)
            hidden, goal = _masked(ids)
            if (goal == NOT_ASKED).all():
                continue
            # Only hidden pieces are predicted: the vocabulary is what costs most here.
            states = net.bert(input_ids=hidden, attention_mask=mask).last_hidden_state
            asked = goal != NOT_ASKED
            loss = nn.functional.cross_entropy(net.cls(states[asked]), goal[asked])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            step += 1
            if step % 100 == 0:
                seconds = time.monotonic() - started
                print(
                    f"masked: step {step} of {total}, loss {loss.item():.3f}, {seconds:.0f} s",
                    flush=True,
                )


class _Logits(nn.Module):
    """A classifier that answers with its logits alone; its last layer learns fast."""

    def __init__(self, net: BertForSequenceClassification) -> None:
        super().__init__()
        self.body = net.bert
        self.head = net.classifier
        self.drop = net.dropout

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        pooled = self.body(input_ids=input_ids, attention_mask=attention_mask).pooler_output
        return self.head(self.drop(pooled))


def _texts(corpus: Corpus) -> list[str]:
    texts = [*corpus.ordinary_parts()[0], *(row.text for row in corpus.training)]
    return [plain(text)[:MAX_CHARS] for text in texts if len(text) >= MIN_CHARS]


def _language(corpus: Corpus, folder: Path | None) -> tuple[Tokenizer, BertForMaskedLM]:
    """The network that fills masked pieces, and its tokenizer."""
    if folder and folder.exists():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        language = BertForMaskedLM.from_pretrained(folder)
    else:
        tokenizer = Tokenizer.from_file(str(SHIPPED_TOKENIZER))
        language = BertForMaskedLM(_config(tokenizer.get_vocab_size()))
        tokenizer.enable_truncation(POSITIONS)
        pretrain(language, tokenizer, _texts(corpus))
        if folder:
            language.save_pretrained(folder)
            tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    tokenizer.enable_truncation(POSITIONS)
    return tokenizer, language


SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}


def _fast(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    """With the configuration without which transformers would guess another class."""
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        **SPECIAL,
        model_max_length=POSITIONS,
        model_input_names=["input_ids", "attention_mask"],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="listings.jsonl and text/")
    parser.add_argument("--output", type=Path, required=True, help="folder of the model")
    parser.add_argument("--language", type=Path, help="the first step: written, or read if there")
    given = parser.parse_args(arguments)
    torch.manual_seed(SEED)
    corpus = read_corpus(given.data)
    tokenizer, language = _language(corpus, given.language)
    net = BertForSequenceClassification(language.config)
    net.bert.load_state_dict(language.bert.state_dict(), strict=False)
    task = _Logits(net)
    fine_tune(task, tokenizer, corpus, read_tables(given.data), epochs=TUNE_EPOCHS, rate=TUNE_RATE)
    given.output.mkdir(parents=True, exist_ok=True)
    net.eval().save_pretrained(given.output)
    _fast(tokenizer).save_pretrained(given.output)
    ids, mask = encoded(tokenizer, ["四件套", "a longer text"])
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        task.eval(),
        (ids, mask),
        str(given.output / "model.onnx"),
        dynamo=False,
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "texts"}},
        opset_version=17,
    )


if __name__ == "__main__":
    main()
