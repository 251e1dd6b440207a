"""What the stress run says of a fault."""

from __future__ import annotations

import errno

import pytest

from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.findings import StressLoad
from benchsuite.backends.stress_faults import tell
from benchsuite.backends.stress_tables import Table, Tables
from benchsuite.model import FAILURES
from benchsuite.native import ffi, lib


def tables_of(name: str) -> list[Table]:
    backend = driver_backend("software")
    assert backend
    return Tables(backend, ALGORITHMS[name], StressLoad(workers=2, sessions=4, seed=11), ()).tables


def test_every_kind_of_fault_has_a_sentence() -> None:
    tables = tables_of("aes-128-gcm")
    kinds = ffi.typeof("enum bs_finding_kind").relements
    sentences = set()
    for kind in kinds.values():
        bare = kind in (lib.BS_FOUND_TWICE, lib.BS_FOUND_STRANGER, lib.BS_FOUND_POLL, lib.BS_FOUND_OPEN)
        index = -1 if bare else 0
        fault = ffi.new(
            "bs_finding *",
            {
                "kind": kind,
                "traffic": index,
                "known": index,
                "other_known": -1,
                "text": b"too many",
                "status": -5,
            },
        )
        told = tell(fault[0], tables)
        assert told.kind in FAILURES
        assert "(worker 0, session 0" in told.sentence
        sentences.add(told.sentence)
    assert len(sentences) == len(kinds)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": lib.BS_FOUND_BESIDE_OUTPUT, "at": -1}, "byte 1 before the output"),
        ({"kind": lib.BS_FOUND_BESIDE_OUTPUT, "in_place": 1, "at": -9}, "byte 1 before the output"),
        ({"kind": lib.BS_FOUND_BESIDE_INPUT, "at": -9}, "byte 1 before the input"),  # AAD of 8 before that
        ({"kind": lib.BS_FOUND_STATUS, "status": lib.BS_STATUS_UNSET}, "came back without a status"),
        ({"kind": lib.BS_FOUND_STATUS, "expected_status": -errno.EBADMSG}, "a forgery was accepted"),
        (
            {"kind": lib.BS_FOUND_STATUS, "status": -errno.EBADMSG},
            "EBADMSG (Bad message), though its tag fits",
        ),
        ({"kind": lib.BS_FOUND_OUTPUT, "late": 1}, "it was right when the request came back, and changed"),
        ({"kind": lib.BS_FOUND_OUTPUT, "output_size": 64}, ": zeros"),
        ({"other_traffic": 1, "other_known": 2}, "the output of another request (key 1, vector 2, "),
    ],
)
def test_a_sentence_says_where_it_was(fields: dict[str, int], sentence: str) -> None:
    fault = ffi.new("bs_finding *", {"kind": lib.BS_FOUND_OUTPUT, "other_known": -1} | fields)
    assert sentence in tell(fault[0], tables_of("aes-128-gcm")).sentence


def test_bytes_behind_count_from_the_end_of_the_tag() -> None:
    tables = tables_of("aes-128-gcm")
    size = len(tables[0].known[0].source)
    assert tables[0].params.op == "encrypt"
    fault = ffi.new(
        "bs_finding *", {"kind": lib.BS_FOUND_BESIDE_OUTPUT, "at": size + 16 + 2, "other_known": -1}
    )
    assert "byte 3 behind the output" in tell(fault[0], tables).sentence


def test_a_key_of_another_session_is_recognised() -> None:
    tables = tables_of("aes-128-ctr")
    known = next(known for known in tables[0].known if len(known.source) > 100)
    output = tables[3].reference.encrypt(known.iv, b"", known.source)[0]
    assert tables[0].params.op == "encrypt" and tables[3].params.op == "decrypt"
    fault = ffi.new(
        "bs_finding *",
        {
            "kind": lib.BS_FOUND_OUTPUT,
            "known": tables[0].known.index(known),
            "other_known": -1,
            "output": list(output[:64]),
            "output_size": 64,
        },
    )
    assert "as with the key of another session (key 3)" in tell(fault[0], tables).sentence
