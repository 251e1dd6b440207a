from __future__ import annotations

import copy
import errno
import gzip
import json
import os
import random
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyperf
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from store_strategies import json_values, real_result, results, worker_run

from benchsuite import files
from benchsuite.model import BenchsuiteError, Case, CaseResult, Result, Value, WorkerRun
from benchsuite.store import journal_path, suite, writing

relaxed = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def real_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("real") / "real.json"
    suite.save(real_result(), path)
    return path.read_text()


def names(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


def clear(error: BaseException) -> str:
    """What a person gets to read: at most two lines, no wall of text."""
    text = str(error)
    assert text and len(text.splitlines()) <= 2 and len(text) < 600, text
    return text


def load_or_refuse(path: Path) -> Result | None:
    try:
        return suite.load(path)
    except BenchsuiteError as error:
        clear(error)
        return None


# What is saved is what is loaded


def test_a_real_result_comes_back(tmp_path: Path) -> None:
    result = real_result()
    suite.save(result, tmp_path / "r.json")
    assert suite.load(tmp_path / "r.json") == result


@relaxed
@given(results)
def test_any_result_comes_back_exactly_and_pyperf_reads_it(tmp_path: Path, result: Result) -> None:
    path = tmp_path / "r.json"
    suite.save(result, path)
    assert suite.load(path) == result
    measured = [case for case in result.cases if case.measured]
    if measured:
        benchmarks = pyperf.BenchmarkSuite.load(str(path)).get_benchmarks()
        assert [b.get_values() for b in benchmarks] == [
            tuple(v.per_request for v in case.values) for case in measured
        ]
        for benchmark in benchmarks:
            benchmark.get_dates()
            benchmark.format_value(benchmark.median())


def test_two_cases_of_one_name_are_both_kept(tmp_path: Path) -> None:
    # request_num is no part of a case's name.
    result = real_result(failures=False)
    result.cases = [CaseResult(Case("null", "x", request_num=n), [worker_run()]) for n in (1, 1000)]
    suite.save(result, tmp_path / "r.json")
    assert suite.load(tmp_path / "r.json") == result
    first, second = pyperf.BenchmarkSuite.load(str(tmp_path / "r.json")).get_benchmark_names()
    assert first == result.cases[0].case.name and second == first + " #2"


def test_runs_without_a_value_keep_their_place(tmp_path: Path) -> None:
    result = real_result(sizes=(16,), failures=False)
    runs = [
        worker_run(0, values=0),
        worker_run(1),
        worker_run(2, values=0),
        worker_run(3),
        worker_run(4, values=0),
    ]
    result.cases[0].runs = runs
    suite.save(result, tmp_path / "r.json")
    assert suite.load(tmp_path / "r.json").cases[0].runs == runs
    assert pyperf.Benchmark.load(str(tmp_path / "r.json")).get_nrun() == 2


@pytest.mark.parametrize(
    "bad",
    [
        Value(0, 0.02, 0.0, 0.0),
        Value(5, 0.0, 0.0, 0.0),
        Value(5, -1.0, 0.0, 0.0),
        Value(5, float("nan"), 0.0, 0.0),
        Value(5, 1.0, float("inf"), 0.0),
        Value(5, 1.0, 0.0, 0.0, -1),
    ],
)
def test_a_figure_that_cannot_be_is_refused_and_the_old_file_stays(tmp_path: Path, bad: Value) -> None:
    path = tmp_path / "r.json"
    suite.save(real_result(), path)
    before = path.read_bytes()
    broken = real_result()
    broken.cases[0].runs[0].values.append(bad)
    with pytest.raises(BenchsuiteError, match="defect of benchsuite") as caught:
        suite.save(broken, path)
    clear(caught.value)
    assert path.read_bytes() == before and names(tmp_path) == ["r.json"]


def imported() -> Result:
    """A result of which it is certain, without a try, that it can be read."""
    run = WorkerRun(0, values=[Value(1000, 0.5, None, None)], facts={"imported_from": "tcrypt"})
    return Result("tcrypt", "", {}, [CaseResult(Case("tcrypt", "aes-128-cbc"), [run])])


def test_what_is_certain_needs_no_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*data: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(writing, "decode", refuse)
        suite.save(imported(), tmp_path / "r.json")
    assert suite.load(tmp_path / "r.json") == imported()


@pytest.mark.parametrize(
    ("where", "bad"),
    [
        *(("value", {"requests": bad}) for bad in (0, -1, 2**64, 1.5, True, "1")),
        *(("value", {"wall": bad}) for bad in (0.0, -1.0, 2e9, float("nan"), True)),
        *(("value", {"cycles": bad}) for bad in (-1, 0.5, 2**64)),
        *(("value", {"user": bad}) for bad in (-1.0, float("inf"), "x")),
        ("value", {"timestamps": -1.0}),
        *(("case", {"q_len": bad}) for bad in (-1, 2**64, 1.0, True, "1", None)),
        *(("case", bad) for bad in ({"in_place": 1}, {"algorithm": 5}, {"op": None})),
        *(("run", {"round": bad}) for bad in (-1, 2**64, 0.5, None)),
        *(("run", {"facts": bad}) for bad in ({"clock": 5}, {"clock": None})),
        *(("run", bad) for bad in ({"counters": {"a": 0.5}}, {"started": -1.0}, {"latency": {"clat": {}}})),
        *(("result", bad) for bad in ({"profile": 5}, {"why": None}, {"command": 1}, {"complete": 1})),
    ],
)
def test_what_load_would_refuse_is_never_certain(tmp_path: Path, where: str, bad: dict[str, Any]) -> None:
    result = imported()
    (case,) = result.cases
    (run,) = case.runs
    if where == "value":
        run.values = [replace(run.values[0], **bad)]
    elif where == "run":
        case.runs = [replace(run, **bad)]
    elif where == "case":
        case.case = replace(case.case, **bad)
    else:
        result = replace(result, **bad)
    with pytest.raises(BenchsuiteError, match="defect of benchsuite"):
        suite.save(result, tmp_path / "r.json")
    assert names(tmp_path) == []


# The form


def test_what_is_said_is_said_once_and_pyperf_has_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    result = real_result(failures=False)
    result.cases[1].runs[0].facts["note"] = " not quite\nprintable"
    suite.save(result, path)
    text = path.read_text()
    assert text.count("OpenSSL 3.0.19 27 Jan 2026") == 2  # for pyperf and for us, not once a run
    data = json.loads(text)
    assert set(data["benchmarks"][0]) == {"metadata", "runs"}
    assert set(data["benchmarks"][0]["runs"][0]["metadata"]) == {
        *("loops", "benchsuite_round", "benchsuite_mbps", "benchsuite_cpu_percent", "duration", "date")
    }
    assert data["benchmarks"][1]["runs"][0]["benchsuite"]["facts"] == {"note": " not quite\nprintable"}
    first, second = pyperf.BenchmarkSuite.load(str(path)).get_benchmarks()
    told = second.get_runs()[0].get_metadata()
    assert told["benchsuite_note"] == "not quite\\nprintable" and told["benchsuite_path"] == "direct"
    for key, value in result.cases[0].case.to_dict().items():
        assert first.get_metadata()[f"benchsuite_{key}"] == value


def test_facts_whose_names_are_taken_come_back(tmp_path: Path) -> None:
    result = imported()
    names = ("round", "mbps", "cpu_percent", "requests_per_second", "measured_version", "version", "")
    result.cases[0].runs[0].facts |= {name: f"fact {name}" for name in names} | {"empty": ""}
    suite.save(result, tmp_path / "r.json")
    assert suite.load(tmp_path / "r.json") == result


def test_a_fact_called_as_a_key_of_the_environment_is_not_mixed_up_with_it(tmp_path: Path) -> None:
    result = imported()
    result.environment["benchsuite_clock"] = "of the machine"
    result.cases[0].runs[0].facts["clock"] = "tsc"
    result.cases.append(CaseResult(Case("null", "aes-128-cbc"), [replace(result.cases[0].runs[0], facts={})]))
    suite.save(result, tmp_path / "r.json")
    assert suite.load(tmp_path / "r.json") == result


# pyperf's commands on our files


def run_pyperf(*arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pyperf", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A with failures, B 10% slower without."""
    directory = tmp_path_factory.mktemp("pair")
    a, b = directory / "a.json", directory / "b.json"
    suite.save(real_result(), a)
    suite.save(real_result(per_request=1.65e-6, failures=False), b)
    return a, b


def test_pyperf_compare_to(pair: tuple[Path, Path]) -> None:
    out = run_pyperf("compare_to", *pair, "--table")
    assert "software/aes-cbc-128/encrypt/request_size=16,q_len=1,batch=0,cbimm=1" in out
    assert "1.53 us" in out and "1.10x slower" in out


@pytest.mark.parametrize("command", ["stats", "hist", "check", "show", "metadata", "dump", "slowest"])
def test_pyperf_commands(command: str, pair: tuple[Path, Path]) -> None:
    assert "request_size=1488" in run_pyperf(command, pair[0])


@pytest.mark.parametrize("command", ["stats", "hist", "check", "show", "metadata", "dump"])
def test_pyperf_commands_on_a_single_case(command: str, tmp_path: Path) -> None:
    suite.save(real_result(sizes=(16,), failures=False), tmp_path / "one.json")
    assert run_pyperf(command, tmp_path / "one.json")


def test_pyperf_sees_metadata_and_counts(pair: tuple[Path, Path]) -> None:
    shown = run_pyperf("metadata", pair[0])
    for line in (
        "cpu_model_name: Some CPU @ 2 GHz",
        "benchsuite_measured_version: OpenSSL 3.0.19 27 Jan 2026",
        "benchsuite_request_size: 16",
        "benchsuite_load_after: 1.5",
        "benchsuite_version: 0.1.0",
    ):
        assert line in shown
    stats = run_pyperf("stats", pair[0])
    assert "Number of run with values: 3" in stats and "Number of value per run: 5" in stats
    assert "Raw value minimum: 30.0 ms" in stats and "Start date: 2026-09-" in stats


def test_pyperf_check_finds_nothing_wrong_with_steady_values(tmp_path: Path) -> None:
    result = real_result(sizes=(16,), failures=False)
    steady = [Value(1_000_000, 1.5 + 1e-6 * i, 1.5, 0.0) for i in range(20)]
    for run in result.cases[0].runs:
        run.values = steady
    suite.save(result, tmp_path / "r.json")
    assert "stable" in run_pyperf("check", tmp_path / "r.json")


def test_a_file_rewritten_by_pyperf_is_refused_and_says_why(pair: tuple[Path, Path], tmp_path: Path) -> None:
    for i, source in enumerate(pair):
        run_pyperf("convert", source, "-o", tmp_path / f"{i}.json")
        with pytest.raises(BenchsuiteError, match=r"rewritten by pyperf.*use the original file") as caught:
            suite.load(tmp_path / f"{i}.json")
        clear(caught.value)


# Files that are no results


def test_missing_directory_empty_gz_and_special_files(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    with pytest.raises(BenchsuiteError, match="no such result file"):
        suite.load(path)
    with pytest.raises(BenchsuiteError, match="is a directory"):
        suite.load(tmp_path)
    with pytest.raises(BenchsuiteError, match=r"NUL|null byte|no such"):
        suite.load("a\0b")
    with pytest.raises(BenchsuiteError, match="no regular file"):
        suite.load("/dev/null")
    path.write_text("")
    with pytest.raises(BenchsuiteError, match=r"is empty$"):
        suite.load(path)
    journal_path(path).write_text("x")
    with pytest.raises(BenchsuiteError, match=r"is empty; .*r\.json\.journal is there: .*--resume"):
        suite.load(path)
    path.write_bytes(gzip.compress(b"{}"))
    with pytest.raises(BenchsuiteError, match="gunzip"):
        suite.load(path)
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(BenchsuiteError, match="line 1: not UTF-8, as JSON must be"):
        suite.load(path)


def test_a_file_of_more_than_200_mb_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "r.json").open("wb") as file:
        file.truncate(200 * 10**6 + 1)
    with pytest.raises(BenchsuiteError, match="larger than 200 MB: this cannot be a result"):
        suite.load(tmp_path / "r.json")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "not JSON at byte 0"),
        ("[1, 2]", "expected an object, not a list"),
        ("{}", "no benchsuite result"),
        ('{"benchmarks": [{"metadata": 5}], "metadata": 5}', "not one of benchsuite"),
        ('{"benchmarks": {"a": 1}}', "not one of benchsuite"),
        ('{"version": "1.0", "benchmarks": []}', "not one of benchsuite"),
        ('{"benchmarks": [{"metadata": 5}], "metadata": 5}', "not one of benchsuite"),
        ('{"benchmarks": {"a": 1}}', "not one of benchsuite"),
        ('{"benchsuite": 3}', "benchsuite: expected an object, not 3"),
        (
            '{"benchsuite": {"format": 3}}',
            r"written by a newer benchsuite \(format 3; this one reads 2\): upgrade",
        ),
        ('{"benchsuite": {"format": 0}}', "format: expected a whole number"),
        ('{"benchsuite": {"format": true}}', "format: expected a whole number"),
        ('{"benchsuite": {"format": 1}}', "benchsuite.profile: is missing"),
        ('{"a": NaN}', "NaN is no measurement"),
        ('{"a": [-Infinity]}', "-Infinity is no measurement"),
        ('{"a": 1e999}', "1e999 is too large"),
        ('{"a": ' + "9" * 5000 + "}", "too many digits"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"a": ' * 50_000, "nested too deeply"),
        ('{"version":"1.0",\n"metadata":{"ä":"b', r"cut short at byte 37 .*at 35\).*--resume"),
    ],
)
def test_other_json(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(BenchsuiteError, match=says) as caught:
        suite.load(tmp_path / "r.json")
    assert clear(caught.value).startswith(str(tmp_path / "r.json"))


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("benchmarks 0 runs 0 benchsuite values wall 0", -1.0, r"wall\[?.*expected seconds"),
        ("benchmarks 0 runs 0 benchsuite values wall 0", 0, "expected seconds from 1e-09"),
        ("benchmarks 0 runs 0 benchsuite values wall", [1.0], "not equally long"),
        ("benchmarks 0 runs 0 benchsuite values requests 0", 1.5, "whole number"),
        ("benchmarks 0 runs 0 benchsuite values requests 0", 10**40, "not a huge number"),
        ("benchmarks 0 runs 0 benchsuite values requests 0", 19999, "but wall / requests is"),
        ("benchmarks 0 runs 0 values 0", 1.0, "but wall / requests is"),
        ("benchmarks 0 runs 0 values", [], "0 for pyperf, 5 for benchsuite"),
        ("benchmarks 0 runs", [], r"benchmarks\[0\].runs: is empty"),
        ("benchmarks 0 metadata name", "other", "there is no benchmark"),
        (
            "benchmarks 1 metadata name",
            "software/aes-cbc-128/encrypt/request_size=16,q_len=1,batch=0,cbimm=1",
            "a second",
        ),
        ("benchmarks 0 metadata benchsuite_q_len", "4", r"benchsuite_q_len: expected a whole .*not \"4\""),
        ("benchmarks 0 metadata benchsuite_q_lne", 4, r"benchsuite_q_lne: unknown key"),
        ("benchsuite shared case in_place", 1, "shared.case.in_place: expected true or false"),
        ("benchsuite shared case place", 1, "shared.case.place: unknown key"),
        ("benchsuite shared facts clock", 1, "shared.facts.clock: expected text, not 1"),
        ("benchmarks 0 runs 0 metadata benchsuite_round", "one", "benchsuite.round: expected a whole"),
        ("benchmarks 0 runs 0 benchsuite facts", {"path": 5}, "facts.path: expected text, not 5"),
        ("benchsuite cases 1 failure kind", "gone", "expected one of unavailable"),
        ("benchsuite cases 1 failure", 7, r"benchsuite.cases\[1\].failure: expected an object"),
        ("benchsuite complete", "yes", "benchsuite.complete: expected true or false"),
        ("benchsuite cases", [], "is not in it"),
        ("version", "2.0", "version: expected '1.0'"),
    ],
)
def test_edited_results_name_the_key(
    tmp_path: Path, real_text: str, keys: str, value: Any, says: str
) -> None:
    data = json.loads(real_text)
    *way, last = [int(key) if key.isdigit() else key for key in keys.split()]
    place = data
    for key in way:
        place = place[key]
    place[last] = value
    (tmp_path / "r.json").write_text(json.dumps(data))
    with pytest.raises(BenchsuiteError, match=says) as caught:
        suite.load(tmp_path / "r.json")
    clear(caught.value)


