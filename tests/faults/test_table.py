"""The fault table, mild: two moments of each daily fault, outages of ten seconds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.fault import Extent, Fault
from tests.faults.stage import Stage, open_stage
from tests.faults.table import run
from tests.servers.fixtures import ask_for
from tools.services.stack import Stack

MOMENTS = 2
OUTAGE_S = 10.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def stage(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One for all faults: what one leaves behind, the next would find."""
    folder = tmp_path_factory.mktemp("faults")
    with ExitStack() as opened:
        yield ask_for(lambda: opened.enter_context(open_stage(folder, stack)))


DAILY = [fault for fault in FAULTS if fault.is_daily]


@pytest.mark.parametrize("fault", DAILY, ids=lambda fault: fault.name)
def test_after_the_fault_everything_is_there_once(stage: Stage, fault: Fault) -> None:
    """Every listing, hit, indexed hit and alert; nothing waits; nobody repaired anything."""
    extent = Extent(MOMENTS, OUTAGE_S, random.Random(fault.name))
    result = ask_for(lambda: run(stage, fault, extent))
    assert not result.trouble
