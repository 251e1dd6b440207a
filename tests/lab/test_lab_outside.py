"""The lab seen from the host: real machines are started, some of them to die."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from command import Cli

from benchsuite import store

pytestmark = pytest.mark.outside

PATIENCE = 600  # seconds; no assertion on speed

PROFILE = """
why = "A test."
[measure]
processes = 3
values = 2
min_time = "1ms"
[[matrix]]
why = "One."
algorithm = "aes-128-cbc"
backend = ["null", "software"]
request_size = 64
"""


def lab(cli: Cli, *arguments: str) -> tuple[int, str, str]:
    """Exit status, output, messages."""
    process = cli.start("lab", *arguments)
    out, err = process.communicate(timeout=PATIENCE)
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


def test_a_profile_on_the_oldest_kernel_interrupted_and_resumed(cli: Cli) -> None:
    cli.profile(PROFILE)
    (cli.directory / "elsewhere").mkdir()
    (cli.directory / "work").mkdir()
    output = cli.directory / "elsewhere" / "r.json"
    journal = output.with_name("r.json.journal")
    work = Cli(cli.directory / "work")
    line = ["run", "../small.toml", "--kernel", "oldest", "-o", "../elsewhere/r.json"]

    process = work.start("lab", *line)
    until = time.monotonic() + PATIENCE
    while not (journal.exists() and '{"run"' in journal.read_text()):
        assert time.monotonic() < until and process.poll() is None, process.communicate()[1]
        time.sleep(0.1)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "--resume" in err and "Traceback" not in err
    assert journal.exists() and not output.exists()

    status, out, err = lab(work, *line, "--resume")
    assert status == 0, err  # nothing is blamed for a machine that we ended
    result = store.load(output)
    assert result.complete and [len(case.runs) for case in result.cases] == [3, 3]
    said = str(result.environment["benchsuite_lab"])
    assert said.endswith(f"kernel {result.environment['benchsuite_kernel_release']}")
    assert ("emulated" in out) == (", tcg," in said)


def test_a_case_that_takes_the_machine_down_is_said_to_have_done_so(cli: Cli) -> None:
    """The kernel panics under a measurement; --resume, on a new boot, knows which and measures the rest."""
    cli.profile(PROFILE)
    longer = "-s processes=1 -s values=5 -s min_time=1s"
    run = f"{sys.executable} -m benchsuite run small.toml -q -o r.json {longer}"
    script = (
        f"{run} & until grep -q '\"start\"' r.json.journal 2>/dev/null; do sleep 0.1; done; "
        "sleep 1; echo c >/proc/sysrq-trigger; sleep 1000"
    )
    status, _, err = lab(cli, "exec", "sh", "-c", script)
    assert status == 3 and "kernel panic" in err
    assert not (cli.directory / "r.json").exists()
    status, out, err = lab(cli, "exec", *run.split(), "--resume")
    assert status == 3, err
    cases = store.load(cli.directory / "r.json").cases
    assert [case.failure.kind if case.failure else "" for case in cases] == ["machine-crash", ""], out


def test_the_limit(cli: Cli) -> None:
    status, _, err = lab(cli, "exec", "--timeout", "5s", "sleep", "1000")
    assert status == 3 and "its limit of 5s passed" in err
