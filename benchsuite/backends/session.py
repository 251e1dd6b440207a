"""Sessions on the drivers of the native core, by hand."""

from __future__ import annotations

import errno
import os
from typing import Any, Protocol

from benchsuite.algorithms import Algorithm
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.fixed_keys import cipher_key, mac_key, pattern
from benchsuite.model import DECRYPT
from benchsuite.native import Driver, ffi, lib, text_buffer, text_of

SEED = 20051114  # of payloads and first IVs; any number, but always the same
SESSION_TIMEOUT_NS = 5_000_000_000

_given_up: list[Any] = []  # requests that a driver may still write to

# What a driver did that no driver may do, by what bs_session_broke says.
_BROKEN = {
    lib.BS_FOUND_TWICE: "a completion came for a request that the driver did not have, or twice",
    lib.BS_FOUND_STRANGER: "a completion came for a request that this session never had",
    lib.BS_FOUND_OUTCOME: "process answered neither COMPLETED, QUEUED nor BUSY, or QUEUED, and the driver "
    "says that it completes at once",
    lib.BS_FOUND_POLL: "poll returned an error, or more requests than asked for",
}

_KINDS = {
    "cipher": lib.BS_CIPHER,
    "aead": lib.BS_AEAD,
    "digest": lib.BS_DIGEST,
    "hmac": lib.BS_HMAC,
    "authenc": lib.BS_AUTHENC,
}


class ByDriver(Protocol):
    """A backend whose sessions a driver of the native core serves, as far as they need it: see driver.py."""

    driver: Driver

    def lines(self, algorithm: Algorithm | None = None, op: str = "", size: int = 0) -> str: ...


class Params:
    """bs_params for an algorithm, with everything its pointers point at. iv_size, tag_size: where they are
    not the algorithm's usual ones; piece: see bs_params; first_iv: where a chain starts. worker: of a run,
    whose workers have fixed keys and first IVs of their own."""

    def __init__(
        self,
        backend: ByDriver,
        algorithm: Algorithm,
        op: str,
        aad_size: int,
        max_size: int,
        chained: bool = False,
        key: bytes | None = None,
        mac: bytes | None = None,
        *,
        iv_size: int | None = None,
        tag_size: int | None = None,
        piece: int = 0,
        first_iv: bytes | None = None,
        worker: int = 0,
    ) -> None:
        self.driver, self.algorithm, self.op, self.chained = backend.driver, algorithm, op, chained
        self.aad_size, self.piece = aad_size, piece
        self.iv_size = algorithm.iv_size if iv_size is None else iv_size
        self.tag_size = algorithm.tag_size if tag_size is None else tag_size
        self.key = cipher_key(algorithm, worker) if key is None else key
        self.mac_key = mac_key(algorithm, worker) if mac is None else mac
        self.first_iv = pattern(self.iv_size, SEED + worker) if first_iv is None else first_iv
        names: tuple[str | None, str | None] = (None, None)
        if self.driver.names:
            found = algorithm.names(self.driver.names)
            if found is None:
                raise MeasureError("unsupported", f"{algorithm.name} has no name in {self.driver.names}")
            names = found
        self._alive = [
            backend.lines(algorithm, op, max_size).encode(),
            self.key,
            self.mac_key,
            self.first_iv,
            *(name.encode() if name else None for name in names),
        ]
        c_setting, c_key, c_mac, c_iv, c_cipher, c_digest = (
            ffi.NULL if item is None else ffi.from_buffer(item + b"\0") for item in self._alive
        )
        self._alive += [c_setting, c_key, c_mac, c_iv, c_cipher, c_digest]
        self.c = ffi.new(
            "bs_params *",
            {
                "kind": _KINDS[algorithm.kind],
                "op": lib.BS_DECRYPT if op == DECRYPT else lib.BS_ENCRYPT,
                "setting": ffi.cast("char *", c_setting),
                "cipher": ffi.cast("char *", c_cipher),
                "digest": ffi.cast("char *", c_digest),
                "key": ffi.cast("uint8_t *", c_key),
                "mac_key": ffi.cast("uint8_t *", c_mac),
                "first_iv": ffi.cast("uint8_t *", c_iv) if chained else ffi.NULL,
                "key_len": len(self.key),
                "mac_key_len": len(self.mac_key),
                "salt_len": algorithm.salt_size,
                "iv_len": self.iv_size,
                "aad_len": aad_size,
                "tag_len": self.tag_size,
                "piece": piece,
                "max_size": max_size,
                "chained": chained,
            },
        )

    def check(self) -> int:
        """The driver's preference (BS_PREFER_*). MeasureError when it does not do this."""
        text = text_buffer()
        preference = int(lib.bs_probe(self.driver.name.encode(), self.c, text, len(text)))
        if preference < 0:
            raise MeasureError("unsupported", text_of(text))
        return preference


class Session:
    """One session by hand, for verification; `borrowed` ones belong to an engine."""

    def __init__(self, params: Params, borrowed: Any = None) -> None:
        self.params, self._owned = params, borrowed is None
        self._session = borrowed
        if borrowed is None:
            text = text_buffer()
            self._session = lib.bs_session_open(params.driver.name.encode(), params.c, text, len(text))
            if self._session == ffi.NULL:
                raise MeasureError("unsupported", text_of(text))

    def do(self, request: Any) -> int:
        """The request's status: 0 or -errno."""
        status = int(lib.bs_session_do(self._session, request, SESSION_TIMEOUT_NS))
        if status == -errno.ETIMEDOUT:
            _given_up.append(request)
        return status

    def broke(self) -> int:
        """The rule that the driver broke, BS_FOUND_*, where do answered -EPROTO."""
        return int(lib.bs_session_broke(self._session))

    def says(self, status: int) -> str:
        """What a status of do, which is not 0, means."""
        if status == -errno.EPROTO:
            return _BROKEN[self.broke()]
        return f"{errno.errorcode.get(-status, status)} ({os.strerror(-status)})"

    def facts(self) -> dict[str, str]:
        """What the driver says of this session while nothing is outstanding; see bs_session_facts."""
        text = text_buffer()
        lib.bs_session_facts(self._session, text, len(text))
        pairs = (line.partition(": ") for line in text_of(text).splitlines())
        return {key: value for key, _, value in pairs}

    def close(self) -> None:
        if self._owned and self._session:
            lib.bs_session_close(self._session)
        self._session = None
