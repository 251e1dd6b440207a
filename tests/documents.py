"""The documents as the tests read them: the pages, their blocks of code, and how a block is run.

A block of code is fenced and has a language; what it says is done, in the order of the page and in one
directory for each page, so that a file which one block makes is there for the next. A comment above a block
says what is special about it:

    <!-- file: NAME -->      the block is this file, which the commands after it take
    <!-- measured -->        figures of a session are those of one day: it is compared in form
    <!-- lab -->             the commands need another kernel: `make lab` runs them in the lab's machine
    <!-- lab: host -->       the commands start the lab: `make lab` runs them outside of it
    <!-- tested: FILE -->    another test runs the block
    <!-- needs: WHAT -->     nothing runs it, for one of the reasons in NEEDS
"""

from __future__ import annotations

import contextlib
import ctypes.util
import difflib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from benchsuite import profile
from benchsuite.sim import reading

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "METHODOLOGY.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
    "profiles/README.md",
    "results/README.md",
    "benchsuite/devices/README.md",
)
NEEDS = {
    "apt": "installs packages",
    "make": "is what CI runs, or what takes hours",
    "shell": "changes the reader's own shell",
}
QUESTIONS = ("docs/measure.md", "docs/report.md", "docs/kernel.md")
ELSEWHERE = ("lab", "tested", "needs")  # marks of blocks that are not run with their page
MARKS = ("file", "measured", "lab", "tested", "needs")
PATIENCE = 600  # seconds until a block is given up; no assertion on speed
UPDATING = bool(os.environ.get("UPDATE_GOLDEN"))  # sessions are to be written anew
WIDTH = 110  # columns of the terminal that sessions are shown from

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. `line`: of its first line of text."""

    page: str
    line: int
    language: str
    text: str
    mark: str  # what the comment above it begins with, as "file"
    value: str  # and what follows the colon

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def read(page: str) -> str:
    return (ROOT / page).read_text()


def prose(page: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[Block]:
    text = read(page)
    found = []
    for match in _BLOCK.finditer(text):
        mark, _, value = (match["mark"] or "").partition(": ")
        line = text.count("\n", 0, match.start("text")) + 1
        found.append(Block(page, line, match["language"], match["text"], mark, value))
    return found


def all_blocks() -> list[Block]:
    return [block for page in PAGES for block in blocks(page)]


def system_libcrypto() -> Path:
    """The file of the system's libcrypto."""
    name = ctypes.util.find_library("crypto")
    program = f"import ctypes; ctypes.CDLL({name!r}); print(open('/proc/self/maps').read())"
    maps = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    (path,) = {line.split()[-1] for line in maps.splitlines() if line.endswith(f"/{name}")}
    return Path(path)


def prepare(directory: Path) -> Path:
    """Gives a page what its reader has: a checkout's kept results, and a library that was built."""
    (directory / "results").mkdir()
    (directory / "results" / "reference").symlink_to(ROOT / "results" / "reference")
    (directory / "build").mkdir()
    (directory / "build" / "libcrypto.so.3").symlink_to(system_libcrypto())
    return directory


