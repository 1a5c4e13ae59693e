"""A team's own model as it lies in a folder: the transformers checkpoint layout.

Read here are the small files (``config.json``, ``tokenizer_config.json``, the head of
``README.md``): what the labels are, which of them mean an offer, how many tokens fit.
`classifiers.text.dropin` runs the net, `classifiers.original` the one it was made from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from classifiers.contract import OFFER_INTENTS, Category, Intent
from classifiers.text.encoder import COLUMNS

__all__ = [
    "Checkpoint",
    "ModelFolderError",
    "Outputs",
    "log_softmax",
    "read_card",
    "read_checkpoint",
    "read_json_object",
]

CONFIG: Final = "config.json"
TOKENIZER: Final = "tokenizer.json"
NET: Final = "model.onnx"
WEIGHTS: Final = ("*.safetensors", "pytorch_model*.bin")

ANY_OFFER: Final = "offer"
OFFER_NAMES: Final = frozenset({ANY_OFFER, "positive", "label_1"})
"""Labels that mean an offer of some trade, when nothing else is said."""

LONGEST_TOKENS: Final = 512
"""More tokens are never read at once, whatever fits: the time of a text has a bound."""

FIRST_POSITION_AFTER_PADDING: Final = frozenset(
    {
        "camembert",
        "data2vec-text",
        "ibert",
        "longformer",
        "mpnet",
        "roberta",
        "roberta-prelayernorm",
        "xlm-roberta",
        "xlm-roberta-xl",
        "xmod",
    }
)
"""Model types whose positions are counted from ``pad_token_id + 1``, so that fewer fit."""


class ModelFolderError(ValueError):
    """The folder holds no model that can be used; the text names the file and the field."""


class Outputs(StrEnum):
    """What the numbers of the net mean."""

    SOFTMAX = "softmax"
    """One label holds."""

    SIGMOID = "sigmoid"
    """Each label holds or does not, by itself."""

    SHIPPED = "shipped"
    """As our own encoder: an offer or not; one category; one intent."""


def log_softmax(values: Sequence[float]) -> list[float]:
    """Log-probabilities of scores of which one holds; empty for none."""
    if not values:
        return []
    total = log_sum(values)
    return [value - total for value in values]


def log_sum(values: Sequence[float]) -> float:
    """Logarithm of the sum of exponentials, without overflow."""
    highest = max(values)
    return highest + math.log(sum(math.exp(value - highest) for value in values))


def _log_sigmoid(value: float) -> float:
    return min(value, 0.0) - math.log1p(math.exp(-abs(value)))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is known of a model without running it.

    Attributes:
        folder: where it lies.
        labels: names of the outputs, in order.
        outputs: what the numbers mean.
        offers: places of the labels that mean an offer, each with its category; None: of
            some category.
        intents: places of the labels that name an intent; empty when they tell no offer
            from talk.
        max_tokens: so many are read at once.
        pad_id: token that fills up, for nets of one fixed length.
        vocabulary: number of tokens that the net knows; None when not said.
    """

    folder: Path
    labels: tuple[str, ...]
    outputs: Outputs
    offers: Mapping[int, Category | None]
    intents: Mapping[int, Intent]
    max_tokens: int
    pad_id: int
    vocabulary: int | None

    @property
    def net(self) -> Path:
        """The ONNX file; it may be missing."""
        return self.folder / NET

    @property
    def tokenizer(self) -> Path:
        """The tokenizer's file."""
        return self.folder / TOKENIZER

    @property
    def weights(self) -> tuple[Path, ...]:
        """Files of the original's weights; none when only the ONNX file is there."""
        found = (path for pattern in WEIGHTS for path in sorted(self.folder.glob(pattern)))
        return tuple(found)

    def probabilities(self, logits: Sequence[float]) -> list[float]:
        """Probability of each label, in [0, 1]."""
        if self.outputs is Outputs.SOFTMAX:
            return [math.exp(value) for value in log_softmax(logits)]
        if self.outputs is Outputs.SIGMOID:
            return [math.exp(_log_sigmoid(value)) for value in logits]
        first_intent = 1 + len(Category)
        groups = (logits[1:first_intent], logits[first_intent:])
        rest = [math.exp(value) for group in groups for value in log_softmax(group)]
        return [math.exp(_log_sigmoid(logits[0])), *rest]

    def offer_log_odds(self, logits: Sequence[float]) -> float:
        """Log-odds of any offer: of independent labels the one most sure speaks for all."""
        if self.outputs is Outputs.SOFTMAX:
            inside = [logits[place] for place in self.offers]
            outside = [logits[place] for place in range(len(logits)) if place not in self.offers]
            return log_sum(inside) - log_sum(outside)
        if self.outputs is Outputs.SHIPPED:
            return logits[0]
        return max(logits[place] for place in self.offers)

    def category_log_odds(self, logits: Sequence[float]) -> dict[Category, float]:
        """Log-probability of each category it knows, were it an offer, times their number.

        Times their number: a category that the model knows nothing of stands at 0, and
        so keeps its place among the others.
        """
        is_sigmoid = self.outputs is Outputs.SIGMOID
        found: dict[Category, list[float]] = {}
        for place, category in self.offers.items():
            if category is not None:
                score = _log_sigmoid(logits[place]) if is_sigmoid else logits[place]
                found.setdefault(category, []).append(score)
        sums = log_softmax([log_sum(scores) for scores in found.values()])
        return {
            category: score + math.log(len(found))
            for category, score in zip(found, sums, strict=True)
        }

    def intent_log_odds(self, logits: Sequence[float]) -> dict[Intent, float]:
        """Log-probability of each intent; empty when the model knows none."""
        scores = log_softmax([logits[place] for place in self.intents])
        return dict(zip(self.intents.values(), scores, strict=True))


