"""Verification: every session against the reference, before and after timing.

Buffers are laid out as api.h demands and lie between canaries; each request is made in place and
out of place, at odd sizes too. A wrong byte raises MeasureError("wrong-bytes") that says where.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from benchsuite.algorithms import Algorithm
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.fixed_keys import pattern
from benchsuite.backends.reference import Reference, WrongTag
from benchsuite.backends.session import Params, Session
from benchsuite.model import CHAINED, DECRYPT, Case
from benchsuite.native import Driver, ffi, lib

GUARD = 64
GUARD_BYTE = b"\xa7"


def odd_sizes(algorithm: Algorithm, largest: int) -> list[int]:
    """Sizes that catch what round numbers hide: the smallest, one more, around 64 and the largest."""
    unit, least = algorithm.block, algorithm.min_size
    wanted = {least, least + unit, least + 2 * unit, 64 - unit, 64 + unit, largest - unit, largest}
    return sorted(size for size in wanted if least <= size <= largest and size % unit == 0)


def differs(got: bytes, expected: bytes) -> str:
    at = next((i for i, (a, b) in enumerate(zip(got, expected, strict=True)) if a != b), None)
    if at is None:
        return ""
    return f"byte {at} of {len(expected)} is {got[at]:02x}, should be {expected[at]:02x}"


class Text:
    """aad, payload and tag in a row between canaries."""

    def __init__(self, aad: bytes, payload: bytes, tag: bytes) -> None:
        self.body_size = len(aad) + len(payload) + len(tag)
        self.memory = ffi.new("uint8_t[]", GUARD + self.body_size + GUARD)
        ffi.buffer(self.memory)[:] = GUARD_BYTE * GUARD + aad + payload + tag + GUARD_BYTE * GUARD
        self.aad = self.memory + GUARD
        self.payload = self.aad + len(aad)
        self.tag = self.payload + len(payload)

    def intact(self) -> bool:
        raw = bytes(ffi.buffer(self.memory))
        return raw[:GUARD] == GUARD_BYTE * GUARD == raw[-GUARD:]


# What a request points at lives as long as it does: a driver that lost it may still write there.
_buffers: WeakKeyDictionary[Any, tuple[Text, ...]] = WeakKeyDictionary()


def new_request(src: Text, dst: Text, iv: Text, tag: Any, size: int) -> Any:
    request = ffi.new(
        "bs_request *",
        {
            "src": src.payload,
            "dst": dst.payload,
            "iv": iv.payload,
            "aad": src.aad,
            "tag": tag,
            "size": size,
            "aad_len": src.payload - src.aad,
        },
    )
    _buffers[request] = (src, dst, iv)
    return request


class Checker:
    """Checks one session's requests against the reference."""

    def __init__(self, params: Params) -> None:
        self.params, self.algorithm, self.op = params, params.algorithm, params.op
        self.reference = Reference.of(params)
        self.refused: list[int] = []  # sizes that the driver says it does not serve

    def wrong(self, size: int, how: str, what: str) -> MeasureError:
        return MeasureError("wrong-bytes", f"{self.algorithm.name} {self.op}, {size} bytes, {how}: {what}")

    def expected(self, iv: bytes, aad: bytes, data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
        """-> (payload in, tag in, payload out, tag out) for plain bytes `data`."""
        text, tag = self.reference.encrypt(iv, aad, data)
        if self.op == DECRYPT:
            return text, tag, data, tag
        return data, bytes(len(tag)), text, tag

    def one(self, session: Session, size: int, in_place: bool, seed: int) -> None:
        aad = pattern(self.params.aad_size, seed + 1)
        iv = pattern(self.params.iv_size, seed + 2)
        self.check(session, iv, aad, pattern(size, seed), in_place)

    def check(self, session: Session, iv: bytes, aad: bytes, data: bytes, in_place: bool) -> None:
        """Checks one request for plain bytes `data`, all of it."""
        size, how = len(data), "in place" if in_place else "out of place"
        source, tag_in, result, tag_out = self.expected(iv, aad, data)
        src = Text(aad, source, tag_in)
        dst = src if in_place else Text(b"", bytes(size), bytes(len(tag_in)))
        iv_text = Text(b"", iv + bytes(64 - len(iv)), b"")
        tag = src.tag if self.op == DECRYPT else dst.tag
        request = new_request(src, dst, iv_text, tag, size)
        status = session.do(request)
        if status:
            raise MeasureError(
                "unsupported" if status == -errno.EOPNOTSUPP else "error",
                f"{self.algorithm.name} {self.op}, {size} bytes, {how}: "
                f"{errno.errorcode.get(-status, status)} ({os.strerror(-status)})",
            )
        if problem := differs(bytes(ffi.buffer(tag, len(tag_out))), tag_out):
            raise self.wrong(size, how, f"tag: {problem}")
        writes_text = self.algorithm.kind not in ("digest", "hmac")
        if writes_text and (problem := differs(bytes(ffi.buffer(dst.payload, size)), result)):
            raise self.wrong(size, how, problem)
        if not in_place and bytes(ffi.buffer(src.payload, size)) != source:
            raise self.wrong(size, how, "the input was overwritten")
        if not (src.intact() and dst.intact() and iv_text.intact()):
            raise self.wrong(size, how, "bytes outside the buffers were overwritten")

    def refuses_forgery(self, session: Session, size: int, seed: int) -> None:
        """Authenticated decryption must not accept a tag with one bit changed."""
        aad, iv = pattern(self.params.aad_size, seed + 1), pattern(self.params.iv_size, seed + 2)
        text, tag = self.reference.encrypt(iv, aad, pattern(size, seed))
        src = Text(aad, text, bytes([*tag[:-1], tag[-1] ^ 1]))
        dst, iv_text = Text(b"", bytes(size), b""), Text(b"", iv + bytes(64 - len(iv)), b"")
        request = new_request(src, dst, iv_text, src.tag, size)
        if session.do(request) != -errno.EBADMSG:
            raise self.wrong(size, "out of place", "a forged tag was accepted")

    def session(self, session: Session, sizes: Iterable[int]) -> int:
        """Checks everything at the given sizes; returns how many requests. What the driver says it does
        not serve is in `refused`, and raised if it is everything."""
        checked = 0
        for size in sizes:
            try:
                checked += self._size(session, size)
            except MeasureError as error:
                if error.kind != "unsupported":
                    raise
                self.refused.append(size)
                first = error
        if not checked and self.refused:
            raise first
        return checked

    def _size(self, session: Session, size: int) -> int:
        for in_place in (False, True):
            self.one(session, size, in_place, seed=size * 2 + in_place)
        if not self.algorithm.authenticated or self.op != DECRYPT:
            return 2
        self.refuses_forgery(session, size, seed=size)
        return 3

    def chain(self, session: Session, size: int) -> int:
        """Three requests of a fresh chained session, in place, as one stream."""
        context = self.reference.chained(self.params.first_iv, 0, None, self.op != DECRYPT)
        data = pattern(size, size)
        for i in range(3):
            text = Text(b"", data, bytes(self.params.tag_size))
            request = new_request(text, text, Text(b"", bytes(64), b""), text.tag, size)
            status = session.do(request)
            data = context.update(data)
            got = bytes(ffi.buffer(text.payload, size))
            problem = f"status {status}" if status else differs(got, data)
            if problem or not text.intact():
                raise self.wrong(
                    size, f"chained, request {i + 1}", problem or "bytes outside were overwritten"
                )
        return 3


class Sessions(Protocol):
    """An engine with its sessions and the slots of its requests, as NativeEngine is."""

    case: Case
    driver: Driver
    algorithm: Algorithm
    params: Params

    def session(self, worker: int) -> Session: ...
    def last_round(self) -> None: ...
    def slots(self) -> Iterator[tuple[int, int, Any, bytes, int]]: ...
    def damaged_guards(self) -> int: ...


def before(engine: Sessions) -> int:
    """Checks every session of an engine and fills in what authenticated decryption needs as input.
    Returns how many requests were checked; 0 for a driver that touches no byte."""
    if engine.driver.nop:
        return 0
    case, checker, checked = engine.case, Checker(engine.params), 0
    for worker in range(case.workers):
        session = engine.session(worker)
        if case.iv == CHAINED:
            checked += checker.chain(session, case.request_size)
        else:
            checked += checker.session(session, odd_sizes(engine.algorithm, case.request_size))
            if case.request_size in checker.refused:
                raise MeasureError(
                    "unsupported", f"{engine.driver.name} does not serve {case.request_size} bytes"
                )
    if engine.algorithm.authenticated and case.op == DECRYPT:
        for _, _, request, data, _ in engine.slots():
            iv, aad = _iv_and_aad(engine, request)
            text, tag = checker.reference.encrypt(iv, aad, data)
            ffi.memmove(ffi.cast("uint8_t *", request.src), text, len(text))
            ffi.memmove(request.tag, tag, len(tag))
    return checked


def after(engine: Sessions) -> int:
    """Runs the last round and checks what every slot did in it, and all canaries. Returns how many."""
    checker, checked, ends = Checker(engine.params), 0, {}
    if engine.case.iv == CHAINED:
        ends = {worker: _last_block(engine, request, data) for worker, _, request, data, _ in _round(engine)}
    for worker, slot, request, data, done in _round(engine):
        if engine.driver.nop:
            continue
        expected, tag = _expected(checker, engine, request, data, done, ends.get(worker))
        how = f"after timing, worker {worker}, slot {slot}"
        got = bytes(ffi.buffer(request.dst, len(data)))
        if engine.algorithm.kind not in ("digest", "hmac") and (problem := differs(got, expected)):
            raise checker.wrong(len(data), how, problem)
        if tag and (problem := differs(bytes(ffi.buffer(request.tag, len(tag))), tag)):
            raise checker.wrong(len(data), how, f"tag: {problem}")
        checked += 1
    if damaged := engine.damaged_guards():
        raise MeasureError("wrong-bytes", f"bytes outside the buffers of {damaged} slots were overwritten")
    return checked


def _round(engine: Sessions) -> Iterator[tuple[int, int, Any, bytes, int]]:
    engine.last_round()
    return engine.slots()


def _iv_and_aad(engine: Sessions, request: Any) -> tuple[bytes, bytes]:
    iv = bytes(ffi.buffer(request.iv, engine.params.iv_size))
    return iv, bytes(ffi.buffer(ffi.cast("uint8_t *", request.aad), engine.case.aad_size))


def _last_block(engine: Sessions, request: Any, data: bytes) -> bytes:
    """The last ciphertext block of a slot: its output on encrypt, its input on decrypt."""
    text = data if engine.case.op == DECRYPT else bytes(ffi.buffer(request.dst, len(data)))
    return text[-engine.algorithm.block :]


def _expected(
    checker: Checker, engine: Sessions, request: Any, data: bytes, done: int, previous: bytes | None
) -> tuple[bytes, bytes]:
    """-> (output, tag or b"") of a slot's last request."""
    iv, aad = _iv_and_aad(engine, request)
    if engine.case.iv == CHAINED:
        in_message = done % (lib.BS_CHAIN_LIMIT // len(data))
        context = checker.reference.chained(
            engine.params.first_iv, in_message * len(data), previous, engine.case.op != DECRYPT
        )
        return context.update(data), b""
    if engine.case.op != DECRYPT:
        return checker.reference.encrypt(iv, aad, data)
    tag = bytes(ffi.buffer(request.tag, engine.params.tag_size))
    try:
        return checker.reference.decrypt(iv, aad, data, tag), b""
    except WrongTag:
        raise checker.wrong(len(data), "after timing", "the input was overwritten") from None
