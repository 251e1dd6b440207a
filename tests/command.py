"""What the end-to-end tests share: the real `benchsuite` command, run in a directory of the test's own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("benchsuite")
PATIENCE = 120  # seconds until a test gives a command up; no assertion on speed

SMALL = """
why = "A test."
[measure]
processes = 2
values = 3
min_time = "1ms"
[[matrix]]
why = "One."
algorithm = "aes-128-cbc"
request_size = 64
"""


@dataclass(frozen=True)
class Cli:
    """`benchsuite` in a directory."""

    directory: Path

    def run(
        self, *arguments: str | Path, environment: Mapping[str, str] | None = None, **popen: Any
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments],
            cwd=self.directory,
            env=environment,
            text=True,
            errors="replace",
            capture_output="stdout" not in popen,
            timeout=PATIENCE,
            **popen,
        )

    def start(self, *arguments: str | Path, **popen: Any) -> subprocess.Popen[str]:
        """As a shell starts it: in a process group of its own, with Ctrl-C not ignored, which it would be
        for whatever a script runs in the background."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.directory,
            text=True,
            process_group=0,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            **popen,
        )

    def profile(self, text: str = SMALL, name: str = "small.toml") -> str:
        """Writes a profile; what to give the command for it."""
        (self.directory / name).write_text(text)
        return f"./{name}"

    def refuses(self, *arguments: str | Path, **options: Any) -> str:
        """The message of a command that must end as for a user's mistake: exit status 2, at most two lines
        (click adds one that points at --help), no traceback, nothing on standard output."""
        done = self.run(*arguments, **options)
        assert done.returncode == 2, done.stderr + done.stdout
        assert_is_a_message(done.stderr)
        assert done.stdout == ""
        return done.stderr


def assert_is_a_message(text: str) -> None:
    lines = text.splitlines()
    assert "Traceback" not in text
    assert 1 <= len(lines) <= 2, text
    assert lines[0].startswith("benchsuite: ") and len(lines[0]) > len("benchsuite: ")
