"""What the documents say against what the code does."""

import re
import shlex
from collections.abc import Iterator

import click
import documents
import pytest
from click.testing import CliRunner

from benchsuite import profile
from benchsuite.cli import COMMANDS, cli

README = documents.read("README.md")


def command_lines() -> list[str]:
    """Every `benchsuite ...` of the documents: those in blocks, which are run where the machine has what they
    need, and those in the text, which name a command or say what might be asked of it."""
    found = [command for block in documents.all_blocks() for command in documents.commands(block.text)]
    for page in documents.PAGES:
        found += [
            line for line in re.findall(r"`(benchsuite [^`\n]+)`", documents.read(page)) if line.isascii()
        ]
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
    if words and words[-1] not in ("--version", "--help"):
        parsed = command.make_context(command.name, list(words), parent=context)
        named = parsed.params.get("profile_name")
        if named and not named.isupper():
            assert named.endswith(".toml") or profile.find(named).is_file()


def test_commands_in_the_text_are_run_in_a_block() -> None:
    """Or they begin one that is. Words in capitals stand for something, and help is read."""
    run = [command for block in documents.all_blocks() for command in documents.commands(block.text)]
    named = {
        line
        for page in documents.PAGES
        for line in re.findall(r"`(benchsuite [^`\n]+)`", documents.prose(page))
        if not re.search(r"\b[A-Z]{3,}\b|--help$|--version$", line)
    }
    assert len(named) > 20
    assert {
        line for line in named if not any(f"{command} ".startswith(f"{line} ") for command in run)
    } == set()


def every_command(command: click.Command, name: str = "benchsuite") -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found
            yield from every_command(found, f"{name} {each}")


@pytest.mark.parametrize("name", dict(every_command(cli)))
def test_every_option_is_on_a_page(name: str) -> None:
    """One that nobody is told of is found by reading help only."""
    command = dict(every_command(cli))[name]
    pages = "\n".join(documents.read(page) for page in documents.PAGES if page != "CHANGELOG.md")
    options = [param for param in command.params if isinstance(param, click.Option)]
    untold = [
        option.opts
        for option in options
        if not any(re.search(rf"(?<![\w-]){each}(?![\w-])", pages) for each in option.opts)
    ]
    assert untold == [], f"{name}: say in docs/ what they are for, with a command"


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
    packages = re.search(
        r"^APT := sudo apt-get install (.+)$", (documents.ROOT / "Makefile").read_text(), re.MULTILINE
    )
    assert packages and f"sudo apt-get install {packages[1]}\n" in README


def test_the_readme_is_a_page_to_start_from() -> None:
    assert len(README.splitlines()) <= 150


def test_parameters_that_are_explained_are_keys_of_a_profile() -> None:
    table = documents.read("docs/measure.md").partition("| parameter | means |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert len(named) >= 6 and set(named) <= set(profile.settable())


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in COMMANDS if f"benchsuite {name}" not in README] == []


def test_what_the_pytest_plugin_takes_is_on_its_page() -> None:
    plugin = (documents.ROOT / "benchsuite" / "pytest_plugin.py").read_text()
    taken = set(re.findall(r'"(--benchsuite-[a-z]+)"', plugin))
    told = set(re.findall(r"^\| `(--benchsuite-[a-z]+) ", documents.read("docs/pytest.md"), re.MULTILINE))
    assert len(taken) >= 5 and told == taken