@relaxed
@given(st.data())
def test_a_result_cut_anywhere_is_refused(tmp_path: Path, real_text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(real_text) - 2))  # without the last newline it is still whole
    (tmp_path / "r.json").write_text(real_text[:cut])
    with pytest.raises(BenchsuiteError, match=r"cut short at byte|is empty") as caught:
        suite.load(tmp_path / "r.json")
    clear(caught.value)


@relaxed
@given(st.data())
def test_flipped_bytes_never_raise_anything_else(tmp_path: Path, real_text: str, data: st.DataObject) -> None:
    flips = st.tuples(st.integers(0, len(real_text) - 1), st.integers(1, 255))
    damaged = bytearray(real_text.encode())
    for position, bits in data.draw(st.lists(flips, min_size=1, max_size=4)):
        damaged[position] ^= bits
    (tmp_path / "r.json").write_bytes(damaged)
    load_or_refuse(tmp_path / "r.json")


def places(data: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every subtree."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [place for key, value in items for place in [(data, key), *places(value)]]


@relaxed
@given(seed=st.integers(0, 2**32), value=json_values | st.integers(-(10**400), 10**400), remove=st.booleans())
def test_replaced_subtrees_load_soundly_or_are_refused(
    tmp_path: Path, real_text: str, seed: int, value: Any, remove: bool
) -> None:
    data = json.loads(real_text)
    container, key = random.Random(seed).choice(places(data))
    if remove:
        del container[key]
    else:
        container[key] = value
    path = tmp_path / "r.json"
    path.write_text(json.dumps(data))
    if (result := load_or_refuse(path)) is not None:
        for case in result.cases:
            assert case.case.name and all(v.per_request > 0 for v in case.values)
        suite.save(result, path)  # whatever was let in is sound enough to be saved again
        assert suite.load(path) == result


@relaxed
@given(st.binary(max_size=200))
@example(b"\x00")
def test_any_bytes_are_refused(tmp_path: Path, data: bytes) -> None:
    assume(b"benchsuite" not in data)
    (tmp_path / "r.json").write_bytes(data)
    assert load_or_refuse(tmp_path / "r.json") is None


# Where it can be written


def test_check_writable_leaves_nothing_behind(tmp_path: Path) -> None:
    files.check_writable(tmp_path / "r.json")
    assert names(tmp_path) == []
    (tmp_path / "r.json").write_text("old")
    files.check_writable(tmp_path / "r.json")
    assert (tmp_path / "r.json").read_text() == "old" and names(tmp_path) == ["r.json"]


def test_check_writable_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "fifo")
    for name, says in [
        ("", "is empty; give one, as -o"),
        ("  ", "is empty"),
        ("a\0b", "NUL"),
        ("/", "is a directory; add a file name"),
        (f"{tmp_path}", "is a directory; add a file name"),
        (f"{tmp_path}/new/", "is a directory; add a file name"),
        (f"{tmp_path}/no/r.json", f"there is no directory {tmp_path}/no; make it with mkdir -p"),
        (f"{tmp_path}/file/r.json", "there is no directory"),
        (f"{tmp_path}/fifo", "is no regular file"),
        (f"{tmp_path}/r.json.gz", f"use -o {tmp_path}/r.json$"),
        (f"{tmp_path}/{'x' * 300}", "cannot write there .File name too long"),
        (
            f"{tmp_path}/{'x' * 250}",
            "cannot write there .File name too long",
        ),  # fits, but its journal does not
    ]:
        with pytest.raises(BenchsuiteError, match=says) as caught:
            files.check_writable(name)
        clear(caught.value)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(BenchsuiteError, match="cannot write there"):
        files.check_writable(tmp_path / "loop")


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Others may look into it, which is not so for pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_no_permission(open_directory: Path) -> None:
    """As somebody who is not root, in a process of its own where we are."""
    tmp_path = open_directory
    (tmp_path / "old.json").write_text("{}")
    (tmp_path / "old.json").chmod(0o444)
    (tmp_path / "closed").mkdir(mode=0o555)
    program = f"""
import os, sys
from benchsuite import files
from benchsuite.model import BenchsuiteError
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for name in ("old.json", "closed/r.json"):
    try:
        files.check_writable({str(tmp_path)!r} + "/" + name)
    except BenchsuiteError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert "write-protected" in first and "Permission denied" in second


def test_the_file_has_ordinary_permissions_and_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "real" / "r.json")
    umask = os.umask(0o022)
    try:
        suite.save(real_result(), tmp_path / "link.json")
    finally:
        os.umask(umask)
    assert (tmp_path / "link.json").is_symlink()
    assert stat.S_IMODE((tmp_path / "real" / "r.json").stat().st_mode) == 0o644
    assert journal_path(tmp_path / "link.json") == tmp_path.resolve() / "real" / "r.json.journal"


# A full disk


def with_file_limit(limit: int, body: str) -> str:
    """Runs a program in which no file can grow beyond `limit` bytes: write says EFBIG."""
    program = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from store_strategies import real_result
from benchsuite.model import BenchsuiteError
from benchsuite.store import suite
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
{body}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_leaves_the_old_result(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    old = replace_profile(real_result(), "old")
    suite.save(old, path)
    out = with_file_limit(
        1000,
        f"""
