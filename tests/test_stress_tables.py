"""The requests of a load: that every kind that is promised is among them, that their outcomes are the
reference's, that the seed makes them, and that what a driver refuses is left out and said."""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import Any

import pytest

from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.backends import MeasureError, memory, stress_probe
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.findings import StressLoad, Wanted
from benchsuite.backends.known_requests import Known, Table
from benchsuite.backends.reference import WrongTag
from benchsuite.backends.relatives import relatives
from benchsuite.backends.session import Params
from benchsuite.backends.stress_mixed import Mixed
from benchsuite.backends.stress_tables import SMALL, Tables
from benchsuite.native import lib

KINDS = (
    "aes-128-cbc",
    "aes-256-ctr",
    "aes-128-xts",
    "3des-cbc",
    "aes-128-gcm",
    "aes-256-ccm",
    "rfc4106-aes-128-gcm",
    "sha256",
    "hmac-sha1",
    "aes-192-cbc+hmac-sha256",
    "null+hmac-md5",
)
LARGEST = 1 << 20
LOAD = StressLoad(workers=2, sessions=2, q_len=4, seconds=20, seed=11)


def tables_of(name: str, load: StressLoad = LOAD) -> Tables:
    software = driver_backend("software")
    assert software
    return Tables(software, ALGORITHMS[name], load)


def mixed_of(*names: str, load: StressLoad = LOAD) -> Mixed:
    software = driver_backend("software")
    assert software
    return Mixed(software, [ALGORITHMS[name] for name in names], load)


def requests(made: Tables, op: str = "") -> list[Known]:
    return [known for table in made.tables if op in ("", table.params.op) for known in table.known]


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest) -> Tables:
    return tables_of(request.param)


# ---- what is among them ----


def test_every_table_has_a_key_and_every_operation_has_tables(made: Tables) -> None:
    keys = {(table.params.key, table.params.mac_key) for table in made.tables}
    assert len(keys) == (1 if made.algorithm.kind == "digest" else len(made.tables))
    assert {table.params.op for table in made.tables} == set(made.algorithm.ops)
    assert made.left_out == []


def test_the_outcome_is_the_references(made: Tables) -> None:
    for table in made.tables:
        if table.params.chained:
            assert stream_of(table) == b"".join(known.result for known in table.known)
            continue
        for known in table.known:
            assert known.status == outcome(table, known), known.note


def stream_of(table: Table) -> bytes:
    context = table.reference.chained(table.params.first_iv, 0, None, table.params.op != "decrypt")
    return bytes(context.update(b"".join(known.source for known in table.known)))


def outcome(table: Table, known: Known) -> int:
    size, algorithm = len(known.source), table.params.algorithm
    if size % algorithm.block or (size < algorithm.min_size and algorithm.min_size > 1):
        return int(lib.BS_ANY_ERROR)
    if table.params.op != "decrypt":
        assert table.reference.encrypt(known.iv, known.aad, known.source) == (known.result, known.tag)
        return 0
    try:
        assert table.reference.decrypt(known.iv, known.aad, known.source, known.tag) == known.result
    except WrongTag:
        return -errno.EBADMSG
    return 0


