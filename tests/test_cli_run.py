"""`benchsuite run`, the real command: what it measures, keeps, prints and writes."""

from __future__ import annotations

import ctypes.util
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pyperf
import pytest
from command import COMMAND, PATIENCE, SMALL, Cli

from benchsuite import store
from benchsuite.model import Result

MIXED = """
why = "A test of several things."
[measure]
processes = 2
values = 3
warmups = 2
min_time = "2ms"
[[matrix]]
why = "Ciphers on two backends, directly and through the queues."
backend = ["null", "software"]
algorithm = ["aes-128-cbc", "aes-192-cbc+hmac-sha1"]
request_size = [64, 1488]
round_size = true
[[matrix]]
why = "Through the queues."
algorithm = "aes-128-gcm"
q_len = 4
batch = 1
cbimm = 0
[[matrix]]
why = "From Python."
backend = "python"
algorithm = "sha256"
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """One run of many cases, which several tests look at."""
    cli = Cli(tmp_path_factory.mktemp("mixed"))
    done = cli.run("run", cli.profile(MIXED), "-o", "mixed.json")
    return done, cli.directory / "mixed.json"


@pytest.fixture(scope="module")
def result(mixed: tuple[subprocess.CompletedProcess[str], Path]) -> Result:
    return store.load(mixed[1])


def test_it_succeeds_and_says_where_the_result_is(
    mixed: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, path = mixed
    assert done.returncode == 0, done.stderr
    assert "result: mixed.json" in done.stderr
    assert "10 cases, 20 worker processes" in done.stderr
    assert not path.with_name("mixed.json.journal").exists()
    assert [each.name for each in path.parent.iterdir() if each.suffix != ".toml"] == ["mixed.json"]


def test_every_case_has_all_its_values_of_at_least_min_time(result: Result) -> None:
    assert result.complete
    assert len(result.cases) == 10
    for case in result.cases:
        assert case.failure is None
        assert [run.round for run in case.runs] == [0, 1]
        assert all(len(run.values) == 3 for run in case.runs)
        assert all(value.wall >= 0.002 for value in case.values)


def test_warmups_are_kept_apart(result: Result) -> None:
    for case in result.cases:
        assert all(len(run.warmups) >= 2 for run in case.runs)
        assert len(case.runs[0].warmups) > 2  # calibration, which the second round does without


def test_wall_time_cpu_time_and_cycles_of_every_value(result: Result) -> None:
    for case in result.cases:
        for value in case.values:
            assert value.requests > 0 and value.wall > 0
            assert value.user >= 0 and value.system >= 0
            assert (value.cycles is None) == (case.case.backend == "python")


def test_facts_of_every_case(result: Result) -> None:
    for case in result.cases:
        for run in case.runs:
            assert run.facts["version"]
            assert run.facts["cycles_source"] in ("perf", "perf-user", "tsc", "cntvct", "none")
            verified = "nothing to verify" if case.case.backend == "null" else r"\d+ requests"
            assert re.fullmatch(verified, run.facts["verified"])
            assert (
                run.counters["completed"] == run.counters["submitted"] >= sum(v.requests for v in run.values)
            )
            assert run.ended > run.started > 0
    paths = {case.case.backend: case.runs[0].facts["path"] for case in result.cases if case.case.batch == 0}
    assert paths == {"null": "direct", "software": "direct", "python": "Python, caller's thread"}
    queued = next(case for case in result.cases if case.case.batch)
    assert queued.runs[0].facts["path"] == "queues and threads"


def test_rounds_are_interleaved_over_the_cases(result: Result) -> None:
    starts = [max(run.started for case in result.cases for run in case.runs if run.round == 0)]
    starts += [min(run.started for case in result.cases for run in case.runs if run.round == 1)]
    assert starts == sorted(starts)


def test_the_environment_is_kept(result: Result) -> None:
    text = json.dumps(result.environment)
    for needle in ("cpu", "kernel", "compiler", "load"):
        assert needle in text.lower()


def test_pyperf_reads_the_file_and_agrees_on_the_values(
    mixed: tuple[subprocess.CompletedProcess[str], Path], result: Result
) -> None:
    suite = {bench.get_name(): bench for bench in pyperf.BenchmarkSuite.load(str(mixed[1])).get_benchmarks()}
    assert set(suite) == {case.case.name for case in result.cases}
    for case in result.cases:
        assert suite[case.case.name].get_values() == pytest.approx(tuple(v.per_request for v in case.values))


@pytest.mark.parametrize("arguments", [["stats"], ["hist"], ["check"], ["compare_to", "--table"]])
def test_pyperf_commands_work_on_a_real_run(
    arguments: list[str], mixed: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    files = [mixed[1], mixed[1]] if arguments[0] == "compare_to" else [mixed[1]]
    done = subprocess.run(
        [sys.executable, "-m", "pyperf", arguments[0], *files, *arguments[1:]],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_every_format_of_one_run(cli: Cli) -> None:
    formats = ["ocf-bench", "table", "json", "csv", "markdown"]
    options = [word for name in formats for word in ("-f", name)]
    done = cli.run("run", cli.profile(), "-q", "-b", "null", "-b", "software", *options)
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"^\[ *\d+\.\d{6}\] OCF: \d+ requests of 64 bytes in \d+ jiffies \(\d+\.\d{3} Mbps\)$",
        done.stdout,
        re.MULTILINE,
    )
    assert "name,backend,algorithm" in done.stdout
    assert "|" in done.stdout and '"algorithm"' in done.stdout


@pytest.mark.parametrize("name", ["ocf-bench", "table", "json", "csv", "markdown"])
def test_show_prints_what_run_printed(name: str, cli: Cli) -> None:
    done = cli.run("run", cli.profile(), "-q", "-f", name, "-o", "r.json")
    shown = cli.run("show", "r.json", "-f", name)
    assert shown.returncode == 0 and shown.stdout == done.stdout != ""
    if name == "json":
        json.loads(shown.stdout)


def test_the_default_output_is_in_results(cli: Cli) -> None:
    done = cli.run("run", cli.profile(), "-q")
    assert done.returncode == 0
    (path,) = (cli.directory / "results").iterdir()
    assert re.fullmatch(r"small-\d{8}-\d{6}\.json", path.name)
    assert f"result: results/{path.name}" in done.stderr
    assert store.load(path).profile == "small"


def test_runs_of_the_same_second_do_not_collide(cli: Cli) -> None:
    for _ in range(3):
        assert cli.run("run", cli.profile(), "-q", "-b", "null", "-s", "values=1").returncode == 0
    assert len(list((cli.directory / "results").glob("*.json"))) == 3


def test_an_existing_result_is_refused_unless_overwritten(cli: Cli) -> None:
    profile = cli.profile()
    assert cli.run("run", profile, "-q", "-o", "r.json").returncode == 0
    before = (cli.directory / "r.json").read_bytes()
    assert "--overwrite" in cli.refuses("run", profile, "-q", "-o", "r.json")
    assert (cli.directory / "r.json").read_bytes() == before
    assert cli.run("run", profile, "-q", "-o", "r.json", "--overwrite").returncode == 0
    assert (cli.directory / "r.json").read_bytes() != before


def test_a_dry_run_in_which_nothing_fits_is_no_success(cli: Cli) -> None:
    profile = cli.profile()
    words = ("run", profile, "-n", "-b", "auto", "-s", "request_size=16")
    assert cli.run(*words, "--require", "software").returncode == 0
    done = cli.run(*words, "-b", "software", "--require", "hardware")
    if "chooses" in done.stderr and "nothing:" in done.stderr:  # a machine without such hardware
        assert done.returncode == 3 and "auto finds nothing here for 1 of them" in done.stderr


def test_a_profile_of_ones_own_need_not_say_why(cli: Cli) -> None:
    path = cli.directory / "mine.toml"
    path.write_text('[[matrix]]\nalgorithm = "aes-128-cbc"\nbackend = "null"\nrequest_size = 16\n')
    done = cli.run("run", "./mine.toml", "-s", "processes=1", "-s", "values=2", "-q", "-o", "r.json")
    assert done.returncode == 0 and done.stdout.startswith("Profile mine\n"), done.stderr
    for words in (["-f", "markdown"], ["-f", "json"], ["-f", "csv"], ["--across", "backend"]):
        assert cli.run("show", "r.json", *words).returncode == 0
    assert cli.run("report", "r.json").returncode == 0


def test_a_dry_run_measures_nothing_and_writes_nothing(cli: Cli) -> None:
    done = cli.run("run", cli.profile(), "--dry-run", "-s", "request_size=16,64")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 3 and lines[-1].startswith("2 cases, about ")
    assert "request_size=16," in lines[0] and "2 processes x 3 values" in lines[0]
    assert [path.name for path in cli.directory.iterdir()] == ["small.toml"]
    assert "there is no device 'nix'" in cli.refuses("run", "quick", "-n", "-b", "sim:nix")
    assert cli.run("run", "quick", "-n", "-b", "software:/none.so").returncode == 0


def test_a_filter_leaves_cases_of_the_profile(cli: Cli) -> None:
    profile = cli.profile(MIXED)
    done = cli.run("run", profile, "-n", "--filter", "algorithm=aes-*", "--filter", "request_size>=1024")
    assert done.returncode == 0
    *cases, last = done.stdout.splitlines()
    assert last.startswith(f"{len(cases)} cases") and {line.split("/")[1] for line in cases} == {
        "aes-128-cbc",
        "aes-192-cbc+hmac-sha1",
        "aes-128-gcm",
    }
    assert not any("request_size=64," in line for line in cases)
    assert "no case of the profile fits" in cli.refuses("run", profile, "--filter", "algorithm=nix")
    assert "did you mean 'algorithm'" in cli.refuses("run", profile, "--filter", "algoritm=aes-*")


def test_quiet_leaves_the_report(cli: Cli) -> None:
    done = cli.run("run", cli.profile(), "--quiet", "-o", "r.json")
    assert done.stderr.split() == ["result:", "r.json"]
    assert "aes-128-cbc" in done.stdout


def test_two_backends_in_one_run(cli: Cli) -> None:
    assert cli.run("run", cli.profile(), "-q", "-b", "null", "-b", "python", "-o", "r.json").returncode == 0
    assert [case.case.backend for case in store.load(cli.directory / "r.json").cases] == ["null", "python"]


def test_two_libraries_in_one_run(cli: Cli, tmp_path: Path) -> None:
    """Another file of the same library: each worker says which version it loaded."""
    name = ctypes.util.find_library("crypto")
    maps = subprocess.run(
        [sys.executable, "-c", f"import ctypes; ctypes.CDLL({name!r}); print(*open('/proc/self/maps'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    system = next(line.split()[-1] for line in maps.splitlines() if line.endswith(str(name)))
    other = tmp_path / "libcrypto-other.so"
    shutil.copy(system, other)
    done = cli.run("run", cli.profile(), "-q", "-b", "software", "-b", f"software:{other}", "-o", "r.json")
    assert done.returncode == 0, done.stderr
    first, second = store.load(tmp_path / "r.json").cases
    assert (first.case.backend, second.case.backend) == ("software", f"software:{other}")
    assert first.measured and second.measured
    assert "OpenSSL" in second.runs[0].facts["version"]


def test_ways_to_the_same_command(cli: Cli) -> None:
    as_module = subprocess.run(
        [sys.executable, "-m", "benchsuite", "--version"], cwd=cli.directory, capture_output=True, text=True
    )
    assert as_module.stdout == cli.run("--version").stdout
    assert re.fullmatch(r"benchsuite \d+\.\d+.*\n", as_module.stdout)


def test_workers_measure_with_the_benchsuite_that_started_them(cli: Cli, tmp_path: Path) -> None:
    """Not with one that happens to be installed: here it is a copy, found by PYTHONPATH."""
    import benchsuite

    site = tmp_path / "site"
    shutil.copytree(
        Path(benchsuite.__file__).parent, site / "benchsuite", ignore=shutil.ignore_patterns("*.c")
    )
    worker = site / "benchsuite" / "runner" / "worker.py"
    worker.write_text(worker.read_text() + "\nprint('the copy', file=sys.stderr)\nos._exit(7)\n")
    done = subprocess.run(
        [sys.executable, "-m", "benchsuite", "run", cli.profile(), "-q"],
        cwd=cli.directory,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 3
    assert "status 7" in done.stdout and "the copy" in done.stdout


# Where the output goes


def in_terminal(cli: Cli, width: int, *arguments: str) -> str:
    """What a terminal of that width is sent on standard output and standard error."""
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (24, width))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [COMMAND, *arguments], cwd=cli.directory, stdin=child, stdout=child, stderr=child, env=environment
    )
    os.close(child)
    seen = b""
    try:
        while data := os.read(parent, 65536):
            seen += data
    except OSError:  # EIO: nobody has the other end open any more
        pass
    finally:
        os.close(parent)
    assert process.wait(PATIENCE) == 0, seen
    return seen.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("width", [80, 200])
def test_tables_fit_the_terminal(width: int, cli: Cli) -> None:
    cli.profile(MIXED)
    assert cli.run("run", "./small.toml", "-q", "-o", "r.json").returncode == 0
    lines = in_terminal(cli, width, "show", "r.json").splitlines()
    assert sum("aes-192-cbc+hmac-sha1" in line for line in lines) == 4
    assert max(map(len, lines)) <= width


def test_a_terminal_gets_a_bar_that_goes_away(cli: Cli) -> None:
    seen = in_terminal(cli, 100, "run", cli.profile(), "-s", "values=200")
    assert "left" in seen and "%" in seen
    assert "worker processes, about" not in seen


@pytest.mark.parametrize("formats", [["csv"], ["json", "table", "markdown"]])
def test_a_reader_that_stops_reading_is_no_error(formats: list[str], cli: Cli) -> None:
    options = " ".join(f"-f {name}" for name in formats)
    sizes = ",".join(str(16 * n) for n in range(1, 31))
    fast = f"-b null -s processes=1 -s values=1 -s request_size={sizes}"
    script = f"{COMMAND} run {cli.profile()} {fast} -o r.json {options} | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=cli.directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    assert len(store.load(cli.directory / "r.json").cases) == 30
    assert not (cli.directory / "r.json.journal").exists()


def test_nobody_reading_the_progress_does_not_end_the_run(cli: Cli) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [COMMAND, "run", cli.profile(), "-o", "r.json"],
        cwd=cli.directory,
        stderr=writer,
        stdout=subprocess.PIPE,
    )
    os.close(writer)
    assert done.returncode == 0 and b"aes-128-cbc" in done.stdout
    assert store.load(cli.directory / "r.json").complete


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_standard_streams_may_be_closed(closed: str, cli: Cli) -> None:
    script = f"{COMMAND} run {cli.profile()} -b null -o r.json {closed}"
    done = subprocess.run(["bash", "-c", script], cwd=cli.directory, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    assert store.load(cli.directory / "r.json").complete


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=str,
)
def test_a_locale_without_utf8(locale: dict[str, str], cli: Cli) -> None:
    options = [word for name in ("table", "csv", "json", "markdown", "ocf-bench") for word in ("-f", name)]
    text = SMALL.replace("A test.", "A tést of µs — in any locale.")
    done = cli.run("run", cli.profile(text), *options, environment=os.environ | locale)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "aes-128-cbc" in done.stdout
