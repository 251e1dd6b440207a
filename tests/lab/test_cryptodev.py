"""The driver `cryptodev` through a device node and real ioctls: a CUSE server that serves the ABI, rightly or
with faults on demand."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from command import Cli
from cuse_device import Device

from benchsuite import algorithms, backends, store
from benchsuite.backends import MeasureError
from benchsuite.backends.driver import DriverBackend, driver_backend
from benchsuite.backends.findings import Wanted
from benchsuite.backends.native import NativeEngine
from benchsuite.backends.session import Params, Session
from benchsuite.backends.verify import Checker
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT, Case, CaseResult
from benchsuite.native import ffi, lib, text_buffer, text_of

OFFERED = [name for name, algorithm in algorithms.ALGORITHMS.items() if algorithm.names("cryptodev")]
WHOLE_BLOCKS_ONLY = [name for name in OFFERED if name.endswith("-xts")]  # it steals no ciphertext
# One of each way through the driver.
KINDS = ("aes-128-cbc", "sha256", "hmac-sha1", "aes-128-gcm", "aes-192-cbc+hmac-sha1", "null+hmac-md5")
IN_RING = ("aes-128-cbc", "sha256", "hmac-sha1")  # what the ring of the ABI takes


def native(backend: str) -> DriverBackend:
    found = driver_backend(backend)
    assert found is not None
    return found


def opened(backend: str, algorithm: str = "aes-128-cbc", **parameters: object) -> NativeEngine:
    found = algorithms.find(algorithm)
    op = DIGEST if found.ops == (DIGEST,) else ENCRYPT
    usual = {"op": op, "request_size": 256, "aad_size": found.aad_size}
    engine = backends.open_case(Case(backend, algorithm, **(usual | parameters)))  # type: ignore[arg-type]
    assert isinstance(engine, NativeEngine)
    return engine


def measured(
    backend: str, algorithm: str = "aes-128-cbc", requests: int = 64, **parameters: object
) -> dict[str, str]:
    """Facts and counters of a verified run."""
    engine = opened(backend, algorithm, **parameters)
    assert engine.verify() > 0
    assert engine.run(requests).requests >= requests
    assert engine.verify_after() > 0
    found = engine.facts() | {name: str(count) for name, count in engine.counters().items()}
    engine.close()
    return found


# ---- right bytes ----


@pytest.mark.parametrize("name", [name for name in OFFERED if name not in WHOLE_BLOCKS_ONLY])
def test_every_algorithm_is_right(shared: Device, name: str) -> None:
    for op in algorithms.find(name).ops:
        engine = opened(shared.backend, name, op=op, request_size=1488 // 16 * 16, in_place=False)
        assert engine.verify() > 4
        engine.close()


@pytest.mark.parametrize("name", ["aes-128-cbc", "aes-128-gcm", "sha256"])
def test_a_survey_finds_nothing_wrong_and_says_what_is_not_served(shared: Device, name: str) -> None:
    found = backends.of(shared.backend).survey(algorithms.find(name), Wanted([64, 1488]), lambda phase: None)
    assert found.requests > 200, found
    served_otherwise = ("chained", "slow", "in pieces", "nonce", "tag", "AAD", "at once", "empty")
    assert all(any(word in reason for word in served_otherwise) for reason in found.refused), found.refused


@pytest.mark.parametrize("op", [ENCRYPT, DECRYPT])
@pytest.mark.parametrize("name", WHOLE_BLOCKS_ONLY)
def test_xts_is_right_in_whole_blocks_and_tells_that_others_are_not_served(
    shared: Device, name: str, op: str
) -> None:
    params = Params(native(shared.backend), algorithms.find(name), op, 0, 4096)
    session = Session(params)
    assert Checker(params).session(session, [16, 48, 512, 4096]) == 8
    text, iv = ffi.new("uint8_t[64]"), ffi.new("uint8_t[16]")
    request = ffi.new("bs_request *", {"src": text, "dst": text, "iv": iv, "size": 17})
    assert session.do(request) == -errno.EOPNOTSUPP
    session.close()


def test_a_survey_says_which_sizes_are_not_served(shared: Device) -> None:
    algorithm = algorithms.find(WHOLE_BLOCKS_ONLY[0])
    found = backends.of(shared.backend).survey(algorithm, Wanted([64]), lambda phase: None)
    assert found.requests > 20
    assert "encrypt of sizes that are no multiple of 16: not served" in found.refused


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("size", [1024, 65536])
def test_large_and_outstanding_requests_are_right(shared: Device, name: str, size: int) -> None:
    facts = measured(shared.backend, name, requests=48, request_size=size, q_len=16, in_place=False)
    assert int(facts["in_flight"]) >= 2


@pytest.mark.parametrize("name", [name for name in KINDS if name != "aes-128-gcm"])
def test_alignment_is_honoured(program: Path, name: str) -> None:
    """The device cannot copy for a job of the ring (EFAULT), so what must be copied goes another way.
    CIOCAUTHCRYPT has no such rule."""
    with Device(program, "--alignmask=63") as device:
        measured(device.backend, name)
        assert device.counts().copied > 0


@pytest.mark.parametrize("q_len", [1, 4])
def test_little_is_copied_of_aligned_requests(program: Path, q_len: int) -> None:
    """As the engine's slots are. Of a pair it is the AAD, which lies before the text and is hashed apart."""
    with Device(program, "--alignmask=63") as device:
        for name, operations, copies in (("aes-128-cbc", 1, 0), ("aes-128-cbc+hmac-sha1", 3, 1)):
            engine = opened(device.backend, name, q_len=q_len, aad_size=8 if copies else 0)
            before = device.counts()
            engine.run(64)
            assert device.counts().operations - before.operations == operations * 64
            assert device.counts().copied - before.copied == copies * 64
            engine.close()