def read_checkpoint(folder: Path, offer_labels: Iterable[str] = ()) -> Checkpoint:
    """Read what a model's folder says of itself.

    Args:
        folder: in transformers' checkpoint layout.
        offer_labels: which labels mean an offer, ``LABEL`` or ``LABEL=category``; none: as
            ``offer_labels`` in ``config.json`` says, else labels that are named like our
            categories, ``offer``, ``positive``, ``LABEL_1``, or like an offer's intent.

    Raises:
        ModelFolderError: names the file and the field at fault.
    """
    if not folder.is_dir():
        raise ModelFolderError(f"{folder}: not a folder")
    config = read_json_object(folder / CONFIG)
    labels = _labels(config)
    outputs = _outputs(config, labels)
    offers = _offers(config, labels, tuple(offer_labels))
    if outputs is Outputs.SOFTMAX and len(offers) == len(labels):
        raise ModelFolderError(f"{CONFIG}: offer_labels names every label; one must mean no offer")
    if not (folder / TOKENIZER).is_file():
        raise ModelFolderError(
            f"{TOKENIZER}: missing; save the tokenizer as a fast one (save_pretrained)"
        )
    return Checkpoint(
        folder=folder,
        labels=labels,
        outputs=outputs,
        offers=offers,
        intents=_intents(labels),
        max_tokens=_max_tokens(config, folder),
        pad_id=_whole_number(config, "pad_token_id", 0) or 0,
        vocabulary=_whole_number(config, "vocab_size", 1),
    )


