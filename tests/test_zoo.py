"""The zoo: every bug is found by the command that must find it, on one algorithm or the few that it takes.

`make zoo` lets all commands loose on all of them, on what takes a load of a minute as well, and on sound
libraries.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from zoo.bug import COMMANDS, TABLES, Bug, read
from zoo.hunt import Outcome, hunt, place_of

BUGS = [bug for table in TABLES for bug in read(table) if bug.found_by != "longer"]
SEED = 1
Hunts = dict[str, Future[Outcome]]


@pytest.fixture(scope="module")
def hunts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hunts]:
    """All hunts that were chosen, two at a time: each test waits for its own."""
    directory = tmp_path_factory.mktemp("zoo")
    chosen = [
        item.callspec.params["bug"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module
    ]
    with ThreadPoolExecutor(2) as pool:
        yield {bug.name: pool.submit(_hunt, bug, directory) for bug in chosen}
        pool.shutdown(cancel_futures=True)


def _hunt(bug: Bug, directory: Path) -> Outcome:
    """What depends on how much traffic there is gets more time where the machine has other work."""
    place = place_of(bug, directory)
    outcome = hunt(bug.found_by, place, bug.algorithms, directory, SEED)
    if outcome.accused or bug.found_by != "stress":
        return outcome
    return hunt("longer", place, bug.algorithms, directory, SEED)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_is_found_by_the_command_that_must(bug: Bug, hunts: Hunts) -> None:
    outcome = hunts[bug.name].result()
    assert outcome.accused, f"`{COMMANDS[bug.found_by]}` says: {outcome.sentence or 'ok'}"
    assert outcome.sentence