# ---- the ways ----


@pytest.mark.parametrize("name", KINDS)
def test_one_outstanding_is_synchronous_and_direct(shared: Device, name: str) -> None:
    facts = measured(shared.backend, name)
    assert (facts["way"], facts["in_flight"], facts["path"]) == ("sync", "1", "direct")


@pytest.mark.parametrize("name", IN_RING)
@pytest.mark.parametrize("batch, cbimm", [(0, 1), (1, 0)])
def test_the_ring_holds_what_is_outstanding(program: Path, name: str, batch: int, cbimm: int) -> None:
    with Device(program) as device:
        device.fault("late", ms=20)
        facts = measured(f"{device.backend},way=async", name, q_len=16, batch=batch, cbimm=cbimm)
        assert (facts["way"], facts["in_flight"]) == ("async", "16")
        assert device.counts().most_queued == 16


@pytest.mark.parametrize("name", KINDS)
def test_threads_are_inside_the_device_at_once(program: Path, name: str) -> None:
    """Without a ring: every request has a file of its own, and a thread that waits in it."""
    with Device(program, "--no-async") as device:
        device.fault("late", ms=100)
        facts = measured(device.backend, name, q_len=16, requests=48)
        assert (facts["way"], facts["in_flight"], facts["sleeps"]) == ("threads", "16", "yes")
        assert device.counts().most_inside == 16


def test_an_aead_and_a_pair_do_not_go_into_the_ring(shared: Device) -> None:
    for name in ("aes-128-gcm", "aes-128-cbc+hmac-sha1"):
        assert measured(shared.backend, name, q_len=4)["way"] == "threads"
        with pytest.raises(MeasureError, match="no way=async here: the device's ring takes no AEADs"):
            opened(f"{shared.backend},way=async", name, q_len=4)


def test_where_requests_sleep_threads_are_preferred_to_the_ring(shared: Device) -> None:
    """A ring performs one job after the other, so that nothing would overlap."""
    facts = measured(shared.backend, "aes-128-cbc", q_len=4)
    assert facts["way"] == "threads" and "tried_ring" not in facts


def test_a_module_without_the_ring_is_told(program: Path) -> None:
    said = "no way=async here: the module was built without -DENABLE_ASYNC"
    with Device(program, "--no-async") as device, pytest.raises(MeasureError, match=said):
        opened(f"{device.backend},way=async", q_len=4)


