"""What the documents say against what the code does."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from benchsuite import profile
from benchsuite.cli import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def program() -> str:
    return str(Path(sys.executable).with_name("benchsuite"))


def command_lines() -> list[str]:
    """Every `benchsuite ...` in the indented and inline code of the documents."""
    found = []
    documents = (
        "README.md",
        "CONTRIBUTING.md",
        "METHODOLOGY.md",
        "docs/ci.md",
        "docs/import.md",
        "docs/formats.md",
    )
    for name in (*documents, "profiles/README.md", "results/README.md"):
        text = (ROOT / name).read_text()
        found += re.findall(r"^ {4}(?:\$ )?(benchsuite [^#\n]+)", text, re.MULTILINE)
        found += [line for line in re.findall(r"`(benchsuite [^`]+)`", text) if line.isascii()]
    return sorted({" ".join(line.split()) for line in found})


def commands() -> list[tuple[str, ...]]:
    return [
        (),
        *((name,) for name in COMMANDS),
        *(("list", what) for what in ("backends", "algorithms", "profiles")),
    ]


@pytest.mark.parametrize("line", command_lines())
def test_command_lines_are_understood(line: str) -> None:
    """Options, arguments and profiles exist. Words in capitals stand for something."""
    words = [word for word in shlex.split(line)[1:] if word != "..."]
    context: click.Context = click.Context(cli, info_name="benchsuite")
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found is not None, f"there is no command {name!r}"
        command = found
    if words and words != ["--version"]:
        parsed = command.make_context(command.name, list(words), parent=context)
        named = parsed.params.get("profile_name")
        if named and not named.isupper():
            assert named.endswith(".toml") or profile.find(named).is_file()


def test_there_are_command_lines() -> None:
    assert len(command_lines()) > 10


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help_reads_well(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"], prog_name="benchsuite", terminal_width=80)
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: {' '.join(('benchsuite', *path))} ")
    assert all(len(line) <= 80 for line in result.output.splitlines())
    lines = result.output.partition("\nOptions:\n")[2].splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("  -"):  # an option, with its text beside it or on the next line
            assert re.search(r"\S {2,}\S", line.strip()) or re.match(r" {10,}\S", following), line


def test_the_package_list_is_the_makefiles() -> None:
    packages = re.search(r"^APT := sudo apt-get install (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert packages and f"sudo apt-get install {packages[1]}\n" in README


def test_what_the_readme_shows_of_a_simulation_is_what_it_gives(tmp_path: Path) -> None:
    """Its device is in the README as well."""
    section = README.partition("\n## Simulated hardware\n")[2].partition("\n## ")[0]
    device = section.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "mine.toml").write_text(device)
    shown = [line.removeprefix("    ") for line in section.splitlines() if line.startswith("    ")]
    command, *expected = shown
    words = [program(), *shlex.split(command)[2:], "-q", "-o", "r.json"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    assert len(expected) > 12 and [line for line in expected if line.rstrip() not in printed] == []


def test_parameters_in_the_readme_are_keys_of_a_profile() -> None:
    table = README.partition("| parameter | means |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert len(named) >= 6 and set(named) <= set(profile.settable())


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in COMMANDS if f"benchsuite {name}" not in README] == []


@pytest.mark.parametrize(
    ("name", "across"), [("quick-epyc-vm.json", None), ("paths-lab.json", "backend")], ids=["run", "across"]
)
def test_what_the_readme_shows_is_what_the_kept_results_print(name: str, across: str | None) -> None:
    words = ["show", str(ROOT / "results" / "reference" / name), *(["--across", across] if across else [])]
    printed = CliRunner(env={"COLUMNS": "150"}).invoke(cli, words)
    assert printed.exit_code == 0, printed.output
    shown = [line.removeprefix("    ") for line in README.splitlines()]
    assert [line for line in printed.output.splitlines() if line.rstrip() not in shown] == []
