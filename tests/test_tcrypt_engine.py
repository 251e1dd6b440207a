"""The tcrypt backend over logs that a real kernel wrote: its values, what one load answers, and the plan."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command import Cli
from test_tcrypt import MODE_500, SAMPLES, SECONDS, case, log_of

from benchsuite import backends
from benchsuite.backends import MeasureError, SelfTimed, tcrypt
from benchsuite.backends.tcrypt import module
from benchsuite.backends.tcrypt.engine import Shelf, TcryptEngine
from benchsuite.backends.tcrypt.parameters import Options
from benchsuite.model import Case, Measure, Plan
from benchsuite.runner import calls, rounds
from benchsuite.units import parse_duration


class Kernel:
    """Gives the real log of a load, and counts."""

    def __init__(self, **logs: str) -> None:
        """By `mode_sec`, e.g. m600_0."""
        self.logs, self.loads = logs, []

    def load(self, arguments: list[str]) -> str:
        self.loads.append(arguments)
        given = dict(argument.split("=", 1) for argument in arguments)
        return (SAMPLES / self.logs[f"m{given['mode']}_{given['sec']}"]).read_text()


OLD = {"m600_0": "6.1-mbskcipher-seconds-mode600.log", "m500_0": MODE_500, "m500_1": MODE_500}


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel(**OLD)
    monkeypatch.setattr(module, "load", made.load)
    return made


def engine(what: Case, folder: Path | None, round_number: int = 0) -> tuple[TcryptEngine, float]:
    made = TcryptEngine(Options(), what, "tcrypt of a test")
    assert isinstance(made, SelfTimed)
    seconds, _ = made.prepare(round_number, SECONDS, folder)
    return made, seconds


def test_values_are_tcrypts_own_figures(kernel: Kernel, tmp_path: Path) -> None:
    made, seconds = engine(case(request_size=16), tmp_path)
    value = made.run(1)
    line = next(
        record
        for record in log_of(MODE_500).records
        if (record.algorithm, record.key_bits, record.size) == ("cbc(aes)", 128, 16)
    )
    assert (value.requests, value.wall) == (line.operations, 1.0)
    assert value.requests * 16 * 8 / value.wall == line.bytes * 8
    assert (value.user, value.system, value.cycles) == (None, None, None)
    facts = made.facts()
    assert facts["tcrypt_line"] == line.line and facts["tcrypt_parameters"] == "mode=500 sec=1"
    assert facts["kernel_driver"] == "cbc-aes-aesni" and facts["way"] == "sync"
    assert made.counters()["completed"] == line.operations
    assert 288 <= seconds < 300


def test_one_load_answers_every_case_of_its_mode_and_round(kernel: Kernel, tmp_path: Path) -> None:
    for name in ("aes-128-cbc", "aes-256-ctr", "aes-256-xts"):
        for op in ("encrypt", "decrypt"):
            made, _ = engine(case(name, op=op, request_size=4096), tmp_path)
            made.run(1)
    # Once to see that `alg` is passed over, once to see what there is, and once by the second.
    assert [" ".join(load) for load in kernel.loads] == [
        "mode=600 alg=cbc(aes) klen=16 num_mb=1 sec=0",
        "mode=500 sec=0",
        "mode=500 sec=1",
    ]
    _, seconds = engine(case(), tmp_path)
    assert seconds == 0
    made, seconds = engine(case(), tmp_path, round_number=1)
    assert seconds >= 288
    made.run(1)
    assert len(kernel.loads) == 4


def test_without_a_folder_nothing_is_remembered(kernel: Kernel) -> None:
    for _ in range(2):
        made, _ = engine(case(), None)
        made.run(1)
    assert len(kernel.loads) == 2 * 3


def test_a_load_that_failed_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(arguments: list[str]) -> str:
        raise MeasureError("unavailable", "for the test")

    monkeypatch.setattr(module, "load", refuse)
    with pytest.raises(MeasureError):
        Shelf(tmp_path).log(["mode=1"], "x")
    assert list(tmp_path.iterdir()) == []


def test_a_case_without_a_line_costs_no_minutes(kernel: Kernel, tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="the nearest are 256 and 1024"):
        engine(case(request_size=1008), tmp_path)
    assert all(load[-1] == "sec=0" for load in kernel.loads)


def test_operations_that_never_ended_are_no_figure(kernel: Kernel, tmp_path: Path) -> None:
    slow = tmp_path / "slow.log"
    slow.write_text(
        "testing speed of async cbc(aes) (slow) encryption\n"
        "test 0 (128 bit key, 1024 byte blocks): 0 operations in 1 seconds (0 bytes)\n"
    )
    kernel.logs |= {"m600_0": str(slow), "m600_1": str(slow)}
    made, _ = engine(case(), None)
    with pytest.raises(MeasureError, match="raise min_time"):
        made.run(1)


def test_cycles_are_kept_and_become_seconds(kernel: Kernel, tmp_path: Path) -> None:
    kernel.logs |= {"m600_0": "6.12-mbskcipher-cycles-alg.log"}
    if os.uname().machine not in ("x86_64", "aarch64"):
        pytest.skip("the rate of the cycle counter is known on x86_64 and aarch64")
    made = TcryptEngine(Options(cycles=True), case(request_size=64, q_len=4), "tcrypt of a test")
    made.prepare(0, Measure(values=2, warmups=0, min_time=0.0), tmp_path)
    first, second = made.run(1), made.run(1)
    assert first.cycles == second.cycles == 3042 and first.requests == 1
    assert first.wall == pytest.approx(3042 / made._hz) and 1e6 < made._hz < 1e11
    facts = made.facts()
    assert facts["cycles_source"] == ("tsc" if os.uname().machine == "x86_64" else "cntvct")
    assert "measured" in facts["cycle_counter_hz"]
    assert facts["way"] == "barrier" and facts["tcrypt_num_mb"] == "4"
    assert len(kernel.loads) == 1 + 2  # to see what there is, and one for each value


# Planning


def test_a_round_has_one_value_of_whole_seconds() -> None:
    asked = Measure(processes=3, values=10, warmups=1, min_time=0.02)
    assert backends.of("tcrypt").fitted(asked) == Measure(3, 1, 0, 1.0)
    assert backends.of("tcrypt:whole").fitted(Measure(min_time=1.2)).min_time == 2.0
    assert backends.of("tcrypt:cycles").fitted(asked) == Measure(3, 10, 0, 0.0)
    assert backends.of("software").fitted(asked) == asked
    assert backends.of("python").fitted(asked) == asked


def test_a_worker_is_given_the_time_of_the_whole_load() -> None:
    assert calls.expected_seconds(SECONDS, case("sha256"), None) >= 22
    assert calls.expected_seconds(SECONDS, case(backend="tcrypt:whole"), None) >= 280
    assert calls.expected_seconds(SECONDS, Case("software", "sha256", "digest"), None) < 2


def plan(*cases: Case) -> Plan:
    return Plan("p", "A test.", cases, (SECONDS,) * len(cases))


def test_cases_of_one_load_are_estimated_together() -> None:
    one = rounds.estimate(plan(case()))
    assert one >= 2 * 14
    both = rounds.estimate(plan(case(), case(op="decrypt"), case(request_size=16)))
    assert both == pytest.approx(one, abs=1)
    assert rounds.estimate(plan(case(), case("sha256"))) > one + 2 * 22
    assert sum(rounds.worker_seconds(plan(case(), case(op="decrypt")))) == pytest.approx(one / 2, abs=1)


def test_a_dry_run_is_honest_about_minutes(cli: Cli) -> None:
    done = cli.run("run", "tcrypt", "-b", "tcrypt", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "(2 processes x 1 value of 1s)" in done.stdout
    cases, _, time = done.stdout.splitlines()[-1].partition(", about ")
    assert cases.endswith(" cases") and parse_duration(time) >= 60


def test_where_it_cannot_be_loaded_the_reason_is_told(cli: Cli, tmp_path: Path) -> None:
    try:
        module.check()
    except MeasureError as error:
        assert error.kind == "unavailable"
    else:
        pytest.skip("tcrypt can be loaded here: see tests/lab")
    done = cli.run("run", "tcrypt", "-b", "tcrypt", "-s", "algorithm=sha256", "-s", "request_size=16", "-q")
    assert done.returncode == 3
    assert "unavailable" in done.stdout and "Traceback" not in done.stderr


def test_verify_says_that_there_is_nothing(cli: Cli) -> None:
    done = cli.run("verify", "-b", "tcrypt", "-a", "sha256")
    assert done.returncode in (0, 3)  # 3: it cannot be loaded here
    assert ("NOT CHECKED" if done.returncode else tcrypt.UNTOUCHED) in done.stdout
