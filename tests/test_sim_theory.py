"""The simulated device against queueing theory, through the engine: closed networks within 1%, asymptotic
bounds, and what OCF's parameters must do. Open queues are in native/test_sim.c."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulated import ALGORITHM, Station, closed_throughput, device_text, run, write

from benchsuite import algorithms, backends, sim
from benchsuite.backends import MeasureError
from benchsuite.model import Case

NEAR = 0.01
EXPONENTIAL = {"distribution": "exponential"}
BUS = {"bandwidth_mbps": 128.0}  # 16 bytes: 1 us each way
REQUESTS = 1_000_000


def mva(stations: list[Station], customers: int) -> float:
    """Exact mean value analysis, of stations with one server or as many as customers."""
    queues, rate = [0.0] * len(stations), 0.0
    for n in range(1, customers + 1):
        stays = [
            s.demand * (1 + queue if s.servers else 1) for s, queue in zip(stations, queues, strict=True)
        ]
        rate = n / sum(stays)
        queues = [rate * stay for stay in stays]
    return rate


NETWORKS: dict[str, tuple[dict[str, Any], list[Station]]] = {
    "a bus in both directions, a unit": ({"bus": BUS, "setup_us": 1.5}, [Station(2.0), Station(1.5)]),
    "a bus for each direction, a unit": (
        {"bus": BUS | {"full_duplex": True}, "setup_us": 1.5},
        [Station(1.0), Station(1.0), Station(1.5)],
    ),
    "a latency each way": (
        {"bus": BUS | {"latency_us": 4.0}, "setup_us": 3.0},
        [Station(2.0), Station(3.0), Station(8.0, 0)],
    ),
    "three units": (
        {"bus": BUS | {"latency_us": 2.0}, "setup_us": 9.0, "units": {"count": 3}},
        [Station(2.0), Station(9.0, 3), Station(4.0, 0)],
    ),
    "a serial stage behind four units": (
        {"setup_us": 8.0, "units": {"count": 4}, "completion": {"serial_us": 2.5}},
        [Station(8.0, 4), Station(2.5)],
    ),
}


@pytest.mark.parametrize("customers", [1, 2, 5, 16])
@pytest.mark.parametrize("network", NETWORKS)
def test_closed_networks(network: str, customers: int, tmp_path: Path) -> None:
    keys, stations = NETWORKS[network]
    path = write(tmp_path, device_text(top=EXPONENTIAL, **keys))
    expected = closed_throughput(stations, customers)
    if all(station.servers < 2 for station in stations):
        assert expected == pytest.approx(mva(stations, customers), rel=1e-9)
    found = run(f"sim:{path}", REQUESTS, q_len=customers)
    print(
        f"{network}, {customers}: {found.rate:.5f}, theory {expected:.5f} ({found.rate / expected - 1:+.2%})"
    )
    assert found.rate == pytest.approx(expected, rel=NEAR)
    assert found.simulation["backwards"] == 0


@pytest.mark.parametrize("units", [1, 3, 40])
@pytest.mark.parametrize("customers", [1, 2, 3, 7, 20, 64, 200])
def test_constant_times_reach_the_asymptotic_bounds(units: int, customers: int, tmp_path: Path) -> None:
    """X(q) = min(q / R0, 1 / Dmax)."""
    host = {"dispatch_us": 0.01, "submit_us": 0.01, "completion_us": 0.01, "callback_us": 0.01}
    text = device_text(
        setup_us=20.0, units={"count": units}, host=host, bus={"bandwidth_mbps": 1280.0, "latency_us": 5.0}
    )
    # bytes: 0.1 us each way on the bus, and almost nothing in the unit
    alone, busiest = 20.0 + 2 * 5.1 + 0.04, max(20.0 / units, 0.2, 0.04)
    found = run(f"sim:{write(tmp_path, text)}", 20_000 + 100 * customers, q_len=customers)
    bound = min(customers / alone, 1 / busiest)
    assert found.rate <= bound * 1.0001
    assert found.rate == pytest.approx(bound, rel=NEAR)


def test_a_queue_rises_to_a_knee_and_stays(tmp_path: Path) -> None:
    path = write(tmp_path, device_text(setup_us=10.0, units={"count": 8}, bus=BUS | {"latency_us": 30.0}))
    rates = [run(f"sim:{path}", 50_000, q_len=q).rate for q in (1, 2, 4, 8, 16, 32, 64, 128, 256)]
    assert all(later >= earlier * 0.999 for earlier, later in pairwise(rates))
    assert rates[1] == pytest.approx(2 * rates[0], rel=NEAR)
    assert rates[-1] == pytest.approx(rates[-3], rel=NEAR)
    assert rates[-1] == pytest.approx(1 / 2, rel=NEAR)  # the bus: twice 1 us


def test_the_cpu_that_waits_gains_nothing_from_a_queue(tmp_path: Path) -> None:
    path = write(tmp_path, device_text(mode="sync", setup_us=27.0))
    rates = [run(f"sim:{path}", 10_000, q_len=q).rate for q in (1, 8, 64)]
    assert rates == pytest.approx([1 / 27.0013] * 3, rel=1e-4)
    found = run(f"sim:{path}", 10_000)
    assert found.value.system == pytest.approx(found.value.wall)  # all of a CPU


def test_units_that_are_cpus_free_none(tmp_path: Path) -> None:
    """pcrypt's and cryptd's engines are the machine's own: what they do is CPU time."""
    costs: dict[str, Any] = {"setup_us": 8.0, "host": {"submit_us": 0.5}}
    found = {}
    for cpus in (False, True):
        path = write(tmp_path, device_text(units={"count": 4, "cpus": cpus}, **costs))
        value = run(f"sim:{path}", 20_000, q_len=16).value
        assert value.cpu is not None
        found[cpus] = value.cpu / value.requests
    assert found[False] == pytest.approx(0.5e-6, rel=NEAR) and found[True] == pytest.approx(8.5e-6, rel=NEAR)


