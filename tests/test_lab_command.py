"""`benchsuite lab` as a user meets it, with a program in QEMU's place: output, status, failures, signals."""

from __future__ import annotations

import io
import re
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from command import PATIENCE, Cli
from lab_fake import CRASHED, QEMU, Fake
from report_fixture import sizes

from benchsuite.cli import lab as lab_command
from benchsuite.cli import run as run_command
from benchsuite.host import environment
from benchsuite.lab import lab, programs
from benchsuite.lab.qemu import KVM, TCG
from benchsuite.model import CouldNotMeasure
from benchsuite.report import FORMATS, render


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    return Fake(tmp_path)


WORKS = """
say("control", "note no ip here\\nstarted\\n")
say("out", "one\\n"); say("err", "two\\n"); time.sleep(0.2)
say("out", "three" + mark()); say("err", mark()); say("control", "exit 7\\n")
time.sleep(1000)
"""


def test_output_and_status_come_out(fake: Fake, cli: Cli) -> None:
    fake.qemu(WORKS)
    done = cli.run(*fake.arguments, "--console", "log", "true", environment=fake.environment)
    assert (done.returncode, done.stdout) == (7, "one\nthree"), done.stderr
    assert "two\n" in done.stderr and "lab: no ip here\n" in done.stderr
    assert re.search(r"^lab: QEMU 9.8.7, tcg, \d+ CPUs?, kernel 6.9.1$", done.stderr, re.MULTILINE)
    assert list(fake.temporary.iterdir()) == [] and (cli.directory / "log").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("print('no such device', file=sys.stderr); sys.exit(1)", "QEMU did not start it: no such device"),
        (f"console.write({CRASHED!r}); say('control', 'started\\n')", "BUG: kernel NULL pointer"),
        ("console.write('half'); os.abort()", "ended before the command began"),
        ("say('control', 'started\\n'); say('out', 'partial')", "ended while the command ran"),
        ("time.sleep(1000)", "its limit of 2s passed before the command began"),
    ],
    ids=["refuses", "crashes", "dies", "ends", "hangs"],
)
def test_a_machine_that_gives_no_status(script: str, said: str, fake: Fake, cli: Cli) -> None:
    fake.qemu(script)
    done = cli.run(*fake.arguments, "--timeout", "2s", "true", environment=fake.environment)
    assert done.returncode == 3 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ("partial" if "partial" in script else "")
    assert list(fake.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("hangs", "said"), [(1, "started once more"), (2, "twice it had not begun after 1s")]
)
def test_a_machine_that_stands_still_while_it_boots_is_started_once_more(
    hangs: int, said: str, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = fake.directory / "starts"
    fake.qemu(
        f"with open({str(starts)!r}, 'a') as starts: starts.write('x')\n"
        f"if os.path.getsize({str(starts)!r}) <= {hangs}: time.sleep(1000)\n{WORKS}"
    )
    monkeypatch.setattr(lab, "UNTIL_BEGUN", 1.0)
    for name in ("PATH", "TMPDIR", "BENCHSUITE_LAB_CACHE"):
        monkeypatch.setenv(name, fake.environment[name])
    monkeypatch.setattr(tempfile, "tempdir", str(fake.temporary))
    told: list[str] = []
    machine = lab.Lab(lab.Settings(kernel=str(fake.directory / "kernel"), accelerator=TCG), told.append)
    out = io.BytesIO()
    if hangs == 1:
        assert machine.run(["true"], [], out, io.BytesIO()) == 7
        assert out.getvalue() == b"one\nthree" and said in "\n".join(told)
    else:
        with pytest.raises(CouldNotMeasure, match=said):
            machine.run(["true"], [], out, io.BytesIO())
    assert starts.read_text() == "xx" and list(fake.temporary.iterdir()) == []


def processes_with(text: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text in path.read_bytes().decode(errors="replace"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_interrupted_it_leaves_nothing(number: int, fake: Fake, cli: Cli) -> None:
    fake.qemu("say('control', 'started\\n'); say('out', 'here\\n'); time.sleep(1000)")
    process = cli.start(*fake.arguments, "true", env=fake.environment)
    assert process.stdout and process.stdout.readline() == "here\n"
    machine = f"path={fake.temporary}"
    assert processes_with(machine)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    until = time.monotonic() + PATIENCE
    while processes_with(machine):
        assert time.monotonic() < until
        time.sleep(0.01)
    if number != signal.SIGKILL:
        assert process.returncode == 130 and "Traceback" not in err
        assert list(fake.temporary.iterdir()) == []


def test_a_reader_that_goes_away_ends_the_machine(fake: Fake, cli: Cli) -> None:
    fake.qemu("say('control', 'started\\n')\nwhile True: say('out', 'x' * 1000 + '\\n'); time.sleep(0.01)")
    process = cli.start(*fake.arguments, "true", env=fake.environment)
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(PATIENCE) == 0
    assert not processes_with(f"path={fake.temporary}")


def test_no_qemu(fake: Fake, cli: Cli) -> None:
    if any(Path(directory, QEMU).exists() for directory in programs.SYSTEM):
        pytest.skip("QEMU stands among the system's programs here")
    done = cli.run(*fake.arguments, "true", environment={**fake.environment, "PATH": str(fake.bin)})
    assert done.returncode == 3
    assert done.stderr.endswith("on Debian: sudo apt-get install qemu-system-x86\n")


@pytest.mark.parametrize(
    "line",
    [
        "quick",
        "sizes -b null -b software:/x --set request_size=16,64 -s q_len=4 -o a.json --overwrite -q",
        "./my.toml --budget 90s --deadline 2m -n --resume -f csv -f table --hz 100",
    ],
)
def test_the_inner_run_is_told_the_same(line: str) -> None:
    def parse(words: list[str]) -> dict[str, object]:
        return dict(run_command.command.make_context("run", list(words)).params)

    given = parse(line.split())
    again = parse(lab_command.words(given))
    assert again == given


def test_mistakes_are_found_before_a_machine_starts(cli: Cli) -> None:
    assert "nonsense" in cli.refuses("lab", "run", "nonsense")
    cli.refuses("lab", "run", "quick", "--set", "request_size=huge")
    cli.refuses("lab", "run", "quick", "-o", "missing/directory/r.json")
    cli.refuses("lab", "run", "quick", "--memory", "3")
    cli.refuses("lab", "exec")


@pytest.mark.parametrize("format", FORMATS)
def test_every_report_says_that_the_cpu_is_emulated(format: str) -> None:
    """A machine with KVM has the host's CPU, and needs no word."""
    for accelerator_name, said in ((TCG, True), (KVM, False)):
        facts = f"QEMU 9.8.7, {accelerator_name}, 2 CPUs, kernel 6.9.1-tcg"
        result = replace(sizes(), environment={"benchsuite_lab": facts})
        assert ("emulated" in render(result, format, 80)) == said


def test_the_guest_tells_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCHSUITE_LAB", raising=False)
    assert "benchsuite_lab" not in environment()
    monkeypatch.setenv("BENCHSUITE_LAB", "QEMU 9, tcg")
    monkeypatch.setenv("BENCHSUITE_LAB_REVISION", "0123456789ab")
    found = environment()
    assert found["benchsuite_lab"] == "QEMU 9, tcg" and found["benchsuite_revision"] == "0123456789ab"
