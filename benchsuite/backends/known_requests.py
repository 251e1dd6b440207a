"""Requests whose outcome is known, by the reference or because it was published: a table of them for every
session's params, and the C structures that show tables to the native core."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchsuite.backends.reference import Reference
from benchsuite.backends.session import Params
from benchsuite.native import ffi

FORGED = -errno.EBADMSG


class Known(NamedTuple):
    """A request and its outcome. tag: what must come out, or what decryption is given. status: 0, or what
    must come back instead, whatever the result is then; lib.BS_ANY_ERROR: any error. note: why it must fail,
    as words behind "a forgery": "with one bit of its tag changed"."""

    source: bytes
    result: bytes
    iv: bytes
    aad: bytes
    tag: bytes
    status: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The params of a session, and the requests that it may get."""

    params: Params
    reference: Reference
    known: list[Known]


def flipped(data: bytes, at: int, bits: int) -> bytes:
    """The data with these bits of one byte changed."""
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


class Shown:
    """Tables as the native core reads them: `c`, an array of bs_traffic, alive as long as this is."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._alive: list[Any] = []
        self.c = ffi.new("bs_traffic[]", [self._traffic(table) for table in tables])

    def _traffic(self, table: Table) -> dict[str, Any]:
        known = ffi.new("bs_known[]", len(table.known))
        shown: dict[int, Any] = {}
        for i, one in enumerate(table.known):
            c = known[i]
            if id(one) in shown:
                known[i] = shown[id(one)]
                continue
            shown[id(one)] = c
            # One block for all of it: an object per part would take longer than the parts.
            block = ffi.from_buffer(b"".join((one.source, one.result, one.iv, one.aad, one.tag, b"\0")))
            self._alive.append(block)
            at = ffi.cast("uint8_t *", block)
            c.src = at
            c.dst = at + len(one.source)
            c.iv = c.dst + len(one.result)
            c.aad = c.iv + len(one.iv)
            c.tag = c.aad + len(one.aad)
            c.size, c.aad_len, c.status = len(one.source), len(one.aad), one.status
        self._alive.append(known)
        return {"params": table.params.c, "known": known, "count": len(table.known)}