def read_json_object(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        ModelFolderError: it is missing, or holds something else.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelFolderError(f"{path.name}: missing") from None
    except OSError as error:
        raise ModelFolderError(f"{path.name}: {error.strerror}") from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ModelFolderError(f"{path.name}: not JSON that can be read: {error}") from error
    if not isinstance(value, dict):
        raise ModelFolderError(f"{path.name}: not a JSON object")
    return value


def read_card(folder: Path) -> Mapping[str, str]:
    """The plain ``name: value`` lines between the two ``---`` that begin a model card.

    Empty without a card. Of use here: ``license``, ``base_model``.
    """
    try:
        lines = (folder / "README.md").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    if not lines or lines[0].strip() != "---" or "---" not in lines[1:]:
        return {}
    head = lines[1 : lines.index("---", 1)]
    pairs = (line.partition(":") for line in head if ":" in line and not line.startswith(" "))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _whole_number(config: Mapping[str, Any], field: str, lowest: int) -> int | None:
    value = config.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
        raise ModelFolderError(f"{CONFIG}: {field} is not a whole number from {lowest} on")
    return value


def _labels(config: Mapping[str, Any]) -> tuple[str, ...]:
    named = config.get("id2label")
    if named is None:
        # transformers leaves both out when they are its defaults.
        count = _whole_number(config, "num_labels", 1) or 2
        return tuple(f"LABEL_{place}" for place in range(count))
    if not isinstance(named, dict) or not named:
        raise ModelFolderError(f"{CONFIG}: id2label is not an object of numbers to names")
    try:
        labels = tuple(named[str(place)] for place in range(len(named)))
    except KeyError as error:
        raise ModelFolderError(f"{CONFIG}: id2label has no label {error.args[0]}") from None
    if not all(isinstance(label, str) and label for label in labels):
        raise ModelFolderError(f"{CONFIG}: id2label holds a label that is no text")
    if len(set(labels)) < len(labels):
        raise ModelFolderError(f"{CONFIG}: id2label names one label twice")
    return labels


def _outputs(config: Mapping[str, Any], labels: Sequence[str]) -> Outputs:
    kind = config.get("problem_type")
    if kind is None and tuple(labels) == COLUMNS:
        return Outputs.SHIPPED
    if kind == "multi_label_classification" or (kind is None and len(labels) == 1):
        return Outputs.SIGMOID
    if kind in {None, "single_label_classification"} and len(labels) > 1:
        return Outputs.SOFTMAX
    if kind == "single_label_classification":
        raise ModelFolderError(
            f"{CONFIG}: problem_type is single_label_classification, but there is one label only"
        )
    raise ModelFolderError(
        f"{CONFIG}: problem_type {kind!r} gives no probability; "
        "single_label_classification or multi_label_classification is needed"
    )


def _offers(
    config: Mapping[str, Any], labels: Sequence[str], given: Sequence[str]
) -> dict[int, Category | None]:
    if given:
        pairs = [entry.rpartition("=") if "=" in entry else (entry, "", "") for entry in given]
        return _named_offers({label: name for label, _, name in pairs}, labels, "offer labels")
    where = f"{CONFIG}: offer_labels"
    stated = config.get("offer_labels")
    if isinstance(stated, list) and all(isinstance(label, str) for label in stated):
        return _named_offers(dict.fromkeys(stated, ""), labels, where)
    if isinstance(stated, dict) and all(isinstance(name, str) for name in stated.values()):
        return _named_offers(stated, labels, where)
    if stated is not None:
        raise ModelFolderError(f"{where} is neither a list of labels nor labels with categories")
    return _usual_offers(labels)


def _named_offers(
    named: Mapping[str, str], labels: Sequence[str], where: str
) -> dict[int, Category | None]:
    if not named:
        raise ModelFolderError(f"{where} is empty")
    found: dict[int, Category | None] = {}
    for label, name in named.items():
        if label not in labels:
            raise ModelFolderError(f"{where}: no label {label!r}; there are {', '.join(labels)}")
        if name not in {"", ANY_OFFER, *Category}:
            raise ModelFolderError(
                f"{where}: {name!r} is no category; use {ANY_OFFER}, {', '.join(Category)}"
            )
        found[labels.index(label)] = None if name in {"", ANY_OFFER} else Category(name)
    return found


def _usual_offers(labels: Sequence[str]) -> dict[int, Category | None]:
    if len(labels) == 1:
        only = labels[0]
        return {0: Category(only) if only in set(Category) else None}
    found: dict[int, Category | None] = {}
    for place, label in enumerate(labels):
        if label in set(Category):
            found[place] = Category(label)
        elif label.lower() in OFFER_NAMES:
            found[place] = None
    if not found:
        found = {at: None for at, label in enumerate(labels) if label in OFFER_INTENTS}
    if not found:
        raise ModelFolderError(
            f"{CONFIG}: which labels mean an offer? Add offer_labels; there are "
            + ", ".join(labels)
        )
    return found


def _intents(labels: Sequence[str]) -> dict[int, Intent]:
    found = {at: Intent(label) for at, label in enumerate(labels) if label in set(Intent)}
    kinds = {intent in OFFER_INTENTS for intent in found.values()}
    # A lone `other` beside categories means "no offer", not an intent.
    return found if len(kinds) == 2 else {}


def _max_tokens(config: Mapping[str, Any], folder: Path) -> int:
    limits = [LONGEST_TOKENS]
    positions = _whole_number(config, "max_position_embeddings", 1)
    if positions is not None:
        if config.get("model_type") in FIRST_POSITION_AFTER_PADDING:
            positions -= (_whole_number(config, "pad_token_id", 0) or 0) + 1
        limits.append(positions)
    if (folder / "tokenizer_config.json").exists():
        stated = read_json_object(folder / "tokenizer_config.json").get("model_max_length")
        # Without a limit transformers writes a number of thirty digits.
        if isinstance(stated, int | float) and 0 < stated < 1_000_000:
            limits.append(int(stated))
    if min(limits) < 3:
        raise ModelFolderError(f"{CONFIG}: max_position_embeddings leaves room for no text")
    return min(limits)
