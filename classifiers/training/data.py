"""Texts to learn from, and which of them nobody may learn from.

A folder holds ``listings.jsonl`` (labelled, with ``id`` whose prefix names the batch) and
``text/*.jsonl.gz`` (ordinary texts). Our own labelled rows lie beside this file.

Labelled rows of the folder are split by family, in `FOLDS` parts; the first is held out
from every model and fits the fusion, and so is one in `OWN_FOLDS` families of our own
rows. Texts that a row of ``test_rows`` has, too, are left out. Families of offers are
blocks of `BLOCK` rows as they were written, of everything else their theme. Ordinary
texts: the first `ORDINARY_TRAINING` train, the next `ORDINARY_FUSION` fit the fusion,
all further ones are only reported. The rows in ``test_rows`` are only reported, too.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from classifiers.text.disguises import shipped_undisguiser
from classifiers.text.normalise import fold
from classifiers.text.spelling import shipped_speller

__all__ = [
    "FOLDS",
    "ORDINARY_FUSION",
    "ORDINARY_TRAINING",
    "OWN_ROWS",
    "SEED",
    "Corpus",
    "Row",
    "plain",
    "read_corpus",
    "read_rows",
    "read_test_rows",
    "text_key",
    "undisguised",
]

SEED = 7
FOLDS = 6
OWN_FOLDS = 16
BLOCK = 20
ORDINARY_TRAINING = 120_000
ORDINARY_FUSION = 50_000
OWN_ROWS = Path(str(files("classifiers.training"))) / "rows"
TEST_ROWS = OWN_ROWS.parent / "test_rows"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text.

    Attributes:
        text: title and description, joined by a line end.
        label: ``positive``, ``benign`` or ``adjacent``.
        category: one of the eight for positives.
        intent: what the writer wants.
        family: rows of one family stay together.
        batch: who wrote it.
    """

    text: str
    label: str
    category: str
    intent: str
    family: str
    batch: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """All texts, split.

    Attributes:
        rows: labelled texts, neighbouring abuse left out: it is neither hit nor false alarm.
        folds: the fold of each row; fold 0 is held out.
        ordinary: harmless texts, in random order; see the module for their split.
    """

    rows: Sequence[Row]
    folds: Sequence[int]
    ordinary: Sequence[str]

    @property
    def training(self) -> list[Row]:
        """Rows that models may learn from."""
        return [row for row, fold_ in zip(self.rows, self.folds, strict=True) if fold_]

    @property
    def held(self) -> list[Row]:
        """Rows of families that no model saw."""
        return [row for row, fold_ in zip(self.rows, self.folds, strict=True) if not fold_]

    def ordinary_parts(self) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
        """For training, for the fusion, for the report; thirds where there are few."""
        third = len(self.ordinary) // 3
        first = min(ORDINARY_TRAINING, third)
        second = first + min(ORDINARY_FUSION, third)
        return self.ordinary[:first], self.ordinary[first:second], self.ordinary[second:]


def undisguised(text: str) -> str:
    """The view in which listed disguises are undone, before it is re-spelt."""
    return shipped_undisguiser().view(fold(text)).text


def plain(text: str) -> str:
    """The view that the models read."""
    return shipped_speller().respelt(shipped_undisguiser().view(fold(text))).text


def read_rows(path: Path) -> list[Row]:
    """The labelled rows of a JSON Lines file; raises `ValueError` with its line for a broken one."""
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            rows.append(_row(json.loads(line), path.stem))
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path}:{number}: {error}") from error
    return rows


def _row(fields: Mapping[str, str], stem: str) -> Row:
    batch, _, number = fields.get("id", f"{stem}-0").rpartition("-")
    theme = fields.get("family") or fields["category"]
    if "family" not in fields and fields["label"] == "positive":
        theme += f"/{int(number) // BLOCK}"
    return Row(
        text=fields["text"],
        label=fields["label"],
        category=fields["category"],
        intent=fields["intent"],
        family=f"{batch}/{theme}",
        batch=batch,
    )


def read_test_rows() -> list[Row]:
    """Rows that nothing learns from."""
    return [row for path in sorted(TEST_ROWS.glob("*.jsonl")) for row in read_rows(path)]


def _own_folds(rows: Sequence[Row]) -> list[int]:
    """0 for the families that are held out, 1 for the others; both sides of a pair together."""
    themes = [row.family.removesuffix("_offer").removesuffix("_harmless") for row in rows]
    names = sorted(set(themes))
    random.Random(SEED).shuffle(names)
    held = set(names[::OWN_FOLDS])
    return [int(theme not in held) for theme in themes]


def text_key(text: str) -> str:
    """What two texts have in common that differ in case, spaces and punctuation only."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _read_ordinary(folder: Path) -> list[str]:
    texts = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    random.Random(SEED).shuffle(texts)
    return texts


def _fold_of(families: Sequence[str]) -> dict[str, int]:
    names = sorted(set(families))
    random.Random(SEED).shuffle(names)
    return {name: place % FOLDS for place, name in enumerate(names)}


def read_corpus(folder: Path, *, own_rows: bool = True) -> Corpus:
    """Read everything.

    Args:
        folder: of the data.
        own_rows: whether the rows beside this file are added.

    Raises:
        OSError: a file is missing.
        ValueError: a line is not what it should be.
    """
    kept_out = {text_key(row.text) for row in read_test_rows()}

    def usable(path: Path) -> list[Row]:
        return [
            row
            for row in read_rows(path)
            if row.label != "adjacent" and text_key(row.text) not in kept_out
        ]

    rows = usable(folder / "listings.jsonl")
    fold_of = _fold_of([row.family for row in rows])
    folds = [fold_of[row.family] for row in rows]
    if own_rows:
        for path in sorted(OWN_ROWS.glob("*.jsonl")):
            own = usable(path)
            rows += own
            folds += _own_folds(own)
    return Corpus(rows, folds, _read_ordinary(folder / "text"))