def test_a_ring_may_be_smaller_than_the_queue(program: Path) -> None:
    """EBUSY is BUSY: the request waits, and nothing fails."""
    with Device(program, "--ring=5") as device:
        device.fault("late", ms=5)
        facts = measured(f"{device.backend},way=async", q_len=16, requests=200)
        assert int(facts["busy"]) > 0 and facts["failed"] == "0"
        assert facts["in_flight"] == "5"
        assert device.counts().most_queued == 5


def test_a_queue_longer_than_a_ring_takes_several(program: Path) -> None:
    with Device(program) as device:
        device.fault("late", ms=5)
        facts = measured(f"{device.backend},way=async", q_len=100, requests=400)
        assert facts["failed"] == "0" and facts["in_flight"] == "100"
        assert device.counts().most_queued == 64


def test_several_workers_have_sessions_of_their_own(shared: Device) -> None:
    facts = measured(shared.backend, "aes-128-cbc", q_len=4, workers=2, requests=100)
    assert facts["failed"] == "0"


# ---- what is told of the device ----


def test_the_drivers_are_told(shared: Device) -> None:
    facts = measured(shared.backend, "aes-128-cbc+hmac-sha1")
    assert facts["kernel_driver"] == "lab-cbc-aes + lab-hmac-sha1"
    assert facts["hardware"] == "no"
    assert "kernel_priority" not in facts  # /proc/crypto does not know it, and nothing is made up
    assert facts["version"].startswith("a CUSE server")
    assert facts["zero_copy"].startswith("no")


@pytest.mark.parametrize(
    "options, preference", [((), lib.BS_PREFER_SOFTWARE), (("--hardware",), lib.BS_PREFER_HARDWARE)]
)
def test_probe_prefers_hardware_and_leaves_nothing_open(
    program: Path, options: tuple[str, ...], preference: int
) -> None:
    with Device(program, *options) as device:
        pair = algorithms.find("aes-128-cbc+hmac-sha1")
        params = Params(native(device.backend), pair, ENCRYPT, 8, 256)
        text = text_buffer()
        assert lib.bs_probe(b"cryptodev", params.c, text, len(text)) == preference
        counts = device.counts()
        assert counts.sessions_made == 2 and counts.sessions == 0 and counts.open_files == 1


def test_what_the_device_refuses_is_said(shared: Device) -> None:
    algorithm = algorithms.find("aes-128-cbc")
    params = Params(native(shared.backend), algorithm, ENCRYPT, 0, 256, key=b"nine byte")
    with pytest.raises(MeasureError, match="refuses CRYPTO_AES_CBC with a key of 9 bytes"):
        params.check()
    assert shared.counts().sessions == 0


# ---- faults, one by one ----


def test_busy_now_and_then_is_waited_out(device: Device) -> None:
    device.fault("busy", every=3)
    for backend, q_len in ((device.backend, 1), (f"{device.backend},way=async", 8)):
        facts = measured(backend, q_len=q_len, requests=100)
        assert int(facts["busy"]) > 0 and facts["failed"] == "0"
    facts = measured(f"{device.backend},way=threads", q_len=8, requests=100)
    assert int(facts["refused"]) > 0 and facts["failed"] == "0"
    facts = measured(device.backend, "aes-128-cbc+hmac-sha1", requests=100, in_place=True)
    assert facts["failed"] == "0"


@pytest.mark.parametrize("q_len", [1, 8])
def test_busy_for_ever_is_no_figure(device: Device, q_len: int) -> None:
    engine = opened(f"{device.backend},way=async", q_len=q_len)
    device.fault("busy", every=0)
    with pytest.raises(MeasureError, match="busy and took no more") as error:
        engine.run(100)
    assert error.value.kind == "lost"
    engine.close()


def test_busy_for_ever_in_a_thread_is_an_error(device: Device) -> None:
    engine = opened(f"{device.backend},way=threads", q_len=4)
    device.fault("busy", every=0)
    with pytest.raises(MeasureError, match="first with EBUSY"):
        engine.run(8)
    device.fault("none")
    engine.close()


