"""What the `auto` backend chooses for each case of a plan, asked before anything is measured.

Once for a whole run, so that no round and no --resume measures something else; in worker processes, because
a driver or a library may crash or hang when it is asked. Then it is a candidate that refused, and
the others are asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import TypeVar

from benchsuite import backends
from benchsuite.backends.auto import ASKING
from benchsuite.model import USUAL, Case, Failure
from benchsuite.runner.channel import Channel, NoAnswer
from benchsuite.runner.messages import Decide, Decided

Facts = dict[str, str]  # as backends.auto.decide() has them
Decision = Facts | Failure
Chosen = Mapping[Case, Facts]  # by question
Key = TypeVar("Key", bound=Hashable)

SECONDS_PER_QUESTION = 0.05  # of a slow machine with many candidates
_DIED = {"crash", "killed", "hang", "internal"}


def is_auto(case: Case) -> bool:
    found = backends.find(case.backend)
    return found is not None and found.chooses


def question(case: Case) -> Case:
    """The case without what no candidate is asked about: equal questions have one decision."""
    return replace(case, in_place=USUAL.in_place, **asdict(USUAL.load))


def choose(
    cases: Mapping[Key, Case], deadline: float | None, tell: Callable[[Chosen], None]
) -> dict[Key, Decision]:
    """What `auto` takes for those of the cases that are its own; tell() hears what it found, where it found
    any."""
    questions = {key: question(case) for key, case in cases.items() if is_auto(case)}
    found = decide(questions.values(), deadline)
    chosen = {asked: facts for asked, facts in found.items() if not isinstance(facts, Failure)}
    if chosen:
        tell(chosen)
    return {key: found[asked] for key, asked in questions.items()}


def decide(cases: Iterable[Case], deadline: float | None = None) -> dict[Case, Decision]:
    """The decisions on those cases that are `auto`'s, by question. deadline: seconds until a process that
    asks is given up."""
    questions = list(dict.fromkeys(question(case) for case in cases if is_auto(case)))
    dead: dict[str, str] = {}
    while questions:
        expected = SECONDS_PER_QUESTION * len(questions)
        channel = Channel(None, deadline, expected)
        try:
            decisions = channel.do(Decide(questions, dead), Decided).decisions
            return dict(zip(questions, (each.failure or each.facts for each in decisions), strict=True))
        except NoAnswer as failed:
            asked = channel.phase.removeprefix(ASKING)
            if failed.kind not in _DIED or asked in dead or not channel.phase.startswith(ASKING):
                return dict.fromkeys(questions, failed.failure())
            dead[asked] = failed.reason
    return {}