# ---- OCF's parameters ----

DEAR_DOORBELL: dict[str, Any] = {"host": {"submit_us": 0.2, "doorbell_us": 3.0}, "setup_us": 0.5}


def test_batch_pays_where_the_doorbell_is_dear(tmp_path: Path) -> None:
    path = write(tmp_path, device_text(**DEAR_DOORBELL))
    rates = {batch: run(f"sim:{path}", 50_000, q_len=40, batch=batch) for batch in (0, 1, 4)}
    assert rates[1].rate > 3 * rates[0].rate
    assert rates[0].rate < rates[4].rate <= rates[1].rate * 1.001
    assert rates[0].simulation["doorbells"] == 50_000
    assert rates[1].simulation["doorbells"] < 5_000
    assert rates[4].simulation["doorbells"] >= 50_000 / 4


def test_batch_costs_where_it_is_cheap(tmp_path: Path) -> None:
    """Alone, a request only waits for the dispatcher to wake up."""
    path = write(tmp_path, device_text(setup_us=5.0, host={"wake_dispatcher_us": 4.0, "submit_us": 0.1}))
    straight, queued = (run(f"sim:{path}", 10_000, batch=batch) for batch in (0, 1))
    assert queued.value.per_request - straight.value.per_request == pytest.approx(4e-6, rel=NEAR)
    assert queued.counters["wakeups"] == 10_000 and straight.counters["wakeups"] == 0


def test_batch_pays_where_the_interrupt_is_dear(tmp_path: Path) -> None:
    """What is handed over together comes back together, if interrupts wait for it."""
    host = {"submit_us": 0.3, "interrupt_us": 8.0, "completion_us": 0.2, "callback_us": 0.2}
    every = write(tmp_path, device_text(host=host, setup_us=1.0))
    some = write(tmp_path, device_text(host=host, setup_us=1.0, completion={"count": 16, "time_us": 50.0}))
    one, many = (run(f"sim:{path}", 50_000, q_len=40, batch=1) for path in (every, some))
    assert many.simulation["interrupts"] < one.simulation["interrupts"]
    assert many.value.cpu is not None and one.value.cpu is not None
    assert many.value.cpu < one.value.cpu


def test_cbimm_saves_the_wake_up(tmp_path: Path) -> None:
    path = write(tmp_path, device_text(setup_us=5.0, host={"wake_callback_us": 6.0, "callback_us": 0.5}))
    at_once, later = (run(f"sim:{path}", 10_000, cbimm=cbimm) for cbimm in (1, 0))
    assert later.value.per_request - at_once.value.per_request == pytest.approx(6e-6, rel=NEAR)
    assert at_once.counters["wakeups"] == 0 and later.counters["wakeups"] == 10_000


@pytest.mark.parametrize("in_order", [False, True])
def test_a_short_ring_leaves_units_idle(in_order: bool, tmp_path: Path) -> None:
    """cryptd's queue was 100 long, and is 1000: CPUs that are far away need more than 100 requests."""
    used = {}
    for depth in (100, 1000):
        path = write(
            tmp_path,
            device_text(
                setup_us=20.0,
                units={"count": 40},
                depth=depth,
                bus={"latency_us": 40.0},
                completion={"in_order": in_order, "count": 64, "time_us": 100.0},
            ),
        )
        found = run(f"sim:{path}", 200_000, q_len=1000, batch=1)
        used[depth] = found.simulation["unit_ns"] / found.simulation["elapsed_ns"] / 40
        assert (found.counters["busy"] > 0) == (depth == 100)
        assert found.counters["high_water"] == depth
    assert used[1000] > 0.97
    assert used[100] < 0.75


def test_what_must_keep_order_waits_for_the_slowest(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"setup_us": 10.0, "units": {"count": 8}, "top": EXPONENTIAL}
    free, ordered = (
        run(f"sim:{write(tmp_path, device_text(completion={'in_order': order}, **keys))}", 200_000, q_len=16)
        for order in (False, True)
    )
    assert ordered.counters["reordered"] == 0 < free.counters["reordered"]
    assert ordered.rate < 0.95 * free.rate


