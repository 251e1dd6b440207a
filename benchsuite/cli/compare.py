"""`benchsuite compare`: results side by side, with verdicts; or two sides measured in alternation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from benchsuite.cli import outputs
from benchsuite.cli.errors import INTERRUPTED, say
from benchsuite.cli.options import complete_backend, complete_keys, override_option
from benchsuite.cli.pairs import interrupted, measure_watched, still_open
from benchsuite.cli.remark_options import remarks
from benchsuite.cli.types import Percent
from benchsuite.cli.verdict_options import (
    by_verdict,
    check_keys,
    comparison_format,
    given,
    measuring_options,
    ordered,
    rule_options,
    show,
)
from benchsuite.compare.comparison import Comparison
from benchsuite.compare.verdicts import UNDECIDED
from benchsuite.host.placement import Cpus
from benchsuite.model import BenchsuiteError
from benchsuite.runs.comparisons import OF_FILES, Judge, comparisons, load, make_rule
from benchsuite.runs.pairs import How, named_sides, side_by_side
from benchsuite.runs.plan import make_plan
from benchsuite.selection.filters import parse
from benchsuite.selection.keys import all_tags, check_tag_keys
from benchsuite.sheet.numbers import percent

DEFAULT_PROFILE = "ci"


@click.command()
@click.argument("names", metavar="[RESULT...|PROFILE]", nargs=-1)
@click.option(
    "--across",
    metavar="KEY",
    shell_complete=complete_keys(),
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
@override_option("With --paired: replace a parameter in every matrix of the profile.")
@click.option(
    "--drift",
    type=Percent(),
    help="By how much files may differ only because of when they were measured.  [default: 10%]",
)
@rule_options(percent(OF_FILES))
@by_verdict
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
    cpus: Cpus | None,
    real_time: bool,
    output: Path | None,
    overwrite: bool,
    quiet: bool,
    tags: tuple[str, ...],
    note: str,
    anonymous: bool,
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
    said = remarks(tags, note, anonymous)
    if paired or environment:
        _refuse(across=across, base=base, drift=drift)
        if len(names) > 1:
            raise BenchsuiteError(f"{len(names)} names where pairs are measured: name one profile at most")
        pair = named_sides(paired, "--paired") if paired else None
        plan = make_plan(
            names[0] if names else DEFAULT_PROFILE,
            overrides,
            paired[1:] if paired else (),
            filters,
            len(cpus or ()),
        )
        path = outputs.for_result(output, f"paired-{plan.profile}", overwrite)
        check_tag_keys(keys, said.tags, "--group-by")
        how = How(rule, budget, deadline, real_time, environment=environment, cpus=cpus, remarks=said)
        done = measure_watched(side_by_side(plan, pair, on), how, path, quiet)
        comparison = done.comparison()
        show([ordered(comparison, sort)], style, keys)
        if done.interrupted:
            say(interrupted(comparison, path))
            return INTERRUPTED
        say(f"\n{outputs.in_words(path)}")
        if any(line.kind == UNDECIDED for line in comparison.lines):
            say(still_open(comparison))
        return 0 if all(line.kind for line in comparison.lines) else 3
    measuring = {"set": overrides, "tag": tags, "note": note, "anonymous": anonymous, "cpus": cpus}
    _refuse(output=output, **{name: value or None for name, value in measuring.items()})
    if not names:
        raise BenchsuiteError("which results? name two files, or one with --across KEY, or --paired A B")
    sources = [(name, load(name)) for name in names]
    check_tag_keys(keys, all_tags(case for _, result in sources for case in result.cases), "--group-by")
    judge = Judge(rule, on, drift, given())
    found = comparisons(sources, judge, [parse(text) for text in filters], across, base)
    _show(found, style, keys, sort)
    return 0 if any(line.kind for each in found for line in each.lines) else 3


def _refuse(**options: object) -> None:
    """Options that would be passed over in silence."""
    for name, value in options.items():
        if value is not None:
            measuring = name in ("set", "output", "tag", "note", "anonymous")
            where = "with result files" if measuring else "where pairs are measured"
            raise BenchsuiteError(f"--{name} means nothing {where}: leave it out")


def _show(comparisons: Sequence[Comparison], style: str, keys: tuple[str, ...], sort: str) -> None:
    show([ordered(comparison, sort) for comparison in comparisons], style, keys)
