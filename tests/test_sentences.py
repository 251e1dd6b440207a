"""What is said of a fault."""

from __future__ import annotations

import errno
import functools
import random

import pytest
from known_fixture import of_plain

from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.known_requests import FORGED, Known, Table
from benchsuite.backends.reference import Reference
from benchsuite.backends.sentences import in_words, tell, tell_all
from benchsuite.backends.session import Params
from benchsuite.model import FAILURES
from benchsuite.native import ffi, lib

NOTHING = {"other_known": -1, "previous": -1, "before_known": -1, "before_traffic": -1}


@functools.cache
def tables_of(name: str) -> list[Table]:
    """Sessions with a key each, of both operations in turn, and requests of many sizes."""
    backend, algorithm, chance = driver_backend("software"), ALGORITHMS[name], random.Random(11)
    assert backend
    tables = []
    for number in range(8):
        key, op = chance.randbytes(algorithm.key_size), algorithm.ops[number % 2]
        params = Params(backend, algorithm, op, algorithm.aad_size, 9216, key=key, mac=b"")
        reference = Reference(algorithm, key, b"")
        texts = [
            chance.randbytes(size // 16 * 16) for size in (448, *range(16, 272, 16), *range(512, 9216, 512))
        ]
        ivs = (chance.randbytes(algorithm.iv_size) for _ in texts)
        aad = chance.randbytes(algorithm.aad_size)
        known = [of_plain(params, reference, iv, aad, text) for iv, text in zip(ivs, texts, strict=True)]
        tables.append(Table(params, reference, known))
    return tables


def test_every_kind_of_fault_has_a_sentence() -> None:
    tables = tables_of("aes-128-gcm")
    kinds = ffi.typeof("enum bs_finding_kind").relements
    sentences = set()
    for kind in kinds.values():
        bare = kind in (lib.BS_FOUND_TWICE, lib.BS_FOUND_STRANGER, lib.BS_FOUND_POLL, lib.BS_FOUND_OPEN)
        index = -1 if bare else 0
        fault = ffi.new(
            "bs_finding *",
            {"kind": kind, "traffic": index, "known": index, **NOTHING, "text": b"too many", "status": -5},
        )
        told = tell(fault[0], tables)
        assert told.kind in FAILURES
        assert "(worker 0, session 0" in told.sentence
        assert "(worker" not in tell(fault[0], tables, alone=True).sentence
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
        ({"output_size": 64, "window_size": 64, "extent": 64}, ": zeros in bytes 0 to 63"),
        (
            {"kind": lib.BS_FOUND_STATUS, "status": -errno.EFAULT, "fenced": 1},
            "EFAULT (Bad address): memory beyond the buffers of the request was touched",
        ),
        ({"kind": lib.BS_FOUND_IV, "extent": 12}, "all 12 bytes of the IV were overwritten"),
        ({"kind": lib.BS_FOUND_IV, "at": 8, "extent": 4}, "bytes 8 to 11 of the IV were overwritten"),
        ({"kind": lib.BS_FOUND_BESIDE_OUTPUT, "at": -16, "extent": 16}, "16 bytes before the output were"),
        ({"kind": lib.BS_FOUND_BESIDE_OUTPUT, "at": -16, "extent": 8}, "bytes 9 to 16 before the output"),
        ({"kind": lib.BS_FOUND_BESIDE_IV, "at": 12, "extent": 4}, "4 bytes behind the IV were overwritten"),
        ({"kind": lib.BS_FOUND_BESIDE_IV, "at": -8, "extent": 30}, "memory before and behind the IV was"),
        (
            {"kind": lib.BS_FOUND_READ_BEYOND, "buffer": lib.BS_BUFFER_INPUT, "at": 512, "extent": 3},
            "it read at least 3 bytes behind the input",
        ),
        (
            {"kind": lib.BS_FOUND_READ_BEYOND, "buffer": lib.BS_BUFFER_IV, "at": -4, "extent": 4},
            "it read at least 4 bytes before the IV",
        ),
        (
            {"kind": lib.BS_FOUND_WROTE_INPUT, "buffer": lib.BS_BUFFER_AAD},
            "it wrote to the AAD, which is only to be read",
        ),
    ],
)
def test_a_sentence_says_where_it_was(fields: dict[str, int], sentence: str) -> None:
    fault = ffi.new("bs_finding *", {"kind": lib.BS_FOUND_OUTPUT} | NOTHING | fields)
    assert sentence in tell(fault[0], tables_of("aes-128-gcm")).sentence