def test_a_polled_device_completes_when_it_is_looked_at(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        device_text(
            mode="poll",
            setup_us=30.0,
            completion={"period_us": 80.0},
            host={"interrupt_us": 1.0, "submit_us": 0.5},
        ),
    )
    found = run(f"sim:{path}", 10_000)
    assert found.value.per_request == pytest.approx(80e-6, rel=1e-3)
    assert found.value.cpu == pytest.approx(found.value.wall * (1.0 + 0.5) / 80, rel=0.01)


# ---- whatever a device is like ----

times = st.sampled_from([0.0, 0.05, 0.7, 3.0])
hosts = st.fixed_dictionaries(
    {"cpus": st.integers(1, 4)},
    optional={
        f"{name}_us": times
        for name in (
            "dispatch",
            "submit",
            "doorbell",
            "interrupt",
            "completion",
            "callback",
            "wake_dispatcher",
            "wake_callback",
        )
    },
)
buses = st.fixed_dictionaries(
    {"bandwidth_mbps": st.floats(10, 1e5), "crossings": st.sampled_from([1.0, 2.0, 4.0])},
    optional={"latency_us": times, "full_duplex": st.booleans()},
)
completions = st.fixed_dictionaries(
    {}, optional={"latency_us": times, "serial_us": times, "in_order": st.booleans()}
).flatmap(lambda keys: st.sampled_from([keys, keys | {"count": 5, "time_us": 7.0}]))
faults = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from([0.0, 0.05]) for name in ("busy", "error", "late", "duplicate", "reorder")
    },
)
devices = st.fixed_dictionaries(
    {
        "setup_us": st.floats(0.01, 20),
        "host": hosts,
        "completion": completions,
        "depth": st.integers(1, 40),
        "units": st.fixed_dictionaries({"count": st.integers(1, 6), "cpus": st.booleans()}),
        "top": st.sampled_from([{}, EXPONENTIAL]),
    },
    optional={"bus": buses, "faults": faults, "ring": st.fixed_dictionaries({"count": st.integers(1, 3)})},
)
cases = st.fixed_dictionaries(
    {
        "q_len": st.integers(1, 50),
        "batch": st.integers(0, 5),
        "cbimm": st.integers(0, 1),
        "workers": st.integers(1, 3),
        "request_size": st.sampled_from([16, 256, 4096]),
        "crypto_q_max": st.sampled_from([3, 1000]),
    }
)


relaxed = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=150, deadline=None, suppress_health_check=relaxed)
@given(keys=devices, case=cases)
def test_it_holds_for_every_device(keys: dict[str, Any], case: dict[str, Any], tmp_path: Path) -> None:
    path = write(tmp_path, device_text(**keys))
    units = keys["units"]
    laws_hold(Case(f"sim:{path}", ALGORITHM, **case), keys["host"]["cpus"] + units["count"] * units["cpus"])


@pytest.mark.parametrize("name", sim.names())
@settings(max_examples=12, deadline=None, suppress_health_check=relaxed)
@given(case=cases, data=st.data())
def test_it_holds_for_the_devices_that_come_along(name: str, case: dict[str, Any], data: Any) -> None:
    device = sim.load(name)
    algorithm = algorithms.find(data.draw(st.sampled_from(device.algorithms)))
    op = data.draw(st.sampled_from(algorithm.ops))
    own = device.value("units", "count") * device.value("units", "cpus")
    cpus = device.value("host", "cpus") + own
    if device.rate(algorithm.name, op, case["request_size"]):
        laws_hold(Case(f"sim:{name}", algorithm.name, op, in_place=False, **case), cpus)


def laws_hold(case: Case, cpus: int) -> None:
    """What is true of every run, whatever the device, its faults and the load."""
    engine: Any = backends.open_case(case)
    try:
        value = engine.run(700)
        assert value.requests >= 700
        assert value.user + value.system <= value.wall * cpus * (1 + 1e-6)
    except MeasureError as error:
        assert error.kind == "error"  # a fault that was asked for
    found, counters = engine.simulation(), engine.counters()
    engine.close()

    told = found["faults"]
    assert counters["failed"] == told["error"] and counters["twice"] == told["duplicate"]
    assert counters["completed"] + counters["failed"] == counters["submitted"] == found["submitted"]
    assert found["submitted"] == found["collected"] and counters["lost"] == 0
    assert counters["reordered"] >= told["reorder"] if case.workers == 1 else True
    assert found["backwards"] == 0
    for busy, servers in (("unit_ns", found["units"]), ("bus_ns", found["buses"]), ("serial_ns", 1)):
        assert found[busy] <= found["elapsed_ns"] * servers * (1 + 1e-9)
    # Little: those inside, on average, are those that come times the time they stay.
    inside = found["area_ns"] / found["elapsed_ns"]
    stay = found["sojourn_ns"] / found["collected"]
    assert inside == pytest.approx(found["collected"] / found["elapsed_ns"] * stay, rel=1e-3)
    assert inside <= case.q_len * case.workers * (1 + 1e-9)
