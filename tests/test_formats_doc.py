"""docs/formats.md against what is written: every key that appears is there, and every key there appears."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from compare_fixture import CBC, GCM, paired
from report_fixture import everything
from store_strategies import worker_run
from test_open_loop_figures import opened

from benchsuite import store
from benchsuite.compare.comparison import judged
from benchsuite.compare.matching import sides
from benchsuite.compare.outcome import outcome
from benchsuite.compare.sides import of_pairs
from benchsuite.compare.verdicts import Rule
from benchsuite.model import Case, Failure, Measure, Plan
from benchsuite.remarks import Remarks
from benchsuite.report import render_comparisons
from benchsuite.series import Series

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "formats.md").read_text()
REMARKS = Remarks({"board": "a"}, "with the new cable", ("benchsuite run quick",), anonymous=True)
Keys = dict[str, set[str]]

# Objects that stand in several places.
SAME = [
    (r"Result, benchsuite\.(cases\[\]|shared)\.case", "Case"),
    (r"Journal, plan\.cases\[\]|Comparison, comparisons\[\]\.lines\[\]\.parameters", "Case"),
    (r"Result, benchsuite\.cases\[\]\.failure|Journal, later lines\.fail", "Failure"),
    (r"Result, benchmarks\[\]\.runs\[\]\.benchsuite|Result, benchsuite\.cases\[\]\.runs\[\]", "Run"),
    (r"Journal, later lines\.run|Result, benchmarks\[\]\.benchsuite\.idle_runs\[\]\[\]", "Run"),
    (r"Run\.(values|warmups)", "Run, values and warmups"),
    (r"Run\.latency\.\w+", "Run, latency.*"),
    (r"Run\.series", "Run, series"),
    (r"Journal, first line\.plan", "Journal, plan"),
    (r"Journal, plan\.measures\[\]", "Journal, plan.measures[]"),
    (r"Comparison, comparisons\[\]\.measured_by", "Comparison, rule"),
]
# Any keys, or said in the line of the object that has them.
OPEN = (
    r".*metadata|.*environment|.*environments\[\]|.*tags|Run, series\.untold"
    r"|Run\.(counters|facts|latency)|Result, benchsuite\.shared\.facts|Journal, plan\.labels"
    r"|Journal, later lines\.decided"
    r"|Comparison, comparisons\[\]\.(base|other|groups\[\]\.verdicts)|Result, benchmarks\[\]\.benchsuite"
)


def told() -> Keys:
    found = {}
    for part in TEXT.split("\n### ")[1:]:
        title, _, rest = part.partition("\n")
        cells = re.findall(r"^\| (`[^|]*) \|", rest, re.MULTILINE)
        found[title.replace("`", "")] = {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    return found


def gather(data: Any, where: str, found: Keys) -> None:
    where = next((name for pattern, name in SAME if re.fullmatch(pattern, where)), where)
    if isinstance(data, list):
        for each in data:
            gather(each, f"{where}[]", found)
    elif isinstance(data, dict):
        if not re.fullmatch(OPEN, where):
            found[where] |= set(data)
        for key, value in data.items():
            gather(
                value, f"{where}, {key}" if "," not in where and where in FILES else f"{where}.{key}", found
            )


FILES = ("Result", "Comparison")


def results(folder: Path) -> Any:
    """A result with figures, failures, a label, tags, a note, warm-ups and an open loop, of two machines."""
    made = everything()
    made.cases.append(opened(dropped=20))
    made.cases[0].runs[0].warmups = made.cases[0].runs[0].values[:1]
    made.cases[0].runs.append(worker_run(9, values=0))
    made.cases[0].runs[0].series = Series(0.2, ramp=0.4, clock="virtual", together=2)
    cases = [replace(case, tags={"firmware": "1.2"}) for case in made.cases]
    cases[0] = replace(
        cases[0], label="mine", tags={"firmware": "1.2", "board": "a"}, environment={"cpu_count": 2}
    )
    made = replace(made, cases=cases, note="with the new cable", command="benchsuite run quick")
    store.save(made, folder / "result.json")
    return json.loads((folder / "result.json").read_text())


def journal(folder: Path) -> list[Any]:
    cases = (Case("auto", "aes-128-cbc"), Case("null", "sha256", "digest"))
    plan = Plan("p", "to see", cases, (Measure(),) * 2)
    with store.Journal.create(folder / "j.json", plan, {"cpu_count": 2}, "boot", REMARKS) as kept:
        kept.decided(0, {"chosen": "null"})
        kept.start(0, 0)
        kept.run(0, worker_run(0))
        kept.fail(1, Failure("crash", "it crashed", 0))
        kept.start(0, 1)
    store.resume(folder / "j.json", plan, "boot", REMARKS).journal.close()
    return [json.loads(line) for line in store.journal_path(folder / "j.json").read_text().splitlines()]


def gate() -> Any:
    matched = sides(paired([(GCM, 1e-6, 1e-6), (CBC, 1e-6, 1.2e-6)]))
    parties = of_pairs([(couple.base, couple.other) for couple in matched.couples])
    (found,) = judged([(*parties, matched)], Rule(), None, None)
    return json.loads(render_comparisons([found], "json", None, ("algorithm",), outcome(found)))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    found: Keys = defaultdict(set)
    folder = tmp_path_factory.mktemp("formats")
    gather(results(folder), "Result", found)
    first, *later = journal(folder)
    gather(first, "Journal, first line", found)
    for line in later:
        gather(line, "Journal, later lines", found)
    gather(gate(), "Comparison", found)
    return dict(found)


def test_every_object_is_described(written: Keys) -> None:
    assert set(written) <= set(told()), set(written) - set(told())


@pytest.mark.parametrize("name", sorted(told()))
def test_the_keys_are_those_that_are_written(name: str, written: Keys) -> None:
    assert told()[name] == written[name]


def test_it_says_that_it_may_change() -> None:
    assert "**Provisional**" in TEXT