def test_an_interrupted_call_is_made_again(device: Device) -> None:
    device.fault("intr", every=3)
    for name in KINDS:
        assert measured(device.backend, name)["failed"] == "0"
    for way in ("async", "threads"):
        assert measured(f"{device.backend},way={way}", q_len=8)["failed"] == "0"
    assert device.counts().faults > 0


WAYS = [(name, "", q_len) for name in KINDS for q_len in (1, 8)]  # one at a time, threads
WAYS += [(name, ",way=async", 8) for name in IN_RING]


@pytest.mark.parametrize("name, way, q_len", WAYS)
def test_an_error_is_told_by_its_name(device: Device, name: str, way: str, q_len: int) -> None:
    engine = opened(device.backend + way, name, q_len=q_len)
    assert engine.verify() > 0
    device.fault("eio", every=10)
    with pytest.raises(MeasureError, match=r"\d+ of \d+ requests failed; the first with EIO") as error:
        engine.run(64)
    assert error.value.kind == "error"
    counters = engine.counters()
    # A pair is two operations or more, and either may have failed.
    assert 0 < counters["failed"] <= device.counts().faults
    device.fault("none")
    assert engine.run(64).requests == 64  # the session goes on
    engine.close()


@pytest.mark.parametrize("name, way, q_len", WAYS)
def test_a_wrong_byte_is_found_by_verification(device: Device, name: str, way: str, q_len: int) -> None:
    engine = opened(device.backend + way, name, q_len=q_len)
    device.fault("wrong", every=3)
    with pytest.raises(MeasureError) as error:
        engine.verify()
    assert error.value.kind == "wrong-bytes"
    engine.close()


@pytest.mark.parametrize("q_len", [1, 8])
def test_a_byte_that_goes_wrong_while_timing_is_found_afterwards(device: Device, q_len: int) -> None:
    engine = opened(device.backend, q_len=q_len)
    engine.verify()
    device.fault("wrong", every=1, after=10)
    engine.run(32)
    with pytest.raises(MeasureError, match="after timing") as error:
        engine.verify_after()
    assert error.value.kind == "wrong-bytes"
    engine.close()


@pytest.mark.parametrize("way", ["async", "threads"])
def test_a_lost_completion_is_lost_and_ends_nothing_else(device: Device, way: str) -> None:
    engine = opened(f"{device.backend},way={way}", q_len=8)
    engine.verify()
    device.fault("lost", every=10**6, after=20)  # the next one, once
    with pytest.raises(MeasureError, match=r"^1 of \d+ requests never completed") as error:
        engine.run(100)
    assert error.value.kind == "lost"
    device.fault("none")
    engine.close()
    assert measured(f"{device.backend},way={way}", q_len=8)["failed"] == "0"


def test_a_late_completion_is_only_late(device: Device) -> None:
    engine = opened(f"{device.backend},way=async", q_len=8)
    engine.verify()
    device.fault("late", every=50, ms=300)
    assert engine.run(100).wall >= 0.3
    device.fault("none")
    assert engine.verify_after() > 0
    engine.close()


# ---- faults, through the real command ----

PROFILE = """
why = "One case on a device that goes wrong."
[measure]
processes = 1
values = 2
warmups = 0
min_time = "1ms"
[[matrix]]
why = "After verification, while it is timed."
backend = "{backend}"
algorithm = "aes-128-cbc"
request_size = 256
request_num = 100
q_len = {q_len}
"""
AFTER = 60  # operations: verification is over, the first value is not


def run(cli: Cli, device: Device, q_len: int, way: str = "", deadline: str = "100s") -> CaseResult:
    """The only case of a real `benchsuite run`."""
    profile = cli.profile(PROFILE.format(backend=device.backend + way, q_len=q_len))
    done = cli.run("run", profile, "-o", "result.json", "--overwrite", "--deadline", deadline)
    assert done.returncode in (0, 3), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    (case,) = store.load(cli.directory / "result.json").cases
    return case


