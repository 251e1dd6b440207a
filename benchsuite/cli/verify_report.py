"""The report of `benchsuite verify`: lines as they come, and the answer; or one JSON document at the end."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from benchsuite.cli import shown_again
from benchsuite.cli.options import terminal_width
from benchsuite.cli.stress import announcement, exclusion, summary
from benchsuite.cli.verify_lines import MIXED, VERDICTS, WRONG
from benchsuite.units import many

if TYPE_CHECKING:
    from benchsuite.cli.stress import Loads
    from benchsuite.cli.verify_lines import Line, Task

_ANSWERS = {0: "all right", WRONG: "not right"}
_INDENT = "    "
_MOST_FURTHER = 3  # sentences behind the first


class Report:
    """Lines as they come, and a summary; or one JSON document at the end."""

    def __init__(self, tasks: list[Task], style: str, loads: Loads | None) -> None:
        self.json, self.loads = style == "json", loads
        self.lines: list[Line] = []
        self.versions: dict[str, str] = {}
        self._widths = [max(len(task.name) for task in tasks), max(len(task.algorithm) for task in tasks)]
        self._width = terminal_width()
        if loads and not self.json:
            self._say(announcement(loads))

    @property
    def interrupted(self) -> bool:
        return any(line.interrupted for line in self.lines)

    def _say(self, text: str) -> None:
        """A line; on a terminal that has no room for it, several."""
        if self._width and len(text) > self._width:
            text = textwrap.fill(
                text,
                self._width,
                subsequent_indent=_INDENT,
                break_long_words=False,
                break_on_hyphens=False,
                drop_whitespace=True,
            )
        click.echo(text)

    def version(self, backend: str, version: str) -> None:
        self.versions[backend] = version
        if not self.json:
            self._say(f"{backend}: {version}")

    def add(self, line: Line) -> None:
        self.lines.append(line)
        if self.json:
            return
        backend, algorithm = line.backend.ljust(self._widths[0]), line.algorithm.ljust(self._widths[1])
        self._say(f"{backend}  {algorithm}  {line.verdict:13}  {self._what(line)}".rstrip())
        for sentence in line.further[:_MOST_FURTHER]:
            self._say(f"{_INDENT}{sentence}")
        if more := len(line.further[_MOST_FURTHER:]):
            self._say(f"{_INDENT}and {more} more: --format json tells all")
        if line.narrowed:  # never broken into lines: it is copied
            click.echo(f"{_INDENT}{shown_again.sentence(line.narrowed, line.stressed)}")

    def _what(self, line: Line) -> str:
        by = f"{line.chosen}: " if line.chosen else ""
        if line.verdict != "ok":
            return by + (line.reason if line.kind in ("", *VERDICTS) else f"{line.kind}: {line.reason}")
        checked = []
        if line.algorithm != MIXED:
            checked.append(f"{many(line.requests, 'request')}, {many(line.vectors, 'vector')}")
        if line.stressed:
            checked.append(summary(line.stressed))
        return by + "; ".join([*checked, *(f"not {refused}" for refused in line.refused)])

    def finish(self) -> int:
        """The exit status: wrong bytes outweigh what could not be checked."""
        worst = min((line.status for line in self.lines if line.status), default=0)
        if self.json:
            document = {
                "versions": self.versions,
                "results": [asdict(line) for line in self.lines],
                "load": asdict(self.loads.each) if self.loads else None,
                "mixed_load": asdict(self.loads.all) if self.loads else None,
                "status": worst,
            }
            click.echo(json.dumps(document, indent=2))
            return worst
        verdicts = [line.verdict for line in self.lines if line.algorithm or line.status]
        if not verdicts:
            self._say("nothing to verify")
            return worst
        counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts)]
        answer = _ANSWERS.get(worst, "not all checked")
        said = f"{answer}: " if "ok" in verdicts or worst else ""
        figures = f" ({self._figures()})" if "ok" in verdicts else ""  # of what is wrong they say nothing
        self._say(f"{said}{'; '.join(counts)}{figures}")
        if least := exclusion(self.lines):
            self._say(least)
        return worst

    def _figures(self) -> str:
        requests = sum(line.requests for line in self.lines)
        vectors = sum(line.vectors for line in self.lines)
        checked = f"{many(requests, 'request')}, {many(vectors, 'vector')}"
        if self.loads:
            loaded = sum(line.stressed.requests for line in self.lines if line.stressed)
            checked += f"; {many(loaded, 'request')} under load"
        return checked
