"""The text of a file as starts of `openssl speed`.

A command begins another one, or anything that it prints once: an algorithm's count of the same size again,
a second table, a version after the figures. Tables without counts and counts without tables, as standard
output and standard error leave them, are one start where the figures of the one are those of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from benchsuite.formats.figure import Reading
from benchsuite.formats.openssl import payload, whole_lines
from benchsuite.formats.openssl import version as openssl_version
from benchsuite.formats.openssl.agree import merge
from benchsuite.formats.openssl.key_names import begins_row
from benchsuite.formats.openssl.payload import NO_COUNT
from benchsuite.formats.openssl.public_key import KeyTotal
from benchsuite.formats.openssl.run import Run, Total
from benchsuite.formats.text import command_line
from benchsuite.formats.text.lines import Line

COMMAND = command_line.program(
    r"(?:e?(?:openssl|libressl)[\w.+-]*[\"']? +|(?<=^OpenSSL>) *)speed", first=r"[-\w$\"']"
)
_LOOP = re.compile(
    r"(?:^|[\s;$#>])(?:for|while|until|do|repeat|xargs|seq|watch|parallel|hyperfine|perf stat .{0,40}-r)\b"
)
_DOING = re.compile(r"Doing \S.{0,60} for \S{1,10}s(?: on \S{1,10} size blocks)?:")
_MACHINE = re.compile(r"(?:Got: )?\+(?:[FR]\d{0,3}|D[TN]P?|H):")
_AHEAD = 40  # lines after a version that say what it belongs to

BROKEN = "it is cut off or broken"
_Row = TypeVar("_Row", Total, KeyTotal)

COPY = "the same row stands in line {}"


def runs(reading: Reading, lines: Sequence[Line]) -> list[Run]:
    found = list(_cut(reading, lines))
    _give_versions(found)
    found = merge(found)
    for run in found:
        for line, why in (*run.doubts, *run.keys.doubts, *_unfinished(run)):
            reading.doubt(line, why)
    return found


def _give_versions(found: Sequence[Run]) -> None:
    """A version by itself is of the command after it; or of the start before it, where it is the last. And
    where all versions in the file print alike, so do those that say none."""
    for run, after in pairwise(found):
        if _is_version_alone(run) and after.options is not None:
            after.version = after.version or run.version
    if len(found) > 1 and _is_version_alone(found[-1]):
        found[-2].version = found[-2].version or found[-1].version
    said = {openssl_version.has_seconds(run.version) for run in found if run.version} - {None}
    for run in found:
        run.seconds = next(iter(said)) if len(said) == 1 else None


def _is_version_alone(run: Run) -> bool:
    return bool(run.version and not run.begun and run.options is None)


def _unfinished(run: Run) -> Iterator[tuple[Line, str]]:
    for starts in (run.starts, run.keys.starts):
        for waiting in starts.values():
            for start in waiting:
                yield start[0], NO_COUNT


def _cut(reading: Reading, lines: Sequence[Line]) -> Iterator[Run]:
    run = Run()
    whole = list(whole_lines.whole(lines))
    goes_on = False  # the command does, in this line
    for at, (line, parts) in enumerate(whole):
        words = command_line.arguments(line.text, COMMAND) if "speed" in line.text else None
        if words is not None:
            yield run
            variables = any("$" in word for word in words)
            run = Run(command_line.options(words), variables, bool(_LOOP.search(line.text)))
            reading.use(parts)
            goes_on = command_line.goes_on(line.text)
            continue
        if goes_on and run.options is not None:
            words = command_line.arguments(f"openssl speed {line.text}", COMMAND)
            run.options |= command_line.options(words or [])
            run.variables |= any("$" in word for word in words or [])
            reading.use(parts)
            goes_on = command_line.goes_on(line.text)
            continue
        count = payload.count_in(line.text)
        if payload.begins(run, line.text, count) or _version_begins(run, whole, at):
            yield run
            run = Run(run.options, run.variables, True) if run.loop else Run()
        if payload.take(run, line, parts, count) or run.keys.take(line, parts):
            reading.use(parts)
            if again := _again(run):
                yield run
                run = again
        elif _DOING.match(line.text):
            reading.doubt(line, NO_COUNT)
        elif _MACHINE.match(line.text) or begins_row(line.text):
            reading.doubt(line, BROKEN)
        elif whole_lines.is_tail(line.text):
            reading.doubt(line, payload.NO_START)
    yield run


def _version_begins(run: Run, whole: Sequence[tuple[Line, tuple[Line, ...]]], at: int) -> bool:
    """Whether a line with a version is before what it is of, not in the summary after it."""
    version = openssl_version.in_line(whole[at][0].text)
    if not version or not run.begun:
        return False
    if run.done:
        return True
    for line, _ in whole[at + 1 : at + 1 + _AHEAD]:
        if payload.closes(line.text):
            return False
        if line.text.startswith(("Doing ", "+D")) or COMMAND.search(line.text):
            return True
    return bool(run.version and run.version != version)


def _again(run: Run) -> Run | None:
    """A row that the table had already is of another start, unless it is the same one printed twice."""
    if row := _repeated(run, run.totals, run.rows):
        again = _next_in_table(run)
        again.totals.append(row)
        again.rows[row.identity] = row
        return again
    if key_row := _repeated(run, run.keys.totals, run.keys.rows):
        again = _next_in_table(run)
        again.keys.totals.append(key_row)
        again.keys.rows[key_row.identity] = key_row
        return again
    return None


def _repeated(run: Run, rows: list[_Row], known: dict[tuple[object, ...], _Row]) -> _Row | None:
    """Takes the last row away where there was one of its identity, and returns it if its figures differ."""
    if not rows:
        return None
    last = rows[-1]
    first = known.setdefault(last.identity, last)
    if first is last:
        return None
    rows.pop()
    if first.printed != last.printed:
        return last
    run.doubts.append((last.line, COPY.format(first.line.number)))
    return None


def _next_in_table(run: Run) -> Run:
    again = Run(
        run.options,
        run.variables,
        run.loop,
        run.elapsed,
        run.version,
        engine=run.engine,
        sizes=run.sizes,
        in_table=run.in_table,
    )
    again.keys.ops = run.keys.ops
    return again
