"""Write pictures with their truth, to learn from or to measure with.

    python -m classifiers.training.pictures.render --output FOLDER [--images FOLDER]
        [--split train|test] [--part choosing|reported] [--count N] [--processes N]

``NUMBER.jpg`` and a line in ``truth.jsonl`` each: renderer, disturbances, classes shown and
undecided, corners of cards, faces and texts. Training: `--count` pictures in all. Testing:
`--count` of each renderer, those of renderers kept for testing also under every disturbance,
and each ordinary photo and portrait of the kept-out groups once; with `--part` half of these, one
to choose thresholds on and one to report on. Some ten a second on one core.
Photos of the folder go into the pictures: keep those out of the repository, too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from PIL import Image

from classifiers.training.pictures.material import Split
from classifiers.training.pictures.sampling import (
    Order,
    Part,
    make,
    measuring_orders,
    training_orders,
)

__all__ = ["main"]

EDGE: Final = 320
"""Longer side of what is written, in pixels."""

QUALITY: Final = 90
CHUNK: Final = 20
COUNTS: Final = {Split.TRAIN: 12_000, Split.TEST: 40}


def _write(output: Path, images: Path | None, numbered: tuple[int, Order]) -> str:
    number, order = numbered
    sample = make(order, images)
    scale = min(1.0, EDGE / max(sample.image.size))
    size = [max(1, round(side * scale)) for side in sample.image.size]
    truth = sample.truth(scale)
    name = f"{number:06d}.jpg"
    image = sample.image.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    image.save(output / name, quality=QUALITY)
    return json.dumps({"file": name, **truth}, ensure_ascii=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write them; a folder that holds some is written anew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--images", type=Path, help="photos with their manifest; none: drawn")
    parser.add_argument("--split", type=Split, choices=list(Split), default=Split.TRAIN)
    parser.add_argument("--part", type=Part, choices=list(Part), help="half of what is tested")
    parser.add_argument("--count", type=int)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args(arguments)
    count = given.count or COUNTS[given.split]
    if given.split is Split.TRAIN:
        orders = training_orders(count)
    else:
        orders = measuring_orders(count, given.images, given.part)
    given.output.mkdir(parents=True, exist_ok=True)
    write = partial(_write, given.output, given.images)
    with (
        ProcessPoolExecutor(given.processes) as pool,
        (given.output / "truth.jsonl").open("w", encoding="utf-8") as truth,
    ):
        for line in pool.map(write, enumerate(orders), chunksize=CHUNK):
            truth.write(line + "\n")


if __name__ == "__main__":
    main()
