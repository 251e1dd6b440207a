"""`benchsuite compare`: results side by side, with verdicts; or two sides measured in alternation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from benchsuite.cli.errors import INTERRUPTED, say
from benchsuite.cli.options import complete_backend
from benchsuite.cli.pairs import interrupted, measure_watched, output_of, still_open
from benchsuite.cli.verdict_options import (
    Percent,
    check_keys,
    comparison_format,
    given,
    list_options,
    load,
    make_rule,
    measuring_options,
    ordered,
    rule_options,
    show,
)
from benchsuite.compare import crossovers
from benchsuite.compare.comparison import Comparison, Party, judged
from benchsuite.compare.filters import Filter, fits, parse
from benchsuite.compare.labels import label_of, shown
from benchsuite.compare.matching import across, is_paired, of_two, only_backends_differ, parameter, sides
from benchsuite.compare.sides import backends, of_file, party
from benchsuite.compare.verdicts import UNDECIDED, Rule
from benchsuite.compare.warnings import warnings
from benchsuite.model import BenchsuiteError, Result
from benchsuite.runs.pairs import How, named_sides, side_by_side
from benchsuite.runs.plan import make_plan

DEFAULT_PROFILE = "ci"
OF_FILES = "5%"  # alpha: a file has few rounds, and the drift of two is the larger danger


@click.command()
@click.argument("names", metavar="[RESULT...|PROFILE]", nargs=-1)
@click.option(
    "--across",
    metavar="KEY",
    help="Compare the cases of one result that differ in this, as backend or q_len.",
)
@click.option(
    "--base", metavar="VALUE", help="What the others are held against with --across.  [default: first]"
)
@click.option(
    "--paired",
    nargs=2,
    metavar="A B",
    shell_complete=complete_backend,
    help="Measure backends A and B in alternation, with the cases of PROFILE.  [default profile: ci]",
)
@click.option(
    "--baseline-env",
    "environment",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Measure in pairs with the benchsuite of another virtual environment as side A.",
)
@click.option(
    "-s",
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=V[,V...]",
    help="With --paired: replace a parameter in every matrix of the profile.",
)
@click.option(
    "--drift",
    type=Percent(),
    help="By how much files may differ only because of when they were measured.  [default: 10%]",
)
@rule_options(OF_FILES)
@list_options
@comparison_format
@measuring_options
def command(
    names: tuple[str, ...],
    across: str | None,
    base: str | None,
    paired: tuple[str, str] | None,
    environment: Path | None,
    overrides: tuple[str, ...],
    drift: float | None,
    threshold: float,
    smallest: float,
    alpha: float,
    on: str | None,
    filters: tuple[str, ...],
    sort: str,
    keys: tuple[str, ...],
    style: str,
    budget: float,
    deadline: float | None,
    real_time: bool,
    output: Path | None,
    overwrite: bool,
    quiet: bool,
) -> int:
    """Compare results case by case: ratio, interval, and a verdict where there can be one.

    The first RESULT is the base. Files measured at different times differ by the machine's drift, too;
    verdicts allow for it. What --paired measures alternates in slices of milliseconds, so that there is none.
    What `gate` or --paired has measured is judged by the rule it was measured by, unless limits are given.

    \b
    Examples:
      benchsuite compare before.json after.json --group-by algorithm
      benchsuite compare results/sizes.json --across backend
      benchsuite compare --paired software new=software:/opt/ssl4/libcrypto.so.4
      benchsuite compare --paired afalg:cbc-aes-aesni software sizes
    """
    rule = make_rule(threshold, smallest, alpha)
    check_keys(keys, sort)
    if paired or environment:
        _refuse(across=across, base=base, drift=drift)
        if len(names) > 1:
            raise BenchsuiteError(f"{len(names)} names where pairs are measured: name one profile at most")
        pair = named_sides(paired, "--paired") if paired else None
        plan = make_plan(
            names[0] if names else DEFAULT_PROFILE, overrides, paired[1:] if paired else (), filters
        )
        path = output_of(plan, "paired", output, overwrite)
        how = How(rule, budget, deadline, real_time, environment=environment)
        done = measure_watched(side_by_side(plan, pair, on), how, path, quiet)
        comparison = done.comparison()
        _show([comparison], style, keys, sort)
        if done.interrupted:
            say(interrupted(comparison, path))
            return INTERRUPTED
        say(f"\nresult: {path}")
        if any(line.kind == UNDECIDED for line in comparison.lines):
            say(still_open(comparison))
        return 0 if all(line.kind for line in comparison.lines) else 3
    _refuse(set=overrides or None, output=output)
    wanted = tuple(parse(text) for text in filters)
    comparisons = _of_files(names, across, base, wanted, rule, on, drift)
    _show(comparisons, style, keys, sort)
    return 0 if any(line.kind for each in comparisons for line in each.lines) else 3


def _refuse(**options: object) -> None:
    """Options that would be passed over in silence."""
    for name, value in options.items():
        if value is not None:
            where = "with result files" if name in ("set", "output") else "where pairs are measured"
            raise BenchsuiteError(f"--{name} means nothing {where}: leave it out")


def _show(comparisons: Sequence[Comparison], style: str, keys: tuple[str, ...], sort: str) -> None:
    show([ordered(comparison, sort) for comparison in comparisons], style, keys)


# Files


def _of_files(
    names: tuple[str, ...],
    key: str | None,
    base: str | None,
    filters: tuple[Filter, ...],
    rule: Rule,
    on: str | None,
    drift: float | None,
) -> list[Comparison]:
    if not names:
        raise BenchsuiteError("which results? name two files, or one with --across KEY, or --paired A B")
    labelled = shown(*map(load, names))
    results = [_filtered(result, filters, name) for name, result in zip(names, labelled, strict=True)]
    if base is not None and key is None:
        raise BenchsuiteError("--base is for --across: the first file is the base")
    if key is not None:
        return _across(names, results, key, base, rule, on, drift)
    if len(results) == 1:
        return [_of_one(names[0], results[0], bool(filters), rule, on, drift)]
    parties = _parties(names, results)
    matched = [
        (parties[0], party, of_two(results[0], other))
        for party, other in zip(parties[1:], results[1:], strict=True)
    ]
    if not any(each.couples for _, _, each in matched):
        raise BenchsuiteError(
            f"{names[0]} has no case in common with {' or '.join(names[1:])}\n{_not_the_same(results)}"
        )
    found = judged(matched, rule, on, drift, given())
    return [
        replace(
            each,
            warnings=warnings(results[0], other, [line.couple for line in each.lines]),
            remarks=crossovers.moved(results[0], other),
        )
        for each, other in zip(found, results[1:], strict=True)
    ]


def _not_the_same(results: Sequence[Result]) -> str:
    """Why no case of one is in another."""
    others = [case for other in results[1:] for case in other.cases]
    if only_backends_differ(results[0].cases, others):
        return (
            f"it has the same work by {backends(results[0].cases)}, not by {backends(others)}: what is to be "
            "compared needs the same label when it is measured, -b LABEL=..."
        )
    return "cases are the same when all their parameters are; --across KEY compares within one file"


def _parties(names: Sequence[str], results: Sequence[Result]) -> list[Party]:
    return [of_file(name, result) for name, result in zip(names, results, strict=True)]


def _filtered(result: Result, filters: tuple[Filter, ...], name: str) -> Result:
    kept = [case for case in result.cases if fits(case, filters)]
    if result.cases and not kept:
        raise BenchsuiteError(f"--filter: no case of {name} fits")
    return replace(result, cases=kept)


def _across(
    names: tuple[str, ...],
    results: list[Result],
    key: str,
    base: str | None,
    rule: Rule,
    on: str | None,
    drift: float | None,
) -> list[Comparison]:
    if len(results) != 1:
        raise BenchsuiteError(f"--across compares within one result, not {len(results)}: name one file")
    (result,) = results
    parameter(key, "--across")
    base = label_of(base, results) if base is not None and key == "backend" else base
    found = across(result, key, base)
    if not any(each.couples for each in found.values()):
        raise BenchsuiteError(f"{names[0]}: no two cases differ in {key} alone: nothing to compare")
    values = list(dict.fromkeys(str(getattr(case.case, key)) for case in result.cases))
    first = base if base is not None else values[0]
    said = crossovers.of_one(result, base) if key == "backend" else {}
    matched = [
        (_value(first, key, result, names[0]), _value(value, key, result, ""), each)
        for value, each in found.items()
    ]
    return [
        replace(
            each,
            remarks=said.get(value, []),
            warnings=warnings(result, result, [line.couple for line in each.lines]),
        )
        for value, each in zip(found, judged(matched, rule, on, drift, given()), strict=True)
    ]


def _value(value: str, key: str, result: Result, where: str) -> Party:
    cases = [case for case in result.cases if str(getattr(case.case, key)) == value]
    return party(value if key == "backend" else f"{key}={value}", cases, where)


def _of_one(
    name: str, result: Result, filtered: bool, rule: Rule, on: str | None, drift: float | None
) -> Comparison:
    """A paired result again."""
    if not is_paired(result):
        raise BenchsuiteError(
            f"{name}: one result, and not measured in pairs: name a second file, or --across backend"
        )
    matched = sides(result)
    if result.cases and not matched.couples:
        cure = "--filter by what they share, not by backend" if filtered else "measure it again"
        raise BenchsuiteError(f"{name}: no case with both of its sides: {cure}")
    halves = [couple.base for couple in matched.couples], [couple.other for couple in matched.couples]
    called = [backends(cases) for cases in halves]
    if called[0] == called[1]:  # two environments, say
        called = [f"{each}, side {side}" for each, side in zip(called, "AB", strict=True)]
    parties = [
        party(label, cases, about) for label, cases, about in zip(called, halves, (name, ""), strict=True)
    ]
    (found,) = judged([(parties[0], parties[1], matched)], rule, on, drift, given())
    return replace(found, warnings=warnings(result, result, matched.couples))
