"""A taste of `make fuzz`: some hundred damaged files, and others each day."""

from __future__ import annotations

import datetime
import sys
from itertools import islice
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from fuzz_check import TARGETS
from fuzz_mutate import inputs

RUNS = 250
TODAY = datetime.date.today().toordinal()


@pytest.mark.parametrize("seed", [1, TODAY], ids=["always", f"today-{TODAY}"])
@pytest.mark.parametrize("target", TARGETS)
def test_no_damaged_file_is_a_traceback(target: str, seed: int) -> None:
    sound = 0
    for number, data in enumerate(islice(inputs(target, seed), RUNS)):
        try:
            sound += TARGETS[target](data)
        except Exception as error:
            raise AssertionError(f"{target}, seed {seed}, file {number}: {data!r}") from error
    assert 0.05 * RUNS < sound < 0.95 * RUNS  # neither only rubbish nor only what is whole
