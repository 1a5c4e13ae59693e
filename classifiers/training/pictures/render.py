"""Write training pictures with their truth.

    python -m classifiers.training.pictures.render --output FOLDER [--images FOLDER]
        [--count N] [--processes N]

``NUMBER.jpg`` and a line in ``truth.jsonl`` each: renderer, disturbances, kinds shown and
undecided, corners of cards, faces and texts. Some 25 pictures a second on two cores. Photos
of the folder go into the pictures: keep those out of the repository, too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image

from classifiers.training.pictures.sampling import chosen, make

__all__ = ["main"]

EDGE = 320
"""Longer side of what is written, in pixels."""

QUALITY = 90
CHUNK = 50


def _write(output: Path, images: Path | None, seed: int) -> str:
    renderer, disturbances = chosen(seed)
    sample = make(renderer, seed, images=images, disturbances=disturbances)
    truth = sample.truth()
    scale = min(1.0, EDGE / max(sample.image.size))
    size = [max(1, round(side * scale)) for side in sample.image.size]
    for mark in truth["marks"]:
        mark["quad"] = [[round(at * scale) for at in corner] for corner in mark["quad"]]
    name = f"{seed:06d}.jpg"
    image = sample.image.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    image.save(output / name, quality=QUALITY)
    return json.dumps({"file": name, **truth}, ensure_ascii=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write them; a folder that holds some is written anew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--count", type=int, default=12_000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    write = partial(_write, options.output, options.images)
    with (
        ProcessPoolExecutor(options.processes) as pool,
        (options.output / "truth.jsonl").open("w", encoding="utf-8") as truth,
    ):
        for line in pool.map(write, range(options.count), chunksize=CHUNK):
            truth.write(line + "\n")


if __name__ == "__main__":
    main()