def test_every_small_size_is_there_and_a_few_large_ones(made: Tables) -> None:
    algorithm = made.algorithm
    for op in algorithm.ops:
        sizes = {len(known.source) for known in requests(made, op)}
        assert not {size for size in range(algorithm.min_size, 257) if size % algorithm.block == 0} - sizes
        assert (0 in sizes) == (algorithm.min_size == 1)
        assert {1024, 4096, 16384, 65536} <= sizes
        assert any(65536 < size < LARGEST for size in sizes)
    assert any(len(known.source) == LARGEST for known in requests(made, algorithm.ops[0]))
    usual = sorted(len(known.source) for known in requests(made))
    assert usual[len(usual) // 2] <= SMALL, "most of them are small"


def test_what_the_algorithm_does_not_have_must_be_refused(made: Tables) -> None:
    algorithm = made.algorithm
    refused = {len(one.source) for one in requests(made) if one.status == lib.BS_ANY_ERROR}
    assert bool(refused) == (algorithm.block > 1 or algorithm.min_size > 1)


def test_lengths_of_aad_are_mixed_in_a_session(made: Tables) -> None:
    if not made.algorithm.authenticated:
        assert {len(known.aad) for known in requests(made)} == {0}
        return
    for op in made.algorithm.ops:
        assert {*range(81), 240, 255, 65280} <= {len(known.aad) for known in requests(made, op)}
    assert all(
        len({len(known.aad) for known in table.known}) > 8
        for table in made.tables
        if not table.params.chained
    )


def test_forgeries_differ_everywhere(made: Tables) -> None:
    notes = {known.note for known in requests(made) if known.status == -errno.EBADMSG}
    assert bool(notes) == made.algorithm.authenticated
    for what in ("byte 0 of its tag", "byte 7 of its tag", "same bit of bytes", "of its text", "of its AAD"):
        assert any(what in note for note in notes) == made.algorithm.authenticated, what
    if made.algorithm.authenticated:
        good = [known for known in requests(made, "decrypt") if not known.status]
        assert len(good) > len([known for known in requests(made) if known.status == -errno.EBADMSG])


def test_texts_of_one_byte_are_there(made: Tables) -> None:
    sources = {known.source for known in requests(made, made.algorithm.ops[0])}
    assert {bytes(64), b"\xff" * 64} <= sources


def test_streams_and_pieces_and_other_lengths(made: Tables) -> None:
    algorithm = made.algorithm
    chains = [table for table in made.tables if table.params.chained]
    assert (len(chains) > 1) == algorithm.chainable
    tags = {table.params.tag_size for table in made.tables}
    assert (len(tags) > 1) == (algorithm.kind in ("aead", "authenc", "hmac") and algorithm.tag_size > 0)
    nonces = {table.params.iv_size for table in made.tables}
    assert (len(nonces) > 1) == (algorithm.name in ("aes-128-gcm", "aes-256-ccm"))


def test_some_ivs_are_about_to_overflow() -> None:
    ivs = {known.iv for known in requests(tables_of("aes-128-ctr"))}
    assert b"\xff" * 16 in ivs
    for width in (2, 4, 8):
        assert any(iv.endswith(b"\xff" * width) and iv[-width - 1] != 0xFF for iv in ivs)


# ---- what was asked for ----


@pytest.mark.parametrize("name", ["aes-128-gcm", "sha1"])
def test_the_seed_makes_the_requests(name: str) -> None:
    def of(seed: int) -> list[Any]:
        return [(table.params.key, table.known) for table in tables_of(name, StressLoad(2, seed=seed)).tables]

    assert of(1) == of(1) != of(2)


def test_what_a_profile_has_is_in_the_load() -> None:
    wanted = Wanted(sizes=[1234, 2_000_000], aad_sizes=[300], tag_sizes=[11])
    made = tables_of("aes-128-gcm", replace(LOAD, wanted=wanted))
    for op in ("encrypt", "decrypt"):
        assert {1234, 2_000_000} <= {len(known.source) for known in requests(made, op)}
        assert 300 in {len(known.aad) for known in requests(made, op)}
    assert 11 in {table.params.tag_size for table in made.tables}


def test_only_sizes_that_were_asked_for() -> None:
    made = tables_of("aes-128-gcm", replace(LOAD, only_sizes=(100, 2048)))
    assert {len(known.source) for known in requests(made)} == {100, 2048}
    assert {table.params.op for table in made.tables} == {"encrypt", "decrypt"}
    with pytest.raises(MeasureError, match="none of the sizes"):
        tables_of("aes-128-cbc", replace(LOAD, only_sizes=(17,)))


# ---- what is refused ----


def refusing(monkeypatch: pytest.MonkeyPatch, refuses: Any) -> None:
    check = Params.check

    def refuse(params: Params) -> int:
        if refuses(params):
            raise MeasureError("unsupported", "not here")
        return check(params)

    monkeypatch.setattr(Params, "check", refuse)


def test_lengths_of_aad_that_a_driver_refuses_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing(monkeypatch, lambda params: params.aad_size not in (0, 8, 12))
    made = tables_of("aes-128-gcm", replace(LOAD, wanted=Wanted(aad_sizes=[12, 13])))
    assert {len(known.aad) for known in requests(made)} == {0, 8, 12}
    assert made.left_out[0] == "AAD of 13 bytes (refused)"


def test_sizes_that_a_driver_refuses_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing(monkeypatch, lambda params: params.c.max_size > 100_000)
    made = tables_of("sha256")
    assert 65536 < max(len(known.source) for known in requests(made)) <= 100_000
    assert made.left_out == ["131071, 131072, 131088 and 1 more bytes (refused)"]


def test_sizes_that_memory_has_no_room_for_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 30_000_000)
    assert tables_of("sha256").left_out == []
    monkeypatch.setattr(memory, "available", lambda: 16_000_000)
    made = tables_of("sha256")
    assert max(len(known.source) for known in requests(made)) < LARGEST
    (left_out,) = made.left_out
    assert left_out.startswith("1048576 bytes (so many at once need more memory")