def test_bytes_behind_count_from_the_end_of_the_tag() -> None:
    tables = tables_of("aes-128-gcm")
    size = len(tables[0].known[0].source)
    assert tables[0].params.op == "encrypt"
    fault = ffi.new("bs_finding *", {"kind": lib.BS_FOUND_BESIDE_OUTPUT, "at": size + 16 + 2} | NOTHING)
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
            **NOTHING,
            "output": list(output[:64]),
            "output_size": 64,
            "window": list(output[:64]),
            "window_size": 64,
            "extent": 64,
        },
    )
    assert "as with the key of another session (key 3)" in tell(fault[0], tables).sentence


def test_sixteen_bytes_behind_an_output_are_counted() -> None:
    tables = tables_of("aes-128-cbc")
    size = len(tables[0].known[0].source)
    fault = ffi.new(
        "bs_finding *",
        {"kind": lib.BS_FOUND_BESIDE_OUTPUT, "at": size, "extent": 16, "got": 1, "expected": 2} | NOTHING,
    )
    assert "16 bytes behind the output were overwritten: the first is 01, should be 02" in (
        tell(fault[0], tables).sentence
    )


def table_with(known: Known) -> list[Table]:
    (table, *_) = tables_of("aes-128-gcm")
    return [Table(table.params, table.reference, [known])]


def test_which_forgery_was_accepted_is_said() -> None:
    known = tables_of("aes-128-gcm")[0].known[0]
    forgery = known._replace(status=FORGED, note="with one bit of byte 0 of its tag changed")
    fault = ffi.new("bs_finding *", {"kind": lib.BS_FOUND_STATUS, "expected_status": FORGED} | NOTHING)
    told = tell(fault[0], table_with(forgery), alone=True)
    assert told.kind == "wrong-bytes"
    assert told.sentence.endswith(
        ": a forgery was accepted, with one bit of byte 0 of its tag changed "
        "(vector 0, its session's 1st request)"
    )
    fault.status = -errno.EIO
    told = tell(fault[0], table_with(forgery))
    assert (
        told.kind == "error"
        and "EIO (Input/output error), should be EBADMSG: it is a forgery" in told.sentence
    )


def test_a_size_that_must_be_refused_and_was_not() -> None:
    (table, *_) = tables_of("aes-128-cbc")
    known = Known(bytes(17), bytes(17), bytes(16), b"", b"", lib.BS_ANY_ERROR)
    fault = ffi.new(
        "bs_finding *", {"kind": lib.BS_FOUND_STATUS, "expected_status": lib.BS_ANY_ERROR} | NOTHING
    )
    told = tell(fault[0], [Table(table.params, table.reference, [known])])
    assert "17 bytes" in told.sentence
    assert "it was accepted, and has to be refused: no multiple of 16 bytes" in told.sentence


def test_the_first_sentence_says_what_all_have_in_common() -> None:
    tables = tables_of("aes-128-cbc")
    samples = [
        ffi.new(
            "bs_sample *",
            {
                "traffic": t,
                "known": k,
                "size": len(known.source),
                "outstanding": 1 + k % 16,
                "wrong": len(known.source) > 2048,
            },
        )[0]
        for t, table in enumerate(tables)
        for k, known in enumerate(table.known)
    ]
    finding = ffi.new("bs_finding *", {"kind": lib.BS_FOUND_LOST} | NOTHING)[0]
    first, second = tell_all([finding, finding], samples, tables, 2)
    assert "; only " in first.sentence and " bytes" in first.sentence.split("; only ")[1]
    assert "; only " not in second.sentence


def test_a_rate_is_said_of_what_is_rare() -> None:
    assert in_words(20, 100_123) == "about 1 request in 5,000 is wrong"
    assert in_words(2, 10**6) == in_words(64, 128) == in_words(0, 10**6) == ""
