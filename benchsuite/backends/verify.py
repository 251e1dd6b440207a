"""Verification: every session against the reference, before and after timing.

Buffers are laid out as api.h demands and lie between canaries; each request is made in place and
out of place, at odd sizes too. A wrong byte raises MeasureError("wrong-bytes") that says where.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from benchsuite.algorithms import Algorithm
from benchsuite.backends.buffers import Buffers, beside, differs, overwritten, prefixed
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.fixed_keys import pattern
from benchsuite.backends.reference import Reference, WrongTag
from benchsuite.backends.session import Params, Session
from benchsuite.model import CHAINED, DECRYPT, Case
from benchsuite.native import Driver, ffi, lib

EVERY_TAG_BYTE = 5  # forgeries differ in so manieth bytes of the tag, from the last one on


def odd_sizes(algorithm: Algorithm, largest: int) -> list[int]:
    """Sizes that catch what round numbers hide: the smallest, one more, around 64 and the largest."""
    unit, least = algorithm.block, algorithm.min_size
    wanted = {least, least + unit, least + 2 * unit, 64 - unit, 64 + unit, largest - unit, largest}
    return sorted(size for size in wanted if least <= size <= largest and size % unit == 0)


class Checker:
    """Checks one session's requests against the reference."""

    def __init__(self, params: Params) -> None:
        self.params, self.algorithm, self.op = params, params.algorithm, params.op
        self.reference = Reference.of(params)
        self.refused: list[int] = []  # sizes that the driver says it does not serve
        self._forgeries = 0

    def wrong(self, size: int, how: str, what: str) -> MeasureError:
        return MeasureError("wrong-bytes", f"{self.algorithm.name} {self.op}, {size} bytes, {how}: {what}")

    def expected(self, iv: bytes, aad: bytes, data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
        """-> (payload in, tag in, payload out, tag out) for plain bytes `data`."""
        text, tag = self.reference.encrypt(iv, aad, data)
        if self.op == DECRYPT:
            return text, tag, data, tag
        return data, bytes(len(tag)), text, tag

    @property
    def _writes_text(self) -> bool:
        return self.algorithm.kind not in ("digest", "hmac")

    def one(self, session: Session, size: int, in_place: bool, seed: int) -> None:
        aad = pattern(self.params.aad_size, seed + 1)
        iv = pattern(self.params.iv_size, seed + 2)
        self.check(session, iv, aad, pattern(size, seed), in_place)

    def check(self, session: Session, iv: bytes, aad: bytes, data: bytes, in_place: bool) -> None:
        """Checks one request for plain bytes `data`, all of it, and that nothing else was touched."""
        how = "in place" if in_place else "out of place"
        source, tag_in, result, tag_out = self.expected(iv, aad, data)
        buffers = Buffers(self.op == DECRYPT, iv, aad, source, tag_in, in_place)
        status = session.do(buffers.request)
        if status:
            raise MeasureError(
                "unsupported" if status == -errno.EOPNOTSUPP else "error",
                f"{self.algorithm.name} {self.op}, {len(data)} bytes, {how}: {session.says(status)}",
            )
        problems = [buffers.wrong_tag(tag_out), buffers.wrong_output(result if self._writes_text else None)]
        self._raise(len(data), how, *problems, *buffers.touched(keeps_text=not self._writes_text))

    def _raise(self, size: int, how: str, *problems: str) -> None:
        if found := "; ".join(filter(None, problems)):
            raise self.wrong(size, how, found)

    def refuses_forgery(self, session: Session, size: int, seed: int) -> None:
        """Authenticated decryption must not accept a tag with one bit changed. What it makes of the text is
        nobody's concern then."""
        aad, iv = pattern(self.params.aad_size, seed + 1), pattern(self.params.iv_size, seed + 2)
        text, tag = self.reference.encrypt(iv, aad, pattern(size, seed))
        at = (len(tag) - 1 - EVERY_TAG_BYTE * self._forgeries) % len(tag)
        self._forgeries += 1
        forged = tag[:at] + bytes([tag[at] ^ 1]) + tag[at + 1 :]
        buffers = Buffers(True, iv, aad, text, forged, in_place=False)
        status = session.do(buffers.request)
        if status == 0:
            raise self.wrong(size, "out of place", "a forged tag was accepted")
        if status != -errno.EBADMSG:
            what = f"a forged tag was refused with {session.says(status)}, should be EBADMSG"
            raise MeasureError("error", str(self.wrong(size, "out of place", what)))
        self._raise(size, "out of place, with a forged tag", *buffers.touched())

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
            buffers = Buffers(False, b"", b"", data, bytes(self.params.tag_size), in_place=True)
            how = f"chained, request {i + 1}"
            if status := session.do(buffers.request):
                raise MeasureError("error", str(self.wrong(size, how, session.says(status))))
            data = context.update(data)
            self._raise(size, how, buffers.wrong_output(data), *buffers.touched())
        return 3


class Sessions(Protocol):
    """An engine with its sessions and the slots of its requests, as NativeEngine is."""

    case: Case
    driver: Driver
    algorithm: Algorithm

    def session(self, worker: int) -> Session: ...
    def last_round(self) -> None: ...
    def slots(self) -> Iterator[tuple[int, int, Any, Any, int]]: ...
    def damaged_guards(self) -> tuple[int, Any]: ...


def before(engine: Sessions) -> int:
    """Checks every session of an engine and fills in what authenticated decryption needs as input.
    Returns how many requests were checked; 0 for a driver that touches no byte."""
    if engine.driver.nop:
        return 0
    case, checked = engine.case, 0
    checkers = _checkers(engine)
    for worker, checker in enumerate(checkers):
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
        for worker, _, request, given, _ in engine.slots():
            held = _Held(given, checkers[worker].params)
            text, tag = checkers[worker].reference.encrypt(held.iv, held.aad, held.text)
            ffi.memmove(ffi.cast("uint8_t *", request.src), text, len(text))
            ffi.memmove(request.tag, tag, len(tag))
    return checked


def after(engine: Sessions) -> int:
    """Runs the last round and checks what every slot did in it, and all canaries. Returns how many."""
    checkers, checked, ends = _checkers(engine), 0, {}
    if engine.case.iv == CHAINED:
        ends = {
            worker: _last_block(engine, request, given) for worker, _, request, given, _ in _round(engine)
        }
    for worker, slot, request, given, done in _round(engine):
        if engine.driver.nop:
            continue
        _check_slot(checkers[worker], slot, worker, request, given, done, ends.get(worker))
        checked += 1
    _check_guards(engine, checkers[0].params)
    return checked


def _checkers(engine: Sessions) -> list[Checker]:
    """One for each worker: they have keys of their own."""
    return [Checker(engine.session(worker).params) for worker in range(engine.case.workers)]


def _round(engine: Sessions) -> Iterator[tuple[int, int, Any, Any, int]]:
    engine.last_round()
    return engine.slots()


class _Held:
    """The bytes that a request of a slot points at."""

    def __init__(self, request: Any, params: Params) -> None:
        self.iv = bytes(ffi.buffer(request.iv, params.iv_size))
        self.aad = bytes(ffi.buffer(ffi.cast("uint8_t *", request.aad), request.aad_len))
        self.text = bytes(ffi.buffer(ffi.cast("uint8_t *", request.src), request.size))
        self.tag = bytes(ffi.buffer(request.tag, params.tag_size))


def _last_block(engine: Sessions, request: Any, given: Any) -> bytes:
    """The last ciphertext block of a slot: its output on encrypt, its input on decrypt."""
    text = ffi.cast("uint8_t *", given.src) if engine.case.op == DECRYPT else request.dst
    return bytes(ffi.buffer(text, request.size))[-engine.algorithm.block :]


def _check_slot(
    checker: Checker, slot: int, worker: int, request: Any, given: Any, done: int, previous: bytes | None
) -> None:
    """Checks what a slot's last request made of what it was given."""
    params, how = checker.params, f"after timing, worker {worker}, slot {slot}"
    had, has = _Held(given, params), _Held(request, params)
    digest = params.algorithm.kind in ("digest", "hmac")
    decrypt = params.op == DECRYPT
    try:
        expected, tag = _expected(checker, had, done, previous)
    except WrongTag:
        raise checker.wrong(request.size, how, "the input was overwritten") from None
    got = bytes(ffi.buffer(request.dst, request.size))
    problems = [
        "" if decrypt or not tag else prefixed("tag: ", differs(has.tag, tag)),
        "" if digest else differs(got, expected),
        overwritten("the IV", has.iv, had.iv),
        overwritten("the AAD", has.aad, had.aad),
        overwritten("the tag that came with it", has.tag, had.tag) if decrypt else "",
        overwritten("the input", has.text, had.text) if digest or request.src != request.dst else "",
    ]
    if found := "; ".join(filter(None, problems)):
        raise checker.wrong(request.size, how, found)


def _expected(checker: Checker, had: _Held, done: int, previous: bytes | None) -> tuple[bytes, bytes]:
    """-> (output, tag or b"") of a slot's last request."""
    params = checker.params
    if params.chained:
        in_message = done % (lib.BS_CHAIN_LIMIT // len(had.text))
        context = checker.reference.chained(
            params.first_iv, in_message * len(had.text), previous, params.op != DECRYPT
        )
        return context.update(had.text), b""
    if params.op != DECRYPT:
        return checker.reference.encrypt(had.iv, had.aad, had.text)
    return checker.reference.decrypt(had.iv, had.aad, had.text, had.tag), b""


def _check_guards(engine: Sessions, params: Params) -> None:
    count, found = engine.damaged_guards()
    if not count:
        return
    size, tag, decrypt = engine.case.request_size, params.tag_size, params.op == DECRYPT
    name, end, start = "IV", params.iv_size, 0
    if found.kind == lib.BS_FOUND_BESIDE_INPUT:
        name, start = "output" if found.in_place else "input", params.aad_size
        end = size + (tag if decrypt or found.in_place else 0)
    elif found.kind == lib.BS_FOUND_BESIDE_OUTPUT:
        name, end = "output", size + (0 if decrypt else tag)
    what = beside(name, found.at - end if found.at >= 0 else found.at + start, found.extent)
    where = f"worker {found.worker}, slot {found.known}" + (f"; of {count} slots" if count > 1 else "")
    raise MeasureError("wrong-bytes", f"{params.algorithm.name} {params.op}, after timing: {what} ({where})")