def test_a_large_size_that_takes_all_of_the_time_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stress_probe, "LONGEST_OF_MANY", 0.0)
    made = tables_of("sha256")
    assert max(len(known.source) for known in requests(made)) == 65536
    assert "bytes (one takes " in made.left_out[0]


# ---- several algorithms ----


def test_several_algorithms_are_in_turn() -> None:
    names = ("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "hmac-sha1")
    made = mixed_of(*names)
    turns = [table.params.algorithm.name for table in made.tables]
    assert set(turns[:4]) == set(names) == {algorithm.name for algorithm in made.algorithms}
    assert any(table.params.chained for table in made.tables)
    assert {table.params.op for table in made.tables} == {"encrypt", "decrypt", "digest"}


@pytest.mark.parametrize("size", [16, 48, 2048])
def test_a_mixed_load_of_one_size_has_no_part_of_a_stream(size: int) -> None:
    made = mixed_of("aes-128-cbc", load=replace(LOAD, only_sizes=(size,)))
    assert not any(table.params.chained for table in made.tables)
    assert {len(known.source) for table in made.tables for known in table.known} == {size}


@pytest.mark.parametrize("name", ["aes-128-cbc", "sha256", "hmac-sha1", "aes-128-cbc+hmac-sha1"])
def test_one_algorithm_has_its_relatives_beside_it(name: str) -> None:
    made = mixed_of(name)
    mine = [table for table in made.tables if table.params.algorithm.name == name]
    assert len(mine) == len(tables_of(name).tables) and len(made.algorithms) > 4
    turns = [table.params.algorithm.name for table in made.tables]
    assert len(set(turns[: len(made.algorithms)])) == len(made.algorithms)


def test_relatives_differ_in_one_thing_first() -> None:
    def all_of(name: str, but: tuple[str, ...] = ()) -> list[str]:
        found = relatives(ALGORITHMS[name], lambda other: other.name not in but)
        return [other.name for other in found]

    assert {"aes-192-cbc", "aes-256-cbc", "aes-128-ctr"} <= set(all_of("aes-128-cbc"))
    assert "aes-192-cbc" not in all_of("aes-128-cbc", but=("aes-192-cbc",))
    assert {"sha1", "hmac-sha256"} <= set(all_of("sha256"))
    assert all("aes-128-cbc" not in all_of(name)[:4] for name in ("sha256", "hmac-sha1"))
    assert {"aes-256-gcm", "sha256"} <= set(all_of("aes-128-cbc"))


def test_a_relative_that_is_wrong_or_not_served_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_cbc(params: Params) -> bool:
        algorithm: Algorithm = params.algorithm
        return algorithm.name not in ("aes-128-cbc", "aes-256-cbc")

    refusing(monkeypatch, only_cbc)
    assert [algorithm.name for algorithm in mixed_of("aes-128-cbc").algorithms] == [
        "aes-128-cbc",
        "aes-256-cbc",
    ]
    refusing(monkeypatch, lambda params: params.algorithm.name != "aes-128-cbc")
    with pytest.raises(MeasureError, match="nothing is served beside aes-128-cbc"):
        mixed_of("aes-128-cbc")