@dataclass
class Reader:
    """Who does what a page says, block by block, in a directory. `shown`: sessions as they came out."""

    directory: Path
    names: dict[str, Any] = field(default_factory=dict)  # of the page's Python
    shown: list[tuple[Block, str]] = field(default_factory=list)

    def follow(self, block: Block) -> None:
        if block.mark == "file":
            self._write(block)
        elif block.language == "sh":
            self.shell(block.place, block.text)
        elif block.language == "console":
            self._session(block)
        elif block.language == "python":
            with contextlib.chdir(self.directory):
                exec(compile("\n" * (block.line - 1) + block.text, block.page, "exec"), self.names)
        elif block.language == "toml":
            _load(block)
        elif block.language == "yaml":
            assert yaml.safe_load(block.text), block.place

    def shell(self, place: str, script: str) -> str:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": str(WIDTH),
        }
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, (
            f"{place}: exit status {done.returncode} of\n{script}\n{done.stderr[-3000:]}"
        )
        assert "Traceback" not in done.stderr, f"{place}: {done.stderr}"
        return done.stdout

    def _write(self, block: Block) -> None:
        path = self.directory / block.value
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
        if block.language == "toml":
            _load(block)

    def _session(self, block: Block) -> None:
        """A session is commands after `$ `, each with what it prints; `...` stands for lines left out."""
        pieces = re.split(r"^\$ (.*)\n", block.text, flags=re.M)
        assert pieces[0] == "", f"{block.place}: a session begins with `$ ` and a command"
        again = ""
        for command, expected in zip(pieces[1::2], pieces[2::2], strict=True):
            printed = [line.rstrip() for line in self.shell(block.place, command).rstrip("\n").splitlines()]
            wanted = expected.splitlines()
            again += "\n".join([f"$ {command}", *_as_shown(wanted, printed), ""])
            as_compared = form if block.mark == "measured" else list
            if not UPDATING and (difference := differences(as_compared(wanted), as_compared(printed))):
                raise AssertionError(f"{block.place}: `{command}` prints something else\n{difference}")
        self.shown.append((block, again))


def _as_shown(wanted: list[str], printed: list[str]) -> list[str]:
    """What a page should have of what was printed: all, or all from the line on that follows its `...`."""
    if wanted[:1] == ["..."]:
        first = next((line for line in printed if line.startswith(wanted[1][:10])), "")
        assert not UPDATING or first, f"{wanted[1]!r} is not printed: say from which line on"
        return ["...", *printed[printed.index(first) :]] if first else wanted
    return wanted if "..." in wanted else printed


def _load(block: Block) -> None:
    data = tomllib.loads(block.text)
    if "matrix" in data:
        profile.expand(profile.parse(data, block.place, block.place), cpus=2)
    elif "title" in data:
        reading.read(data, block.place, "mine")


def form(lines: list[str]) -> list[str]:
    """Lines without their figures, the notes these have, and the columns' widths."""
    found = []
    for line in lines:
        line = re.sub(r" *\[\d+(,\d+)*\]$", "", line)
        line = re.sub(r"\d[\d.,]*", "#", line)
        line = re.sub(r"-{2,}", "--", line)
        found.append(re.sub(r"(?<=\s)-(?=\s|$)", "#", re.sub(r"\s+", " ", line)).strip())
    return [line for line in found if line]


def differences(expected: list[str], printed: list[str]) -> str:
    """What of the expected lines was not printed, or not in this order; between two lines of `...` anything
    may stand."""
    place = 0
    loose = False
    for line in expected:
        if line == "...":
            loose = True
            continue
        found = next((i for i in range(place, len(printed)) if printed[i] == line), None)
        if found is None or (found != place and not loose):
            return "\n".join(difflib.unified_diff(expected, printed, "the page", "the command", lineterm=""))
        place, loose = found + 1, False
    if place == len(printed) or loose:
        return ""
    return "\n".join(difflib.unified_diff(expected, printed, "the page", "the command", lineterm=""))


def write_again(reader: Reader, page: str) -> None:
    """Puts what was printed into the page, where that is wished."""
    if not UPDATING:
        return
    text = read(page)
    for block, shown in reader.shown:
        text = text.replace(f"```console\n{block.text}```", f"```console\n{shown}```")
    (ROOT / page).write_text(text)


def follow(page: str, directory: Path) -> None:
    """Does what a page says, but for what is run elsewhere."""
    reader = Reader(prepare(directory))
    for block in blocks(page):
        if block.mark not in ELSEWHERE:
            reader.follow(block)
    write_again(reader, page)


def commands(script: str) -> Iterator[str]:
    """The commands of `benchsuite` in a script, each in one line and without its comment."""
    for line in re.sub(r"\\\n\s*", "", script).splitlines():
        for part in re.split(r" \|\|? | && |; ", re.sub(r"\s+# .*", "", line)):
            if found := re.match(r"\s*(?:\$ )?(?:sudo )?(benchsuite(?: .*)?)$", part):
                command = re.sub(r" [<>].*", "", found[1])
                yield command.rstrip("'") if command.count("'") % 2 else command  # the end of `sh -c '...'`
