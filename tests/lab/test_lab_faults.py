"""A /dev/crypto whose bytes are wrong now and then: every kind of fault of tests/lab/cuse/bugs.c is found,
through the device node, by a load; what concerns hashes in updates, by these."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from cuse_device import FAULTS, Device
from test_lab_stress import loaded
from test_pieces import in_pieces

from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import MeasureError
from benchsuite.backends.findings import StressLoad

CBC, GCM = "aes-128-cbc", "aes-128-gcm"
PATIENT = StressLoad(workers=2, sessions=2, q_len=8, seconds=20.0, seed=7)  # ends with the first faults
IN_UPDATES = {"first-part"}


class Fault(NamedTuple):
    """See enum fault of cuse/abi.h."""

    name: str
    algorithms: tuple[str, ...] = (CBC,)
    every: int = 1
    after: int = 0
    ms: int = 0


LOADED = (
    Fault("sizes", after=8000, every=400),
    Fault("sizes", ("sha256",), after=63, every=1),
    Fault("nth", after=40),
    Fault("one-iv", ms=1),
    Fault("one-key"),
    Fault("old-iv", every=40),
    Fault("part-of-tag", (GCM,), every=4),
    Fault("beyond"),
    Fault("writes-iv"),
    Fault("takes-all"),
    Fault("aad", (GCM,), every=4),
    Fault("before", (CBC, "sha256")),
    Fault("page"),
    Fault("asleep", ms=400),
    Fault("sessions", after=40),
)


def test_every_fault_of_the_bytes_is_tried() -> None:
    of_bytes = FAULTS[FAULTS.index("intr") + 1 :]
    assert {fault.name for fault in LOADED} | IN_UPDATES == set(of_bytes)


@pytest.mark.parametrize("fault", LOADED, ids=lambda fault: f"{fault.name}-{fault.algorithms[-1]}")
def test_a_load_finds_it(device: Device, fault: Fault) -> None:
    before = device.counts().faults
    device.fault(fault.name, every=fault.every, after=fault.after, ms=fault.ms)
    try:
        found = loaded(device.backend, fault.algorithms, PATIENT)
    except MeasureError as error:  # how many sessions there are before the load depends on the machine
        assert fault.name == "sessions" and "opens no session" in str(error), error
        return
    assert found.faults > 0, f"{device.counts().faults - before} faults, and none found"
    assert device.counts().faults > before


def test_a_hash_in_updates_is_wrong_where_parts_are_lost(device: Device) -> None:
    device.fault("first-part")
    with pytest.raises(MeasureError, match="should be") as error:
        in_pieces(device.backend, ALGORITHMS["sha256"], 100)
    assert error.value.kind == "wrong-bytes"
