"""A known request performed on an open session by hand, for what takes several sessions at once: each byte is
checked, and what is wrong becomes a finding, as the native core makes them."""

from __future__ import annotations

import errno
from typing import Any

from benchsuite.backends.buffers import CANARY, Buffers, span
from benchsuite.backends.known_requests import Known, Table
from benchsuite.backends.session import Session
from benchsuite.model import DECRYPT
from benchsuite.native import ffi, lib

PAGE = 4096


class Hand:
    """An open session with its table. number: of this table among those that findings count."""

    def __init__(self, table: Table, number: int) -> None:
        self.table, self.number = table, number
        self.session = Session(table.params)
        self._performed = 0
        self._previous = -1

    def close(self) -> None:
        self.session.close()

    def perform(self, index: int, in_place: bool, before: tuple[int, int]) -> Any:
        """Performs the known request of this index. before: number and index of the one before, on whichever
        session; -1: none. -> a bs_finding; None: everything is right, or the driver says that it does not
        serve such a request."""
        known, params = self.table.known[index], self.table.params
        opens = params.op == DECRYPT
        given = known.tag if opens else bytes(len(known.tag))
        buffers = Buffers(opens, known.iv, known.aad, known.source, given, in_place)
        status = self.session.do(buffers.request)
        if status == -errno.EOPNOTSUPP:
            return None
        found = self._failed(status) if status else self._wrong(known, buffers)
        place = self._place(index, buffers, status, before)
        finding = ffi.new("bs_finding *", place | found) if found else None
        self._performed += 1
        self._previous = index
        return finding

    def _place(self, index: int, buffers: Buffers, status: int, before: tuple[int, int]) -> dict[str, Any]:
        request = buffers.request
        offsets = (int(ffi.cast("uintptr_t", at)) % PAGE for at in (request.src, request.dst, request.iv))
        return {
            "worker": -1,
            "session": self.number,
            "traffic": self.number,
            "known": index,
            "number": self._performed,
            "outstanding": 1,
            "depth": 1,
            "in_place": buffers.dst is buffers.src,
            "status": status,
            "previous": self._previous,
            "before_traffic": before[0],
            "before_known": before[1],
            "other_traffic": -1,
            "other_known": -1,
            **dict(zip(("src_at", "dst_at", "iv_at"), offsets, strict=True)),
        }

    def _failed(self, status: int) -> dict[str, Any]:
        """What a finding says of a status, beside its place."""
        if status == -errno.EPROTO:
            return {"kind": self.session.broke()}
        return {"kind": lib.BS_FOUND_LOST if status == -errno.ETIMEDOUT else lib.BS_FOUND_STATUS}

    def _wrong(self, known: Known, buffers: Buffers) -> dict[str, Any]:
        """What a finding says of bytes; nothing: everything is right."""
        params, in_place = self.table.params, buffers.dst is buffers.src
        writes_text = params.algorithm.kind not in ("digest", "hmac")
        aad, source, _ = buffers.src.read()
        iv = buffers.iv.read()[1]
        result, tag = buffers.dst.read()[1], buffers.tagged.read()[2]
        parts = [
            (lib.BS_FOUND_OUTPUT, result, known.result, writes_text),
            (lib.BS_FOUND_TAG, tag, known.tag, not params.chained),
            (lib.BS_FOUND_INPUT, source, known.source, not (in_place and writes_text)),
            (lib.BS_FOUND_AAD, aad, known.aad, True),
            (lib.BS_FOUND_IV, iv[: len(known.iv)], known.iv, True),
        ]
        for kind, got, expected, compared in parts:
            if compared and got != expected:
                return {"kind": kind, **_differs(got, expected, 0)}
        texts = [
            (lib.BS_FOUND_BESIDE_OUTPUT, buffers.dst),
            (lib.BS_FOUND_BESIDE_INPUT, buffers.src),
            (lib.BS_FOUND_BESIDE_IV, buffers.iv),
        ]
        for kind, text in texts:
            if spilled := text.spilled():
                begin, got = spilled
                return {"kind": kind, **_differs(got, CANARY, begin)}
        return {}


def _differs(got: bytes, expected: bytes, begin: int) -> dict[str, Any]:
    """The part of a finding that tells of wrong bytes. begin: where both begin, from the payload."""
    first, extent = span(got, expected)
    window_at = first // 16 * 16
    window, output = got[window_at : window_at + 64], got[:64]
    return {
        "at": begin + first,
        "got": got[first],
        "expected": expected[first],
        "extent": extent,
        "output": output,
        "output_size": len(output),
        "window": window,
        "window_at": window_at,
        "window_size": len(window),
    }
