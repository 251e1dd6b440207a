"""The devices that come along: that they are all there, behave as their kind does, and say what they are."""

from __future__ import annotations

import math
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from simulated import mbps_of, run

from benchsuite import algorithms, backends, profile, sim
from benchsuite.cli.listing import here
from benchsuite.cli.tables import fitting
from benchsuite.confidence import CONFIDENCES
from benchsuite.model import DECRYPT, ENCRYPT
from benchsuite.sim.files import DIRECTORY

README = (DIRECTORY / "README.md").read_text()
OCF_AND_LIBRESWAN = """
    safexcel-1741 safexcel-1142 ixp465 ixp425 ixp422 talitos pasemi ep80579 msp-8520 octeon hifn7951 hifn7956
    padlock-nehemiah padlock-c7 geode-lx qat-8950 qat-8970 qat-gen4 bcm5820 bcm5821 bcm5823 marvell-cesa
    qualcomm-qce stm32mp157 cryptosoft-smp pcrypt ixgbe connectx-7 bluefield-3
"""
MODES = {name: sim.load(name).value("completion", "mode") for name in sim.names()}
SYNCHRONOUS = [name for name, mode in MODES.items() if mode == "sync"]
WITH_RINGS = [name for name, mode in MODES.items() if mode != "sync"]


def first(name: str) -> dict[str, Any]:
    """A case of the device's first entry."""
    rate = sim.load(name).rates[0]
    algorithm = algorithms.find(min(rate.algorithms))
    op = next(op for op in algorithm.ops if rate.op in ("", op))
    return {"algorithm": algorithm.name, "op": op, "request_size": 64}


def mbps(name: str, requests: int = 2000, **changes: Any) -> float:
    return mbps_of(f"sim:{name}", requests, **changes)


def test_the_devices_of_ocf_and_libreswan_are_there() -> None:
    assert set(OCF_AND_LIBRESWAN.split()) <= set(sim.names())


def test_readme_lists_every_device_and_no_other() -> None:
    """A failure shows the rows as they must be."""
    section = README.partition("\n## The devices\n")[2].partition("\n## ")[0]
    found = [line for line in section.splitlines() if line.startswith("| `")]
    assert found == [f"| `{name}` | {sim.load(name).title} |" for name in sim.names()]


def test_the_profile_has_every_device() -> None:
    plan = profile.expand(profile.load(profile.find("hardware")), cpus=2)
    sizes, depths = {2**n for n in range(6, 14)}, {2**n for n in range(8)}
    for name in sim.names():
        cases = [case for case in plan.cases if case.backend == f"sim:{name}"]
        assert {(case.request_size, case.q_len) for case in cases} >= set(product(sizes, depths)), name
        assert all(sim.load(name).rate(case.algorithm, case.op, case.request_size) for case in cases)
        best = min(sim.load(name).confidences, key=list(CONFIDENCES).index)
        assert cases[0].algorithm in sim.load(name).confidences[best] or name in ("aes-ni", "cryptosoft-smp")
    beside = {(case.algorithm, case.request_size) for case in plan.cases if case.backend == "software"}
    assert beside == {(case.algorithm, case.request_size) for case in plan.cases}


def test_list_devices(tmp_path: Path) -> None:
    done = Cli(tmp_path).run("list", "devices")
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and "SIMULATED" in lines[0]
    rows = {line.split()[0]: line for line in lines[1 : lines.index("")]}
    assert list(rows) == sim.names()
    for name, words in {
        "marvell-cesa": "table aes-256-cbc 14 128 1",
        "bcm5823": "assumption, rate: headline 8 algorithms 15 60 1",
        "ep80579": "assumption 22 algorithms 22 64 1",
        "geode-lx": "table aes-128-cbc 1 none 1",
        "qat-gen4": "statement aes-128-xts 26 16 x 512 16",
        "talitos": "assumption 29 algorithms 29 4 x 24 1",
    }.items():
        assert rows[name].split() == [name, *sim.load(name).title.split(), *words.split()]
    assert "every figure of it says so" in done.stdout
    assert all(f"  {word}: {meaning}" in lines for word, meaning in CONFIDENCES.items())


def test_simulated_devices_are_always_here() -> None:
    assert here("sim") == f"{len(sim.names())} simulated devices: `benchsuite list devices`"


def test_lists_fit_the_terminal() -> None:
    rows = [["one", "of several words, the longest of which is it", "aes-192-cbc+hmac-sha1"]]
    headers = ["A", "WHAT IT IS", "OF"]
    assert fitting(rows, headers, 80) == rows
    for width in (47, 50, 60, 70):
        cells = fitting(rows, headers, width)[0]
        lines = [max(map(len, cell.splitlines())) for cell in cells]
        assert sum(lines) + 4 <= width and [" ".join(cell.split()) for cell in cells] == rows[0]
    assert fitting(rows, headers, 30) == []
    assert fitting([["x" * 50]], ["A"], 40) == [["x" * 40 + "\n" + "x" * 10]]


