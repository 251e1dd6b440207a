"""What users get wrong, and what goes wrong around them: a line or two, exit status 2, nothing lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from pathlib import Path

import pytest
from command import COMMAND, PATIENCE, SMALL, Cli, assert_is_a_message
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchsuite import store
from benchsuite.cli import cli as whole
from benchsuite.cli.errors import guarded
from benchsuite.profile.table import settable

# Profiles

PROFILES = [
    ('why = "x', "line 1"),
    ("why = 1\n", "why"),
    ('why = "x"\n', "matrix is missing"),
    ('why = "x"\nmatrix = []\n', "matrix"),
    ('why = "x"\n[[matrix]]\nwhy = "y"\n', "algorithm is missing"),
    (SMALL + "q_lem = 4\n", "did you mean 'q_len'"),
    (SMALL.replace("[measure]", "[mesure]"), "did you mean 'measure'"),
    (SMALL + "q_len = 0\n", "q_len"),
    (SMALL + "q_len = -1\n", "q_len"),
    (SMALL + "q_len = 1000000000000000000000000\n", "q_len"),
    (SMALL + "q_len = 1.5\n", "q_len"),
    (SMALL + 'q_len = "many"\n', "q_len"),
    (SMALL + "q_len = []\n", "empty"),
    (SMALL + "q_len = {}\n", "q_len"),
    (SMALL + "q_len = 4\nq_len = 5\n", "line 12"),
    (SMALL.replace("= 64", "= 0"), "request_size"),
    (SMALL.replace("= 64", "= 17"), "multiples of 16 bytes, not 17: try 16 or 32"),
    (SMALL.replace("= 64", "= 1979-05-27"), "request_size"),
    (SMALL.replace("aes-128-cbc", "aes-128-cbd"), "did you mean 'aes-128-cbc'"),
    (SMALL + 'backend = "sofware"\n', "did you mean 'software'"),
    (SMALL + 'iv = "chained"\nq_len = 4\n', "chained needs q_len = 1"),
    (SMALL.replace('"1ms"', '"0s"'), "min_time"),
    (SMALL.replace("processes = 2", "processes = 0"), "processes"),
    (SMALL + f"q_len = {list(range(1, 1001))}\nbatch = {list(range(1000))}\n", "matrix of 1000000 cases"),
    ("[" * 5000, "line 1"),
    ("", "matrix is missing"),
]


@pytest.mark.parametrize("text, expected", PROFILES, ids=[repr(text[-24:]) for text, _ in PROFILES])
def test_a_profile_that_is_wrong(text: str, expected: str, cli: Cli) -> None:
    message = cli.refuses("run", cli.profile(text))
    assert expected in message or expected.startswith("line")
    assert "small.toml" in message
    assert not (cli.directory / "results").exists()


def test_a_file_that_is_no_profile(cli: Cli) -> None:
    (cli.directory / "bytes.toml").write_bytes(bytes(range(256)))
    assert "not UTF-8" in cli.refuses("run", "./bytes.toml")
    assert "no such file" in cli.refuses("run", "./none.toml")
    assert "directory" in cli.refuses("run", "./")
    assert "did you mean 'quick'" in cli.refuses("run", "quik")


# Words of the command line


@pytest.mark.parametrize(
    "override, expected",
    [
        ("request_size", "key=value"),
        ("request_size=", "missing"),
        ("request_size=0", "request_size"),
        ("request_size=17", "multiples of 16"),
        ("q_lem=4", "did you mean 'q_len'"),
        ("q_len=-5", "-5"),
        ("q_len=99999999999999999999", "q_len"),
        ("q_len=1,,2", "missing"),
        ("algorithm=rot13", "rot13"),
        ("values=1,2", "one value"),
        ("=", "unknown key ''"),
        ("why=x", "why"),
    ],
)
def test_an_override_that_is_wrong(override: str, expected: str, cli: Cli) -> None:
    assert expected in cli.refuses("run", cli.profile(), "--set", override)


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["run"], "PROFILE"),
        (["run", "quick", "--bugdet", "1s"], "--budget"),
        (["run", "quick", "--budget", "soon"], "soon"),
        (["run", "quick", "--budget", "-1s"], "-1s"),
        (["run", "quick", "--budget", "0"], "above zero"),
        (["run", "quick", "--hz", "0"], "--hz"),
        (["run", "quick", "--format", "xml"], "xml"),
        (["run", "quick", "one", "too", "many"], "one"),
        (["frobnicate"], "frobnicate"),
        (["show"], "RESULT"),
        (["show", "none.json"], "no such result file"),
        (["completion", "tcsh"], "tcsh"),
    ],
    ids=" ".join,
)
def test_words_that_are_wrong(arguments: list[str], expected: str, cli: Cli) -> None:
    assert expected in cli.refuses(*arguments)


def test_no_arguments_at_all_is_the_help(cli: Cli) -> None:
    done = cli.run()
    assert done.returncode == 2
    assert "Usage: benchsuite" in done.stderr + done.stdout and "Traceback" not in done.stderr


# Backends


def test_backends_that_are_not_there(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("no library\n")
    (tmp_path / "empty.so").touch()
    source = tmp_path / "other.c"
    source.write_text("int answer = 42;\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "other.so", source], check=True)
    profile = cli.profile()
    for backend, expected in (
        ("sofware", "did you mean 'software'"),
        ("software:", ""),
        ("software:/no/such/libcrypto.so.3", "/no/such/libcrypto.so.3"),
        (f"software:{tmp_path}/text.so", "text.so"),
        (f"software:{tmp_path}/empty.so", "empty.so"),
        (f"software:{tmp_path}/other.so", "other.so"),
        (f"software:{tmp_path}", str(tmp_path)),
        ("python:3", "no setting"),
        ("null:x", ""),
        (":x", "backend"),
    ):
        message = cli.refuses("run", profile, "-b", backend)
        assert expected in message
    assert not (tmp_path / "results").exists()


def test_a_library_that_dies_when_it_is_loaded(cli: Cli, tmp_path: Path) -> None:
    source = tmp_path / "bad.c"
    source.write_text(
        "#include <stdlib.h>\n__attribute__((constructor)) static void die(void) { abort(); }\n"
    )
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "bad.so", source], check=True)
    assert "SIGABRT" in cli.refuses("run", cli.profile(), "-b", f"software:{tmp_path}/bad.so")


# Where results go


def test_outputs_that_cannot_be(cli: Cli, tmp_path: Path) -> None:
    profile = cli.profile()
    (tmp_path / "directory").mkdir()
    (tmp_path / "a-file").touch()
    for output, expected in (
        ("directory", "directory"),
        ("directory/", "directory"),
        ("none/r.json", "no directory"),
        ("a-file/r.json", "a-file"),
        ("n" * 300, "name too long"),
        ("r.json.gz", "uncompressed"),
        ("/dev/full", "no regular file"),
        ("/proc/r.json", "cannot write"),
        ("", "directory"),
    ):
        assert expected in cli.refuses("run", profile, "-o", output)
    (tmp_path / "results").touch()
    assert "results/ cannot be made" in cli.refuses("run", profile)


def test_standard_output_that_is_full(cli: Cli, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, "run", cli.profile(), "-q", "-o", "r.json"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
        )
    assert done.returncode == 2
    assert_is_a_message(done.stderr)
    assert "No space left" in done.stderr
    assert store.load(tmp_path / "r.json").complete


# A disk that fills up while a run goes on

ROUNDS = 40  # so that the journal outgrows the disk, however few latency buckets a quiet machine fills
FILLING = ["-b", "null", "-q", "-s", f"processes={ROUNDS}", "-s", "values=2", "-o", "r.json"]


def rounds_of(path: Path) -> list[int]:
    (case,) = store.load(path).cases
    return [run.round for run in case.runs]


def test_a_file_that_may_not_grow_loses_nothing(cli: Cli, tmp_path: Path) -> None:
    """Not even the rescue file fits: the journal has what was measured, and --resume goes on with it."""
    limit = 20_000
    arguments = ["run", cli.profile(), *FILLING]
    done = cli.run(
        *arguments,
        environment={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # which would be cut short, too
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 2
    assert "Incomplete" in done.stdout  # the figures so far, whatever happens to the files
    assert_is_a_message(done.stderr)
    assert "--resume" in done.stderr
    journal = tmp_path / "r.json.journal"
    kept = journal.read_text().count('{"run"')
    assert 1 < kept < ROUNDS and journal.read_bytes().endswith(b"\n")
    again = cli.run(*arguments, "--resume")
    assert again.returncode == 0, again.stderr
    assert rounds_of(tmp_path / "r.json") == list(range(ROUNDS))
    assert not journal.exists()


def mounts() -> bool:
    """May this test have a file system of its own?"""
    script = "mount -t tmpfs -o size=64k none /mnt"
    return subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True).returncode == 0


@pytest.mark.skipif(not shutil.which("unshare") or not mounts(), reason="no user namespaces with mounts here")
def test_a_full_file_system_loses_nothing(cli: Cli, tmp_path: Path) -> None:
    """What the journal could not take is in the rescue file; with room again --resume goes on."""
    cli.profile()
    for name in ("small-disk", "rescue"):
        (tmp_path / name).mkdir()
    run = f"{COMMAND} run ../small.toml {' '.join(FILLING)}"
    script = f"""
        mount -t tmpfs -o size=32k none small-disk && cd small-disk || exit 99
        TMPDIR=../rescue {run} 2> ../first; echo $? > ../first-status
        cp r.json.journal ..
        mount -o remount,size=4m . || exit 98
        {run} --resume 2> ../second; echo $? > ../second-status
        cp r.json ..
    """
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    first = (tmp_path / "first").read_text()
    assert (tmp_path / "first-status").read_text() == "2\n"
    assert_is_a_message(first)
    (rescued,) = (tmp_path / "rescue").iterdir()
    assert rescued.name in first and "No space left" in first and "--resume" in first
    # The disk was full when a round began, or when it was done: then that one is there, too.
    started = (tmp_path / "r.json.journal").read_text().count('{"start"')
    assert rounds_of(rescued) == list(range(started))
    assert not store.load(rescued).complete
    assert (tmp_path / "second-status").read_text() == "0\n", (tmp_path / "second").read_text()
    assert rounds_of(tmp_path / "r.json") == list(range(ROUNDS))


# Results to show


@pytest.fixture
def measured(cli: Cli) -> Cli:
    assert cli.run("run", cli.profile(), "-q", "-b", "null", "-o", "r.json").returncode == 0
    return cli


def test_a_truncated_result(measured: Cli) -> None:
    path = measured.directory / "r.json"
    whole_text = path.read_bytes()
    for size in (0, 1, 100, len(whole_text) // 2, len(whole_text) - 3):
        path.write_bytes(whole_text[:size])
        assert "r.json" in measured.refuses("show", "r.json")


def test_a_result_of_a_newer_version(measured: Cli) -> None:
    path = measured.directory / "r.json"
    data = json.loads(path.read_text())
    data["benchsuite"]["format"] = 1000
    path.write_text(json.dumps(data))
    message = measured.refuses("show", "r.json")
    assert "newer" in message and "1000" in message


def test_other_files_are_no_results(measured: Cli) -> None:
    (measured.directory / "list.json").write_text("[]")
    (measured.directory / "bytes.json").write_bytes(bytes(range(256)))
    for name in ("list.json", "bytes.json", "small.toml", ".", "/dev/null"):
        measured.refuses("show", name)


# Any words at all, in this process


def status_of(*words: str) -> int:
    """guarded() lets nothing out but a defect."""
    return guarded(lambda: whole.main(list(words), "benchsuite", standalone_mode=False))


WORDS = st.text(st.characters(blacklist_characters="\0"))
KEYS = st.sampled_from(sorted(settable()))
KNOWN_WORDS = st.sampled_from(["run", "show", "quick", "-n", "--set", "-f", "--hz"])
SETTINGS = st.one_of(WORDS, st.builds("{}={}".format, KEYS, st.one_of(WORDS, st.integers(), st.floats())))


@settings(deadline=None)
@given(SETTINGS)
@example("request_size=" + "9" * 5000)
@example("min_time=1e999")
@example("q_len=\ud800")
@example("algorithm=aes-128-cbc,\n")
def test_any_override_is_taken_or_refused(text: str) -> None:
    assert status_of("run", "quick", "-n", f"--set={text}") in (0, 2)


@settings(deadline=None)
@given(st.one_of(WORDS, WORDS.map("software:{}".format)))
@example("software:\udcff")
@example("software:" + "x" * 10_000)
def test_any_backend_is_taken_or_refused(text: str) -> None:
    assert status_of("run", "quick", "-n", f"--backend={text}") in (0, 2)


@settings(deadline=None)
@given(st.lists(st.one_of(WORDS, KNOWN_WORDS), max_size=4))
def test_any_words_are_taken_or_refused(words: list[str]) -> None:
    if any(word in ("run", "verify") for word in words):
        words = [*words, "--dry-run"]
    assert status_of(*words) in (0, 2)


def test_guarded_lets_defects_through() -> None:
    """A traceback is what a defect deserves; users' mistakes and the machine's troubles are sentences."""

    def defect() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(defect)