try:
    suite.save(real_result(), {str(path)!r})
except BenchsuiteError as error:
    print(error)
""",
    )
    assert (
        "cannot be written (File too large)" in out
        and f"{path}.journal" in out
        and len(out.splitlines()) == 1
    )
    assert suite.load(path) == old and names(tmp_path) == ["r.json"]


def replace_profile(result: Result, profile: str) -> Result:
    return replace(copy.deepcopy(result), profile=profile)


def test_rescue_saves_everything_in_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = replace_profile(real_result(), "../odd name/é")
    path = suite.rescue(result)
    assert path.parent == tmp_path and path.name.startswith("benchsuite-.._odd_name__-")
    assert suite.load(path) == result


def test_rescue_says_so_when_the_temporary_directory_is_full_too(tmp_path: Path) -> None:
    out = with_file_limit(
        1000,
        f"""
import tempfile
from collections.abc import Iterator
tempfile.tempdir = {str(tmp_path)!r}
try:
    suite.rescue(real_result())
except BenchsuiteError as error:
    print(error)
""",
    )
    assert "not even in the temporary directory" in out and names(tmp_path) == []


def test_a_failing_rename_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r.json").write_text("old")

    def refuse(*names: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(BenchsuiteError, match="Read-only file system"):
        suite.save(real_result(), tmp_path / "r.json")
    assert (tmp_path / "r.json").read_text() == "old" and names(tmp_path) == ["r.json"]