@pytest.mark.parametrize("name", sim.names())
def test_a_device_says_that_it_is_simulated(name: str) -> None:
    found = run(f"sim:{name}", 100, **first(name))
    assert found.facts["simulated"] == "yes"
    assert backends.of(f"sim:{name}").version().startswith(f"simulated {sim.load(name).title}")


@pytest.mark.parametrize("name", sim.names())
def test_a_device_does_all_that_it_lists(name: str) -> None:
    device = sim.load(name)
    for algorithm in map(algorithms.find, device.algorithms):
        for op in algorithm.ops:
            if device.rate(algorithm.name, op, 1024):
                in_place = op != DECRYPT or not algorithm.authenticated
                case = {"algorithm": algorithm.name, "op": op, "request_size": 1024, "in_place": in_place}
                assert mbps(name, 20, q_len=2, **case) > 1


def test_every_report_has_the_word(tmp_path: Path) -> None:
    cli = Cli(tmp_path)
    profile = cli.profile(
        'why = "A test."\n[measure]\nprocesses = 1\nvalues = 1\n[[matrix]]\nwhy = "One."\n'
        'backend = ["software", "sim:ep80579"]\nalgorithm = "aes-128-cbc"\nrequest_size = 64\n'
    )
    assert cli.run("run", profile, "-o", "r.json", "-f", "csv").returncode == 0
    for format in ("table", "markdown", "csv", "json", "ocf-bench"):
        assert "simulated" in cli.run("show", "r.json", "-f", format).stdout.lower(), format
    for format in ("table", "csv", "json"):
        shown = cli.run("show", "r.json", "--across", "backend", "-f", format).stdout
        assert "simulated" in shown, format


@pytest.mark.parametrize("name", SYNCHRONOUS)
def test_a_queue_gains_nothing_where_the_cpu_waits(name: str) -> None:
    case = first(name)
    alone = mbps(name, **case)
    for q_len in (2, 16, 128):
        assert mbps(name, q_len=q_len, **case) == pytest.approx(alone, rel=1e-3)


@pytest.mark.parametrize("name", SYNCHRONOUS)
def test_workers_use_the_cpus_there_are(name: str) -> None:
    case, cpus = first(name), sim.load(name).value("host", "cpus")
    alone = mbps(name, **case)
    assert mbps(name, workers=cpus, **case) == pytest.approx(cpus * alone, rel=0.01)
    assert mbps(name, workers=2 * cpus, **case) == pytest.approx(cpus * alone, rel=0.01)


@pytest.mark.parametrize("name", WITH_RINGS)
def test_a_ring_holds_what_it_holds(name: str) -> None:
    depth = sim.load(name).value("ring", "depth")
    found = run(f"sim:{name}", 3 * depth + 64, q_len=depth + 32, crypto_q_max=10**6, batch=1, **first(name))
    assert found.counters["busy"] > 0 and found.counters["high_water"] == depth
    assert (
        run(f"sim:{name}", 3 * depth, q_len=depth, batch=1, crypto_q_max=10**6, **first(name)).counters[
            "busy"
        ]
        == 0
    )


@pytest.mark.parametrize("name", WITH_RINGS)
def test_throughput_rises_with_the_queue_to_a_knee_and_stays(name: str) -> None:
    case, depth = first(name), sim.load(name).value("ring", "depth")
    rates = [
        mbps(name, max(4000, 64 << n), q_len=2**n, batch=1, **case) for n in range(int(math.log2(depth)) + 1)
    ]
    assert all(later > 0.97 * earlier for earlier, later in pairwise(rates))
    assert max(rates) > 1.05 * rates[0]


# Ends of published curves, and the algorithm: between them these devices are lines (QCE nearly).
CURVES = [
    ("geode-lx", "aes-128-cbc", ENCRYPT, (16, 4.604), (8192, 261.58)),
    ("marvell-cesa", "aes-256-cbc", ENCRYPT, (16, 12.408), (16384, 799.496)),
    ("stm32mp157", "aes-256-cbc", ENCRYPT, (16, 0.72), (16384, 179.84)),
    ("qualcomm-qce", "aes-128-cbc", ENCRYPT, (16, 3.443), (8192, 593.494)),
    ("qualcomm-qce", "aes-256-cbc", ENCRYPT, (16, 3.353), (8192, 508.166)),
    ("padlock-nehemiah", "aes-128-ecb", ENCRYPT, (16, 535.143), (8192, 14657.214)),
    ("padlock-nehemiah", "aes-128-cbc", ENCRYPT, (16, 388.338), (8192, 6771.223)),
    ("padlock-c7", "aes-128-cbc", ENCRYPT, (16, 573.092), (8192, 8235.206)),
    ("padlock-c7-2", "aes-128-cbc", ENCRYPT, (16, 463.334), (8192, 6705.888)),
    ("aes-ni", "aes-128-cbc", ENCRYPT, (16, 5029.543), (16384, 6919.422)),
    ("armv8-ce", "aes-128-cbc", ENCRYPT, (16, 754.673), (8192, 6609.306)),
    ("armv8-ce", "aes-128-cbc", DECRYPT, (16, 745.128), (8192, 16903.176)),
]


