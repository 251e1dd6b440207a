"""What the stress run found wrong, as sentences for the person who wrote the driver."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchsuite.backends.known import Known, Table
from benchsuite.backends.reference import Reference, WrongTag
from benchsuite.model import DECRYPT
from benchsuite.native import ffi, lib, text_of

LEAST_ALIKE = 8  # bytes: fewer may be equal by chance
BLOCK = 16  # bytes that are compared: what follows may depend on where a text ends

_CHANGED = {
    lib.BS_FOUND_INPUT: "the input",
    lib.BS_FOUND_AAD: "the AAD",
    lib.BS_FOUND_IV: "the IV",
    lib.BS_FOUND_GIVEN_TAG: "the tag that came with it",
}
_BESIDE = {
    lib.BS_FOUND_BESIDE_INPUT: "input",
    lib.BS_FOUND_BESIDE_OUTPUT: "output",
    lib.BS_FOUND_BESIDE_IV: "IV",
}
_RULES = {
    lib.BS_FOUND_TWICE: "a request came back that was not outstanding: it had come back before",
    lib.BS_FOUND_STRANGER: "poll returned a request that this session never had",
    lib.BS_FOUND_ORDER: "it came back before one that went earlier; the driver says that it keeps the order",
    lib.BS_FOUND_OUTCOME: "process answered neither COMPLETED, QUEUED nor BUSY, or QUEUED, and the driver "
    "says that it completes at once",
    lib.BS_FOUND_POLL: "poll returned an error, or more requests than asked for",
    lib.BS_FOUND_REFUSED: "it went on to be refused (BUSY) although nothing was outstanding",
    lib.BS_FOUND_REQUEST: "a field of the request that is not the driver's was changed",
    lib.BS_FOUND_READ_BEYOND: "memory beyond the buffers of the request was touched",
    lib.BS_FOUND_WROTE_INPUT: "what was only to be read was written to",
    lib.BS_FOUND_MEANWHILE: "the input was changed while the request was outstanding, and restored",
    lib.BS_FOUND_WRITTEN_BACK: "bytes beside the output that another thread wrote meanwhile were overwritten "
    "with what had been there before",
}
_ERRORS = (
    lib.BS_FOUND_TWICE,
    lib.BS_FOUND_STRANGER,
    lib.BS_FOUND_ORDER,
    lib.BS_FOUND_OUTCOME,
    lib.BS_FOUND_POLL,
    lib.BS_FOUND_REFUSED,
)


class Told(NamedTuple):
    kind: str  # a key of model.FAILURES
    sentence: str


def tell(fault: Any, tables: list[Table]) -> Told:
    """fault: a bs_finding; tables: what its indices count."""
    table = tables[fault.traffic] if fault.traffic >= 0 else None
    known = table.known[fault.known] if table else None
    kind, what = _what(fault, table, known, tables)
    where = f"worker {fault.worker}, session {fault.session}"
    if table and known:
        where += f", key {fault.traffic}, vector {fault.known}, its request {fault.number}"
        what = f"{_request(fault, table, known)}: {what}"
    if fault.late:
        what += "; it was right when the request came back, and changed later"
    return Told(kind, f"{what} ({where})")


def _request(fault: Any, table: Table, known: Known) -> str:
    place = f"in place at page offset {fault.dst_at}"
    if not fault.in_place:
        place = f"out of place, from page offset {fault.src_at} to {fault.dst_at}"
    return (
        f"{table.params.algorithm.name} {table.params.op}, {len(known.source)} bytes, {place}, "
        f"{fault.outstanding} outstanding"
    )


def _what(fault: Any, table: Table | None, known: Known | None, tables: list[Table]) -> tuple[str, str]:
    """-> (failure kind, what is wrong)."""
    if fault.kind == lib.BS_FOUND_OPEN:
        return "error", f"a session could not be opened beside busy ones: {text_of(fault.text)}"
    if fault.kind == lib.BS_FOUND_MEMORY:
        return "error", f"memory is lost: {text_of(fault.text)}"
    if fault.kind == lib.BS_FOUND_LOST:
        return "lost", "it never came back"
    if fault.kind in _RULES:
        return "error" if fault.kind in _ERRORS else "wrong-bytes", _RULES[fault.kind]
    assert table and known, "all others are faults of a request"
    if fault.kind == lib.BS_FOUND_STATUS:
        return _status(fault)
    return "wrong-bytes", _bytes(fault, table, known, tables)


def _status(fault: Any) -> tuple[str, str]:
    if fault.status == lib.BS_STATUS_UNSET:
        return "error", "it came back without a status"
    if fault.status == 0:
        return "wrong-bytes", "a forgery was accepted"
    name = errno.errorcode.get(-fault.status, str(fault.status))
    wanted = ", should be EBADMSG: it is a forgery" if fault.expected_status else ""
    if fault.status == -errno.EBADMSG:
        wanted = ", though its tag fits"
    return "error", f"{name} ({os.strerror(abs(fault.status))}){wanted}"


def _bytes(fault: Any, table: Table, known: Known, tables: list[Table]) -> str:
    values = f"{fault.got:02x}, should be {fault.expected:02x}"
    if fault.kind in (lib.BS_FOUND_OUTPUT, lib.BS_FOUND_TAG):
        tag = fault.kind == lib.BS_FOUND_TAG
        prefix, size = ("tag: ", len(known.tag)) if tag else ("", len(known.source))
        return f"{prefix}byte {fault.at} of {size} is {values}{_as_if(fault, table, known, tables)}"
    if fault.kind in _CHANGED:
        return f"byte {fault.at} of {_CHANGED[fault.kind]} was overwritten: it is {values}"
    return f"{_beside(fault, table, known)} was overwritten: it is {values}"


def _beside(fault: Any, table: Table, known: Known) -> str:
    """Positions count from the start of the payload (or IV); AAD and tag belong to the text they stand by."""
    name, op, tag = _BESIDE[fault.kind], table.params.op, len(known.tag)
    before, size = 0, len(known.source)
    if fault.kind == lib.BS_FOUND_BESIDE_IV:
        size = len(known.iv)
    elif fault.in_place:
        before, size = len(known.aad), size + tag
    elif fault.kind == lib.BS_FOUND_BESIDE_INPUT:
        before, size = len(known.aad), size + (tag if op == DECRYPT else 0)
    else:
        size += 0 if op == DECRYPT else tag
    if fault.at < 0:
        return f"byte {-fault.at - before} before the {name}"
    return f"byte {fault.at - size + 1} behind the {name}"


# ---- what it looks like ----


def _as_if(fault: Any, table: Table, known: Known, tables: list[Table]) -> str:
    """Hint where the wrong output is that of another request, or what the request gives with the IV or key of
    another: state that requests or sessions share and should not."""
    if fault.other_known >= 0:
        other = tables[fault.other_traffic].known[fault.other_known]
        return (
            f": the output of another request (key {fault.other_traffic}, vector {fault.other_known}, "
            f"{len(other.source)} bytes)"
        )
    got = bytes(ffi.buffer(fault.output, fault.output_size))
    if fault.kind == lib.BS_FOUND_OUTPUT and len(got) >= LEAST_ALIKE and not any(got):
        return ": zeros"
    if fault.at < BLOCK:
        for what, begins in _others(fault, table, known, tables):
            alike = min(len(begins), len(got), BLOCK)
            if alike >= LEAST_ALIKE and begins[:alike] == got[:alike]:
                return f": as with {what}"
    return ""


def _others(fault: Any, table: Table, known: Known, tables: list[Table]) -> Iterator[tuple[str, bytes]]:
    """(what was exchanged, how the output or tag begins with it), the likeliest first."""
    own = table.reference
    for k, other in enumerate(table.known if known.iv else ()):
        yield f"the IV of another request (vector {k})", _again(fault, table, own, other.iv, known)
    for t, another in enumerate(tables):
        yield (
            f"the key of another session (key {t})",
            _again(fault, table, another.reference, known.iv, known),
        )
    for t, another in enumerate(tables if known.iv else ()):
        for k, other in enumerate(another.known):
            what = f"the IV of another session's request (key {t}, vector {k})"
            yield what, _again(fault, table, own, other.iv, known)


def _again(fault: Any, table: Table, reference: Reference, iv: bytes, known: Known) -> bytes:
    """What the request begins with, or its tag, by another reference or IV."""
    tag = fault.kind == lib.BS_FOUND_TAG
    algorithm = table.params.algorithm
    end = max(algorithm.min_size, fault.output_size // algorithm.block * algorithm.block)
    source = known.source if tag else known.source[:end]
    if table.params.op != DECRYPT:
        return reference.encrypt(iv, known.aad, source)[1 if tag else 0]
    if algorithm.kind != "cipher":
        return b""  # a tag that does not fit is a status, not an output
    try:
        return reference.decrypt(iv, known.aad, source, known.tag)
    except WrongTag:
        return b""
