"""What a result that was measured in pairs keeps of its verdicts: the rule, and what was looked at when.

    environment["benchsuite_verdicts"] = {
        "rule": {"threshold", "smallest", "alpha", "missed"},
        "one_sided": of a gate,
        "undecided": "pass" or "fail", as what such cases count; null, or missing (in older results): neither,
        "baseline": whether side B was compared with a baseline's; side A is its anchor then,
        "cases": [{"base", "other": names of the cases of sides A and B,
                   "looks": [5, 7, 10] rounds at which its evidence was looked at; it ended at the last,
                   "slower", "faster": the least chance of each claim, corrected for the looks,
                   "verdict": kind or null}, ...]}

The rounds themselves are in the result, so the verdicts can be come to again (again.py), which is what
`compare` and `report` do; "verdict" is only held against it. The chances are for cases that a filter leaves
out: what may be said of the others depends on them (Holm).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchsuite.compare.verdicts import COUNTS_AS, KINDS, Rule
from benchsuite.facts import Environment
from benchsuite.model import BenchsuiteError
from benchsuite.records import BadRecord, a_list, an_object, flag, get, one_of, show, text, whole

KEY = Environment.VERDICTS
_RULE = {"threshold": 10.0, "smallest": 10.0, "alpha": 1.0, "missed": 1.0}  # below which it must be
_ANY = 1e9  # chances are divided by the share of their look


@dataclass(frozen=True, slots=True)
class Looked:
    """A case that was looked at: its rounds that were looked at, and what they showed."""

    base: str
    other: str
    looks: tuple[int, ...] = ()
    slower: float = 1.0
    faster: float = 1.0
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Record of verdicts. cases are in the order of the result, also those that were never looked at. rule is
    None in a result that is older than this record: then there are no cases either."""

    rule: Rule | None = None
    one_sided: bool = False
    baseline: bool = False
    cases: tuple[Looked, ...] = ()
    undecided: str | None = None  # a key of COUNTS_AS

    def to_record(self) -> dict[str, Any]:
        cases = [{**asdict(each), "looks": list(each.looks)} for each in self.cases]
        rule = {key: getattr(self.rule, key) for key in _RULE}
        said = {key: getattr(self, key) for key in ("one_sided", "undecided", "baseline")}
        return {"rule": rule, **said, "cases": cases}


def kept(environment: Mapping[str, Any], name: str = "the result") -> Kept:
    """The record in a paired result's environment. BenchsuiteError, beginning with its name, for a damaged
    record."""
    if KEY not in environment:
        return Kept()
    try:
        return _kept(an_object(environment[KEY], KEY))
    except BadRecord as error:
        raise BenchsuiteError(
            f"{name}: its record of verdicts is damaged: {error}; measure it again"
        ) from None


def _kept(data: dict[str, Any]) -> Kept:
    rule = an_object(get(data, "rule", KEY), f"{KEY}.rule")
    shares = {key: _number(rule, key, f"{KEY}.rule", most) for key, most in _RULE.items()}
    if shares["smallest"] >= shares["threshold"]:
        raise BadRecord(f"{KEY}.rule.smallest", "expected less than the threshold")
    items = a_list(get(data, "cases", KEY), f"{KEY}.cases")
    cases = [
        _looked(an_object(item, f"{KEY}.cases[{i}]"), f"{KEY}.cases[{i}]") for i, item in enumerate(items)
    ]
    one_sided, baseline = (flag(get(data, key, KEY), f"{KEY}.{key}") for key in ("one_sided", "baseline"))
    undecided = data.get("undecided")
    if undecided is not None:
        one_of(undecided, f"{KEY}.undecided", COUNTS_AS)
    return Kept(Rule(**shares), one_sided, baseline, tuple(cases), undecided)


def _looked(data: dict[str, Any], where: str) -> Looked:
    at = f"{where}.looks"
    looks = tuple(whole(each, at, low=1) for each in a_list(get(data, "looks", where), at))
    if list(looks) != sorted(set(looks)):
        raise BadRecord(at, "the numbers do not rise")
    base, other = (text(get(data, key, where), f"{where}.{key}") for key in ("base", "other"))
    verdict = get(data, "verdict", where)
    if verdict is not None:
        one_of(verdict, f"{where}.verdict", KINDS)
    slower, faster = (_number(data, key, where, _ANY) for key in ("slower", "faster"))
    return Looked(base, other, looks, slower, faster, verdict)


def _number(data: dict[str, Any], key: str, where: str, most: float) -> float:
    value = get(data, key, where)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < most:
        raise BadRecord(f"{where}.{key}", f"expected a number from 0 to below {most:g}, not {show(value)}")
    return float(value)
