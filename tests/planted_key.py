"""A program that test_parameters.py runs: a new kind of load, planted into the model and the table of a
profile's keys, is in every file, table, page, comparison and import. Its words: the folder of the planted
modules, and one to write to."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path

PLANTED, OUTPUT = map(Path, sys.argv[1:])


class Finder(MetaPathFinder):
    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        file = PLANTED / f"{name}.py"
        return spec_from_file_location(name, file) if file.exists() else None


sys.meta_path.insert(0, Finder())

from benchsuite import exports, imports, profile, report, store  # noqa: E402
from benchsuite.compare import crossovers  # noqa: E402
from benchsuite.compare.comparison import Party, judged  # noqa: E402
from benchsuite.compare.matching import across, of_two  # noqa: E402
from benchsuite.compare.verdicts import Rule  # noqa: E402
from benchsuite.fit.sweep import sweep  # noqa: E402
from benchsuite.imports.settings import settings_of  # noqa: E402
from benchsuite.model import Case, CaseResult, Result, Value, WorkerRun  # noqa: E402
from benchsuite.report.charts.entries import collect  # noqa: E402
from benchsuite.report.html.page import render as page  # noqa: E402
from benchsuite.report.plots.plan import plans  # noqa: E402
from benchsuite.selection import filters  # noqa: E402


def measured(case: Case, seconds: float) -> CaseResult:
    runs = [
        WorkerRun(n, [], [Value(1000, 1000 * seconds * (1 + 0.001 * (n + i)), 0.001, 0.0) for i in range(3)])
        for n in range(3)
    ]
    return CaseResult(case, runs)


def one(backend: str, factor: float, sizes: tuple[int, ...] = (16, 1024)) -> list[CaseResult]:
    usual = Case(backend, "aes-128-cbc")
    return [
        measured(
            replace(usual, request_size=size, arrivals=arrivals), factor * (1000 + size + arrivals) * 1e-9
        )
        for arrivals in (0, 5)
        for size in sizes
    ]


def main() -> None:
    usual = Case("null", "aes-128-cbc")
    slow = replace(usual, arrivals=5)
    assert usual.load != slow.load and usual.work == slow.work
    assert "arrivals" not in usual.name and slow.name == f"{usual.name},arrivals=5"

    plan = profile.expand(profile.load(profile.find("quick")), ["arrivals=0,5", "request_size=64"], cpus=2)
    assert len({case.arrivals for case in plan.cases}) == 2  # type: ignore[attr-defined]

    result = Result("planted", "To see it.", {}, [*one("null", 1.0), *one("software", 2.0)])
    path = OUTPUT / "result.json"
    store.save(result, path)
    assert store.load(path).cases == result.cases

    for format in ("table", "csv", "json", "markdown"):
        assert "arrivals" in report.render(result, format, None), format
        assert "arrivals" in report.render(result, format, None, across="backend"), format
    lines = json.loads(report.render(result, "json", None, across="backend"))["lines"]
    assert len(lines) == 4, "a load of another arrivals is another load"
    for format in exports.EXPORTS:
        assert "arrivals" in exports.render(result, format), format

    (found,) = across(result, "arrivals", None).values()
    assert len(found.couples) == 4 and not found.only_base
    (compared,) = judged([(Party("a"), Party("b"), found)], Rule(), None, None)
    for format in report.WRITERS:
        assert "arrivals" in report.render_comparisons([compared], format, None, ("arrivals",)), format
    alone = replace(result, cases=[case for case in result.cases if not case.case.arrivals])  # type: ignore[attr-defined]
    assert len(of_two(result, alone).couples) == 4 and len(of_two(result, alone).only_base) == 4
    condition = filters.parse("arrivals>=1")
    assert sum(filters.fits(case, [condition]) for case in result.cases) == 4

    assert settings_of(["arrivals=7"]) == {"arrivals": 7}
    table = exports.render(result, "csv").encode()
    again = imports.read([("table.csv", table)]).result
    assert [case.case for case in again.cases] == [case.case for case in result.cases]

    said = [crossovers.name(each.case) for each in crossovers.meetings(result.cases)]
    assert said == ["aes-128-cbc encrypt", "aes-128-cbc encrypt, arrivals 5"]
    assert "arrivals" in page(collect([("result.json", result)]))

    line = [measured(replace(usual, arrivals=n), (1 + n) * 1e-6) for n in (0, 1, 5, 50)]  # type: ignore[call-arg]
    along = collect([("result.json", Result("planted", "", {}, line))])
    text = page(along)
    assert (
        "Mbps by arrivals" in text and "CPU per Gbit by arrivals" in text and "null, arrivals 50: 232" in text
    )
    assert next(iter(plans(along))).name == "mbps-by-arrivals-aes-128-cbc-encrypt"
    fitted = sweep(Result("planted", "", {}, one("null", 1.0)))
    assert {point.case.arrivals for point in fitted.points} == {0}  # type: ignore[attr-defined]
    assert "arrivals=0" in fitted.left_out[0]


main()
