"""Finders and readers are loaded once for all tests of pictures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from classifiers.assess import Assessor
from classifiers.images.reading import PictureReader


@pytest.fixture(scope="session")
def assessor() -> Assessor:
    return Assessor()


@pytest.fixture(scope="session")
def reader(assessor: Assessor) -> Iterator[PictureReader]:
    with PictureReader(assessor.assess) as shared:
        yield shared
