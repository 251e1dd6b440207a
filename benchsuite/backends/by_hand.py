"""A known request performed on an open session by hand, for what takes several sessions at once: each byte is
checked, and what is wrong becomes a finding, as the native core makes them."""

from __future__ import annotations

import errno
from typing import Any

from benchsuite.backends.buffers import Text, new_request
from benchsuite.backends.known import Known, Table
from benchsuite.backends.session import Session
from benchsuite.model import DECRYPT
from benchsuite.native import ffi, lib

IV_ROOM = 64


class Hand:
    """An open session with its table. number: of this table among those that findings count."""

    def __init__(self, table: Table, number: int) -> None:
        self.table, self.number = table, number
        self.session = Session(table.params)
        self._performed = 0
        self._previous = -1

    def close(self) -> None:
        self.session.close()

    def perform(self, index: int, in_place: bool) -> Any:
        """Performs the known request of this index. -> a bs_finding; None: everything is right, or the driver
        says that it does not serve such a request."""
        known, params = self.table.known[index], self.table.params
        opens = params.op == DECRYPT
        src = Text(known.aad, known.source, known.tag if opens else bytes(len(known.tag)))
        dst = src if in_place else Text(b"", bytes(len(known.source)), bytes(len(known.tag)))
        iv = Text(b"", known.iv.ljust(IV_ROOM, b"\0"), b"")
        tag = src.tag if opens else dst.tag
        request = new_request(src, dst, iv, tag, len(known.source))
        status = self.session.do(request)
        if status == -errno.EOPNOTSUPP:
            return None
        found = self._wrong(known, status, src, dst, iv, tag, in_place)
        finding = ffi.new("bs_finding *", self._place(index, in_place, status) | found) if found else None
        self._performed += 1
        self._previous = index
        return finding

    def _place(self, index: int, in_place: bool, status: int) -> dict[str, Any]:
        return {
            "session": self.number,
            "traffic": self.number,
            "known": index,
            "number": self._performed,
            "outstanding": 1,
            "depth": 1,
            "in_place": in_place,
            "status": status,
            "previous": self._previous,
            "before_traffic": -1,
            "before_known": -1,
            "other_traffic": -1,
            "other_known": -1,
        }

    def _wrong(
        self, known: Known, status: int, src: Text, dst: Text, iv: Text, tag: Any, in_place: bool
    ) -> dict[str, Any]:
        """What a finding says beside its place; nothing: everything is right."""
        if status:
            lost = status == -errno.ETIMEDOUT
            return {"kind": lib.BS_FOUND_LOST if lost else lib.BS_FOUND_STATUS}
        params, size = self.table.params, len(known.source)
        writes_text = params.algorithm.kind not in ("digest", "hmac")
        parts = [
            (lib.BS_FOUND_OUTPUT, dst.payload, known.result if writes_text else b""),
            (lib.BS_FOUND_TAG, tag, b"" if params.chained else known.tag),
            (lib.BS_FOUND_INPUT, src.payload, b"" if in_place else known.source),
            (lib.BS_FOUND_AAD, src.aad, known.aad),
            (lib.BS_FOUND_IV, iv.payload, known.iv),
        ]
        for kind, at, expected in parts:
            if found := _differs(bytes(ffi.buffer(at, len(expected))), expected):
                return {"kind": kind, **found}
        for kind, text in ((lib.BS_FOUND_BESIDE_OUTPUT, dst), (lib.BS_FOUND_BESIDE_INPUT, src)):
            if not text.intact():
                return {"kind": kind, "at": size, "extent": 1}
        return {}


def _differs(got: bytes, expected: bytes) -> dict[str, Any]:
    """The part of a finding that tells of wrong bytes."""
    if got == expected:
        return {}
    wrong = [i for i, (a, b) in enumerate(zip(got, expected, strict=True)) if a != b]
    first = wrong[0]
    window_at = first // 16 * 16
    window, output = got[window_at : window_at + 64], got[:64]
    return {
        "at": first,
        "got": got[first],
        "expected": expected[first],
        "extent": wrong[-1] - first + 1,
        "output": output,
        "output_size": len(output),
        "window": window,
        "window_at": window_at,
        "window_size": len(window),
    }
