"""How well offers are read out: precision and recall of each field on labelled rows.

    python -m benchmarks.offers [--rows FILE] [--half odd|even|all] [--errors]

The rows were labelled by hand, each value once. Odd lines of the file serve for
development, even ones for the figures (`--half even`, the default); `all` mixes both and
flatters. The first six lines were seen before the reader was written and count as odd.
A price counts when value, currency and unit agree; a quantity when number and unit
agree; everything else when the canonical name does. The line "value alone" leaves
currency and unit aside. Where a value agrees, its span must also meet a place where the
label's words stand, or the mention is counted as misplaced. Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from classifiers.contract import Mention, Offer, Quantity, UnitPrice
from classifiers.text.disguises import shipped_undisguiser
from classifiers.text.normalise import fold
from classifiers.text.offer import shipped_offer_reader
from classifiers.text.redact import find_personal

ROWS = Path("classifiers/training/test_rows_offers.jsonl")
Z = 1.959964
# A field's name in the labels, and in `Offer`.
FIELDS = {
    "unit_price": "unit_prices",
    "quantity": "quantities",
    "contents": "contents",
    "origin": "origins",
    "targets": "targets",
    "delivery": "delivery",
    "handoff": "handoff",
}
# Besides: the number of an amount without its currency and unit; no part of the total.
VALUE_ALONE = {"unit_price": "price, value alone", "quantity": "number, value alone"}
MINOR_UNITS = 100
SEEN_LINES = 6
"""Lines at the head of the file that were known when the reader was written."""


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share; (0, 1) when there is nothing."""
    if not total:
        return 0.0, 1.0
    share = right / total
    middle = share + Z * Z / (2 * total)
    width = Z * math.sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    below = 1 + Z * Z / total
    return max(0.0, (middle - width) / below), min(1.0, (middle + width) / below)


def read(text: str) -> Offer:
    """What is read out of a text."""
    folded = fold(text)
    contacts, _ = find_personal(folded)
    return shipped_offer_reader().read(folded, shipped_undisguiser().view(folded), contacts)


def labelled(row: Mapping[str, Any], field: str) -> dict[tuple[Any, ...], str]:
    """The values that a person found, and the words that say so."""
    return {_label_key(field, item): item["quote"] for item in row["fields"].get(field, ())}


def _label_key(field: str, item: Mapping[str, Any]) -> tuple[Any, ...]:
    if field == "unit_price":
        # Rounded as the contract says: to whole hundredths, one at least.
        return max(1, round(item["value"] * MINOR_UNITS)), item["currency"], item["unit"]
    if field == "quantity":
        return item["value"], item["unit"]
    return (item["value"],)


def found(offer: Offer, field: str) -> dict[tuple[Any, ...], tuple[int, int]]:
    """The values that were read, and their spans."""
    return {_key(item): (item.start, item.end) for item in getattr(offer, FIELDS[field])}


def _key(item: UnitPrice | Quantity | Mention) -> tuple[Any, ...]:
    if isinstance(item, UnitPrice):
        return item.minor, item.currency, item.unit
    if isinstance(item, Quantity):
        return item.count, item.unit
    return (item.value,)


def places(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Everywhere that words stand."""
    at = text.find(quote)
    while at >= 0:
        yield at, at + len(quote)
        at = text.find(quote, at + 1)


def compare(rows: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Counter[str]], list[str]]:
    """Counts by field (right, missed, false, misplaced), and the errors in words."""
    counts = {field: Counter[str]() for field in (*FIELDS, *VALUE_ALONE.values())}
    errors = []
    for row in rows:
        text, offer = row["text"], read(row["text"])
        for field in FIELDS:
            wanted, read_out = labelled(row, field), found(offer, field)
            right = wanted.keys() & read_out.keys()
            missed, false = wanted.keys() - right, read_out.keys() - right
            misplaced = [
                key
                for key in right
                if not any(
                    start < read_out[key][1] and read_out[key][0] < end
                    for start, end in places(text, wanted[key])
                )
            ]
            counts[field].update(
                right=len(right), missed=len(missed), false=len(false), misplaced=len(misplaced)
            )
            if field in VALUE_ALONE:
                ours, theirs = {key[0] for key in read_out}, {key[0] for key in wanted}
                counts[VALUE_ALONE[field]].update(
                    right=len(ours & theirs), missed=len(theirs - ours), false=len(ours - theirs)
                )
            said = [f"missed {key} ({wanted[key]})" for key in sorted(missed, key=str)]
            said += [
                f"false {key} ({text[slice(*read_out[key])]})" for key in sorted(false, key=str)
            ]
            if said:
                errors.append(f"{row['id']} {field}: {'; '.join(said)}\n    {text!r}")
    return counts, errors


def print_counts(counts: Mapping[str, Counter[str]]) -> None:
    """A line for each field and one for all."""
    total: Counter[str] = Counter()
    print(
        f"{'field':<19}  labels   read  {'precision (95 %)':<22}  {'recall (95 %)':<22}  misplaced"
    )
    for field, count in [*counts.items(), ("all", total)]:
        if field in FIELDS:
            total.update(count)
        right = count["right"]
        labels, read_out = right + count["missed"], right + count["false"]
        shares = []
        for whole in (read_out, labels):
            low, high = wilson(right, whole)
            share = right / whole if whole else math.nan
            shares.append(f"{share:.3f} ({low:.3f}-{high:.3f})")
        print(
            f"{field:<19} {labels:>7} {read_out:>6}  {shares[0]:<22}  {shares[1]:<22} "
            f"{count['misplaced']:>10}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of one half of the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=Path, default=ROWS)
    parser.add_argument("--half", choices=("odd", "even", "all"), default="even")
    parser.add_argument("--errors", action="store_true", help="show them (spoils that half)")
    given = parser.parse_args(arguments)
    lines = given.rows.read_text(encoding="utf-8").splitlines()
    chosen = [
        json.loads(line)
        for number, line in enumerate(lines, 1)
        if given.half in ("all", "odd" if number % 2 or number <= SEEN_LINES else "even")
    ]
    counts, errors = compare(chosen)
    print(f"{len(chosen)} rows, half {given.half} of {given.rows.name}")
    print_counts(counts)
    if given.errors:
        print(*errors, sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
