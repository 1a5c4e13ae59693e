"""All fields of sources.md 2.2, 2.3, 2.4, 2.6 and 2.7 are read, from every generated row."""

from __future__ import annotations

import pytest

from tests.answers.variants import SHAPES
from tests.field_table import lost_fields

ROWS = 100


@pytest.mark.parametrize("shape", SHAPES)
def test_no_field_of_any_row_is_lost(shape: str) -> None:
    """`python -m tests.field_table` prints the same for more rows."""
    expected, lost = lost_fields(shape, ROWS)
    assert expected >= 8 * ROWS
    assert not lost
