"""What `run` checks before and after timing: every byte of every request, by each worker's own key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from zoo.library import build_faulty

from benchsuite import algorithms, backends
from benchsuite.backends import MeasureError, open_case
from benchsuite.backends.buffers import beside, differs, overwritten
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.native import NativeEngine
from benchsuite.backends.session import Params, Session
from benchsuite.backends.verify import Checker
from benchsuite.model import CHAINED, DECRYPT, Case
from benchsuite.native import ffi


def spoil(address: Any, at: int, count: int = 1) -> None:
    for i in range(count):
        ffi.cast("uint8_t *", address)[at + i] ^= 0x10


# algorithm, op -> what is damaged after the request, and how that is told
DAMAGE: list[tuple[str, str, Callable[[Any], None], str]] = [
    (
        "aes-128-cbc",
        "encrypt",
        lambda r: spoil(r.iv, 0, 16),
        "bytes 0 to 15 of the IV were overwritten: byte 0",
    ),
    ("aes-128-gcm", "encrypt", lambda r: spoil(r.aad, 3), "byte 3 of the AAD was overwritten: it is"),
    (
        "aes-128-gcm",
        "decrypt",
        lambda r: spoil(r.tag, 4, 2),
        "bytes 4 to 5 of the tag that came with it were",
    ),
    ("aes-128-gcm", "decrypt", lambda r: spoil(r.dst, r.size, 16), "bytes 1 to 16 behind the output were"),
    ("aes-128-cbc", "encrypt", lambda r: spoil(r.src, 5), "byte 5 of the input was overwritten"),
    ("aes-128-cbc", "encrypt", lambda r: spoil(r.src, -3, 3), "bytes 1 to 3 before the input were"),
    ("aes-128-cbc", "encrypt", lambda r: spoil(r.dst, r.size + 1, 3), "bytes 2 to 4 behind the output were"),
    ("aes-128-cbc", "encrypt", lambda r: spoil(r.iv, 64), "byte 1 behind the IV was overwritten"),
    ("sha256", "digest", lambda r: spoil(r.tag, 32), "byte 1 behind the output was overwritten"),
    ("sha256", "digest", lambda r: spoil(r.dst, 2), "byte 2 of the output that a digest does not have was"),
    ("hmac-sha1", "digest", lambda r: spoil(r.tag, 1), "tag: byte 1 of 20 is"),
]


@pytest.mark.parametrize(("algorithm", "op", "damage", "told"), DAMAGE, ids=[row[3] for row in DAMAGE])
def test_what_was_overwritten_is_told(
    monkeypatch: pytest.MonkeyPatch, algorithm: str, op: str, damage: Callable[[Any], None], told: str
) -> None:
    do = Session.do

    def then_damaged(session: Session, request: Any) -> int:
        status = do(session, request)
        if request.src != request.dst:
            damage(request)
        return status

    backend = driver_backend("software")
    assert backend
    found = algorithms.find(algorithm)
    params = Params(backend, found, op, 8 if found.authenticated else 0, 64)
    session = Session(params)
    monkeypatch.setattr(Session, "do", then_damaged)
    with pytest.raises(MeasureError, match=f"{algorithm} {op}, 64 bytes, out of place: {told}") as caught:
        Checker(params).session(session, [64])
    assert caught.value.kind == "wrong-bytes"
    session.close()


def test_a_digest_in_place_leaves_its_input_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    do = Session.do

    def then_damaged(session: Session, request: Any) -> int:
        status = do(session, request)
        if request.src == request.dst:
            spoil(request.src, 0)
        return status

    monkeypatch.setattr(Session, "do", then_damaged)
    engine = open_case(Case("software", "sha256"))
    with pytest.raises(MeasureError, match="in place: byte 0 of the input was overwritten"):
        engine.verify()
    engine.close()


def test_forgeries_differ_in_other_bytes_of_the_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that compares only some of them is found."""
    do, given = Session.do, []

    def noted(session: Session, request: Any) -> int:
        status = do(session, request)
        if status:
            given.append(bytes(ffi.buffer(request.tag, 16)))
        return status

    monkeypatch.setattr(Session, "do", noted)
    engine = open_case(Case("software", "aes-128-gcm", DECRYPT, in_place=False))
    engine.verify()
    engine.close()
    assert len(given) > 4 and len(set(given)) == len(given)


