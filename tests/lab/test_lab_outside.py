"""The lab seen from the host: real machines are started, some of them to die."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Cli

from benchsuite import store

pytestmark = pytest.mark.outside

PROFILE = """
why = "A test."
[measure]
processes = 1
values = 2
min_time = "1ms"
[[matrix]]
why = "One."
algorithm = "aes-128-cbc"
request_size = 64
"""


def lab(cli: Cli, *arguments: str, wait: float = 500) -> tuple[int, str, str]:
    """Exit status, output, messages."""
    process = cli.start("lab", *arguments)
    out, err = process.communicate(timeout=wait)
    assert "Traceback" not in err
    return process.returncode, out, err


def test_status_output_and_files_come_out(cli: Cli) -> None:
    script = "echo out; echo err >&2; printf kept >file; printf lost >/usr/file; exit 7"
    status, out, err = lab(cli, "exec", "--console", "log", "sh", "-c", script)
    assert (status, out) == (7, "out\n"), err
    assert "err\n" in err and "lab: QEMU" in err
    assert (cli.directory / "file").read_text() == "kept" and not Path("/usr/file").exists()
    assert (cli.directory / "log").exists()


def test_a_crash_ends_quickly_and_what_was_synced_is_kept(cli: Cli) -> None:
    script = "printf kept >file; sync file; echo crashing; echo c >/proc/sysrq-trigger; sleep 1000"
    status, out, err = lab(cli, "exec", "sh", "-c", script)
    assert status == 3 and out == "crashing\n"
    assert "kernel panic: sysrq triggered crash, while the command ran" in err
    assert (cli.directory / "file").read_text() == "kept"


def test_a_profile_on_the_oldest_kernel(cli: Cli) -> None:
    cli.profile(PROFILE)
    (cli.directory / "elsewhere").mkdir()
    output = cli.directory / "elsewhere" / "r.json"
    work = Cli(cli.directory / "work")
    work.directory.mkdir()
    status, out, err = lab(
        work, "run", "../small.toml", "-b", "software", "--kernel", "oldest", "-o", "../elsewhere/r.json"
    )
    assert status == 0, err
    result = store.load(output)
    said = str(result.environment["benchsuite_lab"])
    assert said.endswith(f"kernel {result.environment['benchsuite_kernel_release']}")
    assert result.complete and ("emulated" in out) == (", tcg," in said)


def test_the_limit(cli: Cli) -> None:
    status, _, err = lab(cli, "exec", "--timeout", "5s", "sleep", "1000")
    assert status == 3 and "its limit of 5s passed" in err
