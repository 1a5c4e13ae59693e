"""Train the n-gram model.

    python -m classifiers.training.ngrams --data FOLDER --output FOLDER

About a minute on one core. `classifiers.training.fusion` measures it afterwards.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from classifiers.contract import Category, Intent
from classifiers.text.ngrams import COLUMNS, WINDOW, digest_of, features, share_of
from classifiers.training.augment import Tables, read_tables, variant
from classifiers.training.data import SEED, Corpus, Row, plain, read_corpus, undisguised

__all__ = ["main", "suspicious", "train"]

ORDINARY_WEIGHT = 0.3
OFFER_C = 150.0
SIDE_C = 60.0
DECOY_CHARS = 40
MIN_ROWS = 3
LARGEST_BYTE = 127


def _ngrams(view: str) -> list[str]:
    return list(features(view[:WINDOW]))


class _Features:
    """Rows of n-gram shares of views; the vocabulary comes from the labelled rows."""

    def __init__(self, views: Sequence[str]) -> None:
        self._counter = CountVectorizer(
            analyzer=_ngrams, min_df=MIN_ROWS, binary=True, dtype=np.float32
        )
        self._counter.fit(views)
        self.names: list[str] = list(self._counter.get_feature_names_out())

    def __call__(self, views: Sequence[str]) -> Any:
        counts = self._counter.transform(views)
        shares = [share_of(len(_ngrams(view))) for view in views]
        return sparse.diags(shares) @ counts


def _fit_offer(rows: Any, is_offer: Any, ordinary: Any) -> LogisticRegression:
    model = LogisticRegression(C=OFFER_C, solver="liblinear", random_state=SEED)
    weights = np.r_[np.ones(rows.shape[0]), np.full(ordinary.shape[0], ORDINARY_WEIGHT)]
    labels = np.r_[is_offer, np.zeros(ordinary.shape[0])]
    return model.fit(sparse.vstack([rows, ordinary]), labels, sample_weight=weights)


def _side_columns(features_of: Any, rows: Sequence[Row]) -> dict[str, tuple[Any, float]]:
    """Weights of categories (learned on offers) and intents (learned on everything)."""
    columns: dict[str, tuple[Any, float]] = {}
    offers = np.array([row.label == "positive" for row in rows])
    for names, mask, labels in (
        (list(Category), offers, [row.category for row in rows]),
        (list(Intent), np.ones(len(rows), dtype=bool), [row.intent for row in rows]),
    ):
        model = LogisticRegression(C=SIDE_C, max_iter=300)
        model.fit(features_of[mask], np.array(labels)[mask])
        places = {label: place for place, label in enumerate(model.classes_)}
        for name in names:
            if name.value not in places:
                raise ValueError(
                    f"no training row of {name.value}: every category and intent is needed"
                )
            place = places[name.value]
            columns[name.value] = model.coef_[place], float(model.intercept_[place])
    return columns


def _variants(rows: Sequence[Row], tables: Tables) -> list[Row]:
    """Every row once more, some of them written otherwise."""
    dice = random.Random(SEED)
    decoys = [row.text for row in rows if row.label == "benign" and len(row.text) < DECOY_CHARS]
    return [replace(row, text=variant(row.text, decoys, dice, tables)) for row in rows]


def train(corpus: Corpus, tables: Tables) -> tuple[dict[str, Any], list[str], bytes]:
    """Make the weights.

    Returns:
        The configuration (its fusion still empty), the n-grams and their weights, as
        `NgramModel.load` reads them.
    """
    rows, ordinary = corpus.training, corpus.ordinary_parts()[0]
    variants = _variants(rows, tables)
    # Variants stay as misspelt as they are: what the speller will not undo is learned, too.
    views = [plain(row.text) for row in rows] + [undisguised(row.text) for row in variants]
    rows = [*rows, *variants]
    features_of = _Features(views)
    labelled, seen = features_of(views), features_of([plain(text) for text in ordinary])
    is_offer = np.array([row.label == "positive" for row in rows], dtype=float)
    offer = _fit_offer(labelled, is_offer, seen)
    columns = {"offer": (offer.coef_[0], float(offer.intercept_[0]))}
    columns.update(_side_columns(labelled, rows))
    return _packed(features_of.names, columns)


def suspicious(corpus: Corpus, count: int) -> list[str]:
    """The ordinary training texts that look most like offers to n-grams that did not see them."""
    rows, ordinary = corpus.training, corpus.ordinary_parts()[0]
    views = [plain(row.text) for row in rows]
    features_of = _Features(views)
    labelled, seen = features_of(views), features_of([plain(text) for text in ordinary])
    is_offer = np.array([row.label == "positive" for row in rows], dtype=float)
    half = len(ordinary) // 2
    scores = np.zeros(len(ordinary))
    for learn, judge in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
        model = _fit_offer(labelled, is_offer, seen[learn])
        scores[judge] = model.decision_function(seen[judge])
    return [ordinary[at] for at in np.argsort(-scores)[:count]]


def _packed(
    names: list[str], columns: dict[str, tuple[Any, float]]
) -> tuple[dict[str, Any], list[str], bytes]:
    ordered = [columns[name] for name in COLUMNS]
    scales = [float(np.abs(weights).max()) / LARGEST_BYTE or 1.0 for weights, _ in ordered]
    steps = [np.rint(weights / scale) for (weights, _), scale in zip(ordered, scales, strict=True)]
    table = np.stack(steps, axis=1).astype(np.int8)
    says_something = np.abs(table).max(axis=1) > 0
    kept = [name for name, is_kept in zip(names, says_something, strict=True) if is_kept]
    content = table[says_something].tobytes()
    config = {
        "model_type": "linear-ngrams",
        "columns": list(COLUMNS),
        "scales": scales,
        "biases": [bias for _, bias in ordered],
        "fusion": {},
    }
    config["version"] = digest_of(config, kept, content)
    return config, kept, content


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="listings.jsonl and text/")
    parser.add_argument("--output", type=Path, required=True, help="folder of the model")
    parser.add_argument(
        "--without-own-rows", action="store_true", help="learn from the folder alone"
    )
    given = parser.parse_args(arguments)
    started = time.monotonic()
    corpus = read_corpus(given.data, own_rows=not given.without_own_rows)
    print(f"{len(corpus.training)} labelled rows, {len(corpus.ordinary_parts()[0])} ordinary texts")
    config, names, weights = train(corpus, read_tables(given.data))
    given.output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(config, indent=1, ensure_ascii=False)
    (given.output / "config.json").write_text(text + "\n", encoding="utf-8")
    (given.output / "ngrams.json").write_text(
        json.dumps(names, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    (given.output / "weights.bin").write_bytes(weights)
    print(f"{len(names)} n-grams, version {config['version']}, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