@pytest.mark.parametrize("way", ["async", "threads"])
def test_a_run_without_faults_has_figures_and_tells_how(cli: Cli, device: Device, way: str) -> None:
    case = run(cli, device, 16, f",way={way}")
    assert case.measured and case.failure is None
    facts = case.runs[0].facts
    assert facts["way"] == way and int(facts["in_flight"]) > 1
    assert facts["kernel_driver"] == "lab-cbc-aes"


@pytest.mark.parametrize(
    "fault, every, after, q_len, way, kind, reason",
    [
        ("wrong", 3, 0, 16, "async", "wrong-bytes", "should be"),
        ("wrong", 1, AFTER, 16, "threads", "wrong-bytes", "after timing"),
        ("eio", 10, AFTER, 16, "async", "error", "EIO"),
        ("eio", 10, AFTER, 1, "threads", "error", "EIO"),
        ("lost", 10**6, AFTER, 16, "async", "lost", "1 of "),
        ("lost", 10**6, AFTER, 16, "threads", "lost", "1 of "),
        ("hang", 1, AFTER, 16, "async", "lost", "never completed"),
        ("busy", 0, AFTER, 1, "async", "lost", "busy"),
    ],
)
def test_each_fault_is_told_as_what_it_was(
    cli: Cli, device: Device, fault: str, every: int, after: int, q_len: int, way: str, kind: str, reason: str
) -> None:
    device.fault(fault, every=every, after=after)
    case = run(cli, device, q_len, f",way={way}")
    assert case.failure is not None and case.failure.kind == kind
    assert reason in case.failure.reason
    assert not case.measured


def test_a_call_that_never_returns_is_a_hang(cli: Cli, device: Device) -> None:
    """The worker is inside the device and is killed there."""
    device.fault("hang", after=AFTER)
    case = run(cli, device, 1, deadline="20s")
    assert case.failure is not None and case.failure.kind == "hang"
    assert not case.measured
    device.fault("none")
    assert run(cli, device, 1).measured


# ---- nothing is left behind ----


def entries(folder: str) -> int:
    return len(list(Path("/proc/self", folder).iterdir()))


def cycle(device: Device, algorithm: str, way: str, depth: int, times: int) -> None:
    """Sessions opened and closed by hand."""
    params = Params(native(f"{device.backend}{way}"), algorithms.find(algorithm), ENCRYPT, 8, 256)
    params.c.depth = depth
    text = text_buffer()
    for _ in range(times):
        session = lib.bs_session_open(b"cryptodev", params.c, text, len(text))
        assert session != ffi.NULL, text_of(text)
        lib.bs_session_close(session)


@pytest.mark.parametrize(
    "algorithm, way, depth, times, made",
    [
        ("aes-128-cbc", "", 1, 10_000, 10_000),
        ("aes-128-cbc+hmac-sha1", "", 1, 500, 1_000),
        ("aes-128-cbc", ",way=async", 16, 200, 400),  # every other one is for the trial
        ("aes-128-cbc", "", 16, 20, None),
        ("aes-128-gcm", "", 16, 50, 850),
    ],
)
def test_sessions_leave_nothing_behind(
    device: Device, algorithm: str, way: str, depth: int, times: int, made: int | None
) -> None:
    cycle(device, algorithm, way, depth, 1)
    before, files, threads = device.counts(), entries("fd"), entries("task")
    cycle(device, algorithm, way, depth, times)
    after = device.counts()
    assert made is None or after.sessions_made - before.sessions_made == made
    assert (after.sessions, after.open_files) == (before.sessions, before.open_files)
    assert (entries("fd"), entries("task")) == (files, threads)


def test_a_session_that_cannot_be_opened_leaves_nothing_behind(device: Device) -> None:
    import resource

    before, files, threads = device.counts(), entries("fd"), entries("task")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files + 8, hard))
    try:
        with pytest.raises(MeasureError, match=os.strerror(errno.EMFILE)):
            opened(f"{device.backend},way=threads", q_len=32)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    after = device.counts()
    assert (after.sessions, after.open_files) == (before.sessions, before.open_files)
    assert (entries("fd"), entries("task")) == (files, threads)