# What is damaged of a slot after timing, the second of three of the second worker, and how that is told.
SLOT = r"after timing, worker 1, slot 1"
LATER: list[tuple[dict[str, Any], Callable[[Any], None], str]] = [
    ({}, lambda r: spoil(r.dst, 9), f"{SLOT}: byte 9 of 1488 is"),
    ({}, lambda r: spoil(r.iv, 15), f"{SLOT}: byte 15 of the IV was overwritten"),
    (
        {"in_place": False},
        lambda r: spoil(r.src, 0, 2),
        f"{SLOT}: bytes 0 to 1 of the input were overwritten",
    ),
    (
        {"algorithm": "aes-128-gcm", "aad_size": 8},
        lambda r: spoil(r.aad, 7),
        f"{SLOT}: byte 7 of the AAD was",
    ),
    (
        {"algorithm": "aes-128-gcm", "op": DECRYPT, "in_place": False},
        lambda r: spoil(r.tag, 0),
        f"{SLOT}: byte 0 of the tag that came with it was",
    ),
    ({"algorithm": "sha1"}, lambda r: spoil(r.src, 1), f"{SLOT}: byte 1 of the input was overwritten"),
    (
        {},
        lambda r: spoil(r.dst, 1488, 4),
        r"after timing: bytes 1 to 4 behind the output were overwritten \(",
    ),
    (
        {"algorithm": "aes-128-gcm", "op": DECRYPT, "in_place": False},
        lambda r: spoil(r.dst, 1488 + 15),
        r"after timing: byte 16 behind the output was overwritten \(worker 1, slot 1\)",
    ),
    (
        {"algorithm": "aes-128-gcm", "aad_size": 8},
        lambda r: spoil(r.aad, -2),
        "after timing: byte 2 before the output was",
    ),
]


@pytest.mark.parametrize(("what", "damage", "told"), LATER, ids=[row[2] for row in LATER])
def test_what_was_overwritten_while_timing_is_told(
    monkeypatch: pytest.MonkeyPatch, what: dict[str, Any], damage: Callable[[Any], None], told: str
) -> None:
    last_round = NativeEngine.last_round

    def then_damaged(engine: NativeEngine) -> None:
        last_round(engine)
        for worker, slot, request, _, _ in engine.slots():
            if (worker, slot) == (1, 1):
                damage(request)

    engine = open_case(
        Case(**{"backend": "software", "algorithm": "aes-128-cbc", "q_len": 3, "workers": 2} | what)
    )
    assert engine.verify() > 0
    engine.run(100)
    assert engine.verify_after() == 6
    monkeypatch.setattr(NativeEngine, "last_round", then_damaged)
    with pytest.raises(MeasureError, match=told):
        engine.verify_after()
    engine.close()


@pytest.mark.parametrize("iv", ["per-request", CHAINED])
@pytest.mark.parametrize(
    "algorithm", ["aes-128-cbc", "rfc4106-aes-128-gcm", "hmac-sha256", "3des-cbc+hmac-md5"]
)
def test_no_two_workers_have_a_key_or_first_iv_in_common(algorithm: str, iv: str) -> None:
    if iv == CHAINED and not algorithms.find(algorithm).chainable:
        return
    engine = open_case(Case("software", algorithm, algorithms.find(algorithm).ops[0], workers=3, iv=iv))
    params = [engine.session(worker).params for worker in range(3)]  # type: ignore[attr-defined]
    assert len({(each.key, each.mac_key) for each in params}) == 3
    assert len({each.key for each in params}) == (3 if params[0].key else 1)
    assert len({each.first_iv for each in params}) == (3 if params[0].iv_size else 1)
    assert params[0].key == backends.fixed_keys.cipher_key(algorithms.find(algorithm))
    assert engine.verify() > 0
    engine.run(30)
    assert engine.verify_after() == 3
    engine.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_driver_that_mixes_up_the_keys_of_two_workers_fails_a_run(workers: int, tmp_path: Path) -> None:
    """It keeps the key that was loaded last: with one worker that is no mistake."""
    backend = f"software:{build_faulty(tmp_path, 'key-is-loaded-once')}"
    engine = open_case(Case(backend, "aes-128-cbc", workers=workers))
    engine.verify()
    engine.run(100)
    if workers == 1:
        engine.verify_after()
    else:
        with pytest.raises(MeasureError, match="after timing, worker 0, slot 0: byte 0 of") as caught:
            engine.verify_after()
        assert caught.value.kind == "wrong-bytes"
    engine.close()


def test_sentences_of_bytes() -> None:
    assert differs(b"abc", b"abc") == overwritten("the IV", b"abc", b"abc") == ""
    assert differs(b"axc", b"abc") == "byte 1 of 3 is 78, should be 62"
    assert overwritten("the IV", b"axc", b"abc") == "byte 1 of the IV was overwritten: it is 78, should be 62"
    said = "bytes 0 to 2 of the IV were overwritten: byte 0 is 78, should be 61"
    assert overwritten("the IV", b"xbx", b"abc") == said
    assert beside("IV", 0, 1) == "byte 1 behind the IV was overwritten"
    assert beside("IV", -1, 1) == "byte 1 before the IV was overwritten"
    assert beside("IV", -5, 3) == "bytes 3 to 5 before the IV were overwritten"