@pytest.mark.parametrize("name, algorithm, op, first, last", CURVES)
def test_between_the_ends_of_a_curve_lies_a_line(
    name: str, algorithm: str, op: str, first: tuple[int, float], last: tuple[int, float]
) -> None:
    (a, t_a), (b, t_b) = ((size, size * 8 / rate) for size, rate in (first, last))
    for size in (a, 64, 256, 512, 1024, 2048, 4096, b):
        line = t_a + (t_b - t_a) * (size - a) / (b - a)
        found = mbps(name, algorithm=algorithm, op=op, request_size=size)
        assert found == pytest.approx(size * 8 / line, rel=0.002)


# pcrypt with one request (tcrypt mode 211), sizes that its file was not calibrated on.
PCRYPT = {
    ENCRYPT: {64: 82.766, 256: 327.905, 512: 643.146, 1024: 1243.972, 2048: 2355.298, 4096: 4481.09},
    DECRYPT: {64: 65.632, 256: 258.929, 512: 507.372, 1024: 989.733, 2048: 1884.75, 4096: 3590.816},
}


@pytest.mark.parametrize("op", PCRYPT)
def test_pcrypt_between_its_points(op: str) -> None:
    for size, published in PCRYPT[op].items():
        found = mbps(
            "pcrypt", algorithm="rfc4106-aes-128-gcm", op=op, request_size=size, in_place=op == ENCRYPT
        )
        assert found == pytest.approx(published, rel=0.04)


def test_pcrypts_order_is_what_more_requests_wait_for() -> None:
    case = {"algorithm": "rfc4106-aes-128-gcm", "request_size": 16}
    rates = {q_len: mbps("pcrypt", 8000, q_len=q_len, **case) for q_len in (1, 8, 64)}
    assert rates[8] == pytest.approx(16 * 8 / 2.342, rel=0.01) and rates[64] == pytest.approx(
        rates[8], rel=0.01
    )
    decrypting = mbps("pcrypt", 8000, op=DECRYPT, in_place=False, q_len=8, **case)
    assert decrypting == pytest.approx(57.935, rel=0.07)  # its file says why not nearer


def test_the_controls_are_no_lines() -> None:
    times = {size: size * 8 / mbps("am37x", algorithm="aes-128-cbc", request_size=size) for size in (64, 256)}
    assert times[64] == pytest.approx(28, rel=0.02) and times[256] == pytest.approx(203, rel=0.02)
    periods = {
        size: size * 8 / mbps("am62l", algorithm="aes-128-cbc", request_size=size) / 80.3
        for size in (16, 1024, 16384)
    }
    assert periods == pytest.approx({16: 1, 1024: 1, 16384: 2}, rel=1e-3)


@pytest.mark.parametrize(
    "name, workers, rates",
    [
        ("connectx-7", 10, {1000: 190.5, 1600: 100.4}),
        ("bluefield-3", 16, {500: 137.84, 2000: 126.04, 4000: 110.64, 8000: 97.86}),
    ],
)
def test_tunnels_slow_a_network_card_down(name: str, workers: int, rates: dict[int, float]) -> None:
    """As its published table by number of tunnels does."""
    found = {
        sessions: mbps(
            f"{name},sessions={sessions}",
            20000,
            algorithm="rfc4106-aes-256-gcm",
            request_size=600,
            q_len=512,
            batch=1,
            workers=workers,
            crypto_q_max=10**6,
        )
        for sessions in rates
    }
    fewest = min(rates)
    for sessions, rate in rates.items():
        assert found[sessions] / found[fewest] == pytest.approx(rate / rates[fewest], rel=0.06)


def test_quickassist_needs_a_queue_as_deep_as_its_latency() -> None:
    """Little's law on its two statements: 14.2 us alone and 0.37 us saturated are 38 requests."""
    case = {"algorithm": "aes-128-xts", "request_size": 4096, "batch": 1, "workers": 4}
    rates = {q: mbps("qat-gen4", 8000, q_len=q, **case) for q in (2, 8, 32, 128)}
    assert rates[2] < 0.4 * rates[128] and rates[32] > 0.9 * rates[128]
