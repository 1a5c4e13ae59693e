"""How many fields of generated rows are read: `python -m tests.field_table [--rows 1000]`."""

from __future__ import annotations

import argparse
import random
from collections import Counter

from tests.answers.variants import SHAPES, value_of

__all__ = ["lost_fields", "main"]


def lost_fields(shape: str, rows: int, *, seed: int = 1) -> tuple[int, Counter[str]]:
    """How many values stood in so many generated rows, and which of them were not read."""
    expected, lost = 0, Counter[str]()
    for listing, fields in SHAPES[shape].read(random.Random(seed), rows):
        expected += len(fields)
        lost.update(name for name, value in fields.items() if value_of(listing, name) != value)
    return expected, lost


def main() -> int:
    """Print the count; 0 when nothing was lost."""
    parser = argparse.ArgumentParser(description="Fields read of generated rows.")
    parser.add_argument("--rows", type=int, default=1000, help="of each shape")
    rows = parser.parse_args().rows
    all_lost = 0
    print(f"{'shape':16} {'sources.md':>10} {'rows':>6} {'values':>8} {'read':>8}")
    for name, shape in SHAPES.items():
        expected, lost = lost_fields(name, rows)
        all_lost += lost.total()
        read = expected - lost.total()
        print(f"{name:16} {shape.section:>10} {rows:6} {expected:8} {read:8}")
        for field, count in lost.most_common():
            print(f"    {field}: {count} lost")
    return 1 if all_lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
