"""Exit statuses: what every command's help says, what the document says, and what commands end with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command import SMALL, Cli
from compare_fixture import CBC, failed, result

from benchsuite import store
from benchsuite.cli import COMMANDS, cli
from benchsuite.cli.statuses import STATUSES

ROOT = Path(__file__).resolve().parents[1]
UNSUPPORTED = SMALL + 'backend = "python"\nbatch = 1\n'  # python has no queues


def paths(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in COMMANDS if not before else group.commands:
        command = group.get_command(click.Context(group), name)
        assert command
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from paths(command, (*before, name))


ALL = list(paths(cli))


def test_every_command_has_its_statuses() -> None:
    assert sorted(" ".join(path) for path in ALL) == sorted(STATUSES)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_help_ends_with_them(path: tuple[str, ...]) -> None:
    help = CliRunner().invoke(cli, [*path, "--help"], prog_name="benchsuite", terminal_width=80).output
    assert help.count("Exit status") == 1
    found = re.findall(r"^ +(\d+) {2,}(\S.*)$", help.partition("Exit status:\n")[2], re.MULTILINE)
    assert {int(status): meaning for status, meaning in found} == STATUSES[" ".join(path)]


def document() -> dict[str, dict[int, str]]:
    """The statuses of every command: the table, what it says of all, and the list of gate's own."""
    text = (ROOT / "docs" / "exit-status.md").read_text()
    header, _, *rows = (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")
    )
    assert len({tuple(cells) for _, *cells in rows}) == len(rows), "commands with the same share a row"
    of_all = re.findall(r"Exit status (\d+) is the same for every command: (.+)\.$", text, re.MULTILINE)
    more = re.findall(r"^- (\d+): (.+)$", text.partition("`gate` has three more:")[2], re.MULTILINE)
    found = {}
    for commands, *cells in rows:
        for name in re.findall("`([a-z ]+)`", commands):
            pairs = [*zip(header[1:], cells, strict=True), *of_all, *(more if name == "gate" else [])]
            found[name] = {int(status): meaning for status, meaning in pairs if meaning}
    return found


def test_the_document_has_the_same() -> None:
    assert document() == STATUSES
    shown = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "ci.md").read_text(), re.MULTILINE)
    assert [int(status) for status in shown] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["run", "./unsupported.toml", "-q"], 3),
        (["run", "nonesuch"], 2),
        (["compare", "failed.json", "failed.json"], 3),
        (["compare", "failed.json"], 2),
        (["compare", "--paired", "null", "python", "./unsupported.toml", "-q"], 3),
        (["gate", "./unsupported.toml", "--paired", "null", "python", "-q"], 3),
        (["report", "failed.json"], 3),
        (["show", "failed.json"], 0),
        (["export", "none", "-t", "csv"], 2),
        (["import", "failed.json"], 2),
        (["fit", "failed.json", "-o", "d.toml"], 2),
        (["verify", "-b", "nonesuch"], 2),
        (["lab", "exec"], 2),
        (["list", "nonesuch"], 2),
        (["doctor", "-x"], 2),
    ],
    ids=str,
)
def test_commands_end_with_what_they_say(words: list[str], status: int, cli: Cli) -> None:
    (cli.directory / "unsupported.toml").write_text(UNSUPPORTED)
    store.save(result(failed(CBC)), cli.directory / "failed.json")
    done = cli.run(*words)
    assert done.returncode == status, done.stderr
    assert status in STATUSES[words[0]]
