"""The memory of one request between canaries, and what a driver wrote there that was not its to write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from benchsuite.native import ffi

GUARD = 64
GUARD_BYTE = b"\xa7"
IV_ROOM = 64  # for the longest IV of a request; behind it is a canary
CANARY = GUARD_BYTE * GUARD


class Text:
    """A text with its AAD before and its tag behind it, in a row between canaries."""

    def __init__(self, aad: bytes, payload: bytes, tag: bytes) -> None:
        self._aad_size, self._size, self._tag_size = len(aad), len(payload), len(tag)
        self.memory = ffi.from_buffer(bytearray(CANARY + aad + payload + tag + CANARY))
        at = ffi.cast("uint8_t *", self.memory)
        self.aad = at + GUARD
        self.payload = self.aad + len(aad)
        self.tag = self.payload + len(payload)

    def read(self) -> tuple[bytes, bytes, bytes]:
        """-> (AAD, payload, tag), as they are now."""
        raw = bytes(ffi.buffer(self.memory))
        payload = GUARD + self._aad_size
        tag = payload + self._size
        return raw[GUARD:payload], raw[payload:tag], raw[tag : tag + self._tag_size]

    def spilled(self) -> tuple[int, bytes] | None:
        """A canary that was overwritten, the one behind first -> (where it begins, from the payload; what it
        holds now)."""
        raw = bytes(ffi.buffer(self.memory))
        if raw[-GUARD:] != CANARY:
            return self._size + self._tag_size, raw[-GUARD:]
        if raw[:GUARD] != CANARY:
            return -self._aad_size - GUARD, raw[:GUARD]
        return None

    def beside(self, name: str) -> str:
        """Says which bytes of a canary are others now: `byte 1 behind the output was overwritten`; or ""."""
        found = self.spilled()
        if not found:
            return ""
        begin, got = found
        first, extent = span(got, CANARY)
        return beside(name, first if begin >= 0 else first - GUARD, extent)


# What a request points at lives as long as it does: a driver that lost it may still write there.
_buffers: WeakKeyDictionary[Any, tuple[Text, ...]] = WeakKeyDictionary()


def new_request(src: Text, dst: Text, iv: Text, tag: Any, size: int) -> Any:
    """A bs_request for these buffers."""
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


class Buffers:
    """A request, what it points at, and what all of that was before."""

    def __init__(
        self, decrypt: bool, iv: bytes, aad: bytes, source: bytes, tag: bytes, in_place: bool
    ) -> None:
        """tag: the given one; or zeros, where it is to be computed."""
        self._decrypt, self._in_place = decrypt, in_place
        self._iv, self._aad, self._source, self._tag = iv.ljust(IV_ROOM, b"\0"), aad, source, tag
        self._blank = bytes(len(source))
        self.src = Text(aad, source, tag if decrypt or in_place else b"")
        self.dst = self.src if in_place else Text(b"", self._blank, b"" if decrypt else tag)
        self.iv = Text(b"", self._iv, b"")
        self.tagged = self.src if decrypt else self.dst  # where its tag lies
        self.request = new_request(self.src, self.dst, self.iv, self.tagged.tag, len(source))

    def wrong_tag(self, expected: bytes) -> str:
        if self._decrypt:
            return ""
        return prefixed("tag: ", differs(self.tagged.read()[2], expected))

    def wrong_output(self, expected: bytes | None) -> str:
        """None: a digest has none, and leaves the memory alone."""
        got = self.dst.read()[1]
        if expected is not None:
            return differs(got, expected)
        return (
            "" if self._in_place else overwritten("the output that a digest does not have", got, self._blank)
        )

    def touched(self, keeps_text: bool = False) -> Iterator[str]:
        """Yields what was overwritten of all that is only to be read, or nobody's. keeps_text: the payload is
        not written, even in place."""
        aad, source, tag = self.src.read()
        yield overwritten("the IV", self.iv.read()[1], self._iv)
        yield overwritten("the AAD", aad, self._aad)
        if self._decrypt:
            yield overwritten("the tag that came with it", tag, self._tag)
        if keeps_text or not self._in_place:
            yield overwritten("the input", source, self._source)
        yield self.iv.beside("IV")
        yield self.src.beside("output" if self._in_place else "input")
        if not self._in_place:
            yield self.dst.beside("output")


# ---- sentences ----


def span(got: bytes, expected: bytes) -> tuple[int, int]:
    """-> (the first byte that differs, how many from it to the last one); (0, 0) where none does."""
    if got == expected:
        return 0, 0
    wrong = [i for i, (a, b) in enumerate(zip(got, expected, strict=True)) if a != b]
    return wrong[0], wrong[-1] - wrong[0] + 1


def differs(got: bytes, expected: bytes) -> str:
    """Says which byte is the first wrong one: `byte 8 of 16 is 3f, should be 2f`; "" where none is."""
    at, extent = span(got, expected)
    return f"byte {at} of {len(expected)} is {got[at]:02x}, should be {expected[at]:02x}" if extent else ""


def prefixed(prefix: str, problem: str) -> str:
    return prefix + problem if problem else ""


def overwritten(name: str, got: bytes, expected: bytes) -> str:
    """Says which bytes of what was only to be read are others now: `bytes 0 to 7 of the IV were overwritten:
    byte 0 is 3f, should be 2f`; "" where none are."""
    at, extent = span(got, expected)
    if not extent:
        return ""
    first = f"{'it' if extent == 1 else f'byte {at}'} is {got[at]:02x}, should be {expected[at]:02x}"
    return f"{_bytes(at, extent)} of {name} {_were(extent)}: {first}"


def beside(name: str, at: int, extent: int) -> str:
    """Says which bytes of nobody's were overwritten. at: 0 is the first one behind, -1 the one before."""
    if at >= 0:
        return f"{_bytes(at + 1, extent)} behind the {name} {_were(extent)}"
    nearest = -at - extent + 1
    return f"{_bytes(nearest, extent)} before the {name} {_were(extent)}"


def _bytes(first: int, extent: int) -> str:
    return f"byte {first}" if extent == 1 else f"bytes {first} to {first + extent - 1}"


def _were(extent: int) -> str:
    return "was overwritten" if extent == 1 else "were overwritten"
