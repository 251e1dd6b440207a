"""An output or a tag that is wrong, with the requests and keys that it may be due to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from benchsuite.backends.known_requests import Known, Table
from benchsuite.backends.reference import block_cipher
from benchsuite.model import DECRYPT

LEAST_ALIKE = 8  # bytes: fewer may be equal by chance
BY_CHANCE = 2


class Before(NamedTuple):
    """The request that a worker performed before, of whatever session. traffic: the index of its table."""

    traffic: int
    known: Known


@dataclass(frozen=True, slots=True, eq=False)
class Wrong:
    """What came out of a request of the session of `tables[traffic]`. tag: it is about the tag. begins: its
    first bytes; window: the bytes around the first wrong one."""

    tables: list[Table]
    traffic: int
    known: Known
    tag: bool
    at: int  # the first wrong byte
    extent: int  # bytes from it to the last wrong one
    begins: bytes
    window: bytes
    window_at: int = 0
    previous: Known | None = None  # of the same session
    before: Before | None = None
    other: tuple[int, int] | None = None  # indices of a table and of the request there that has this output
    seen: list[tuple[int, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seen", [(0, self.begins), (self.window_at, self.window)])

    @property
    def table(self) -> Table:
        return self.tables[self.traffic]

    @property
    def right(self) -> bytes:
        return self.known.tag if self.tag else self.known.result

    @property
    def iv(self) -> bytes:
        """The IV that the request had to begin with."""
        return self.table.params.first_iv if self.table.params.chained else self.known.iv

    @property
    def end(self) -> int:
        return self.at + self.extent

    def got(self, at: int, size: int) -> bytes | None:
        """Bytes of what came out, as far as it was kept."""
        for begin, seen in self.seen:
            if begin <= at and at + size <= begin + len(seen):
                return seen[at - begin : at - begin + size]
        return None

    def fits(self, made: bytes, base: int = 0) -> bool:
        """Whether this, which would stand at `base`, is what came out where that is wrong, and behind."""
        alike = 0
        for begin, seen in self.seen:
            first, last = max(begin, base, self.at), min(begin + len(seen), base + len(made))
            if first < last:
                if seen[first - begin : last - begin] != made[first - base : last - base]:
                    return False
                alike = max(alike, min(last, self.end) - first)
        return alike >= LEAST_ALIKE

    def where(self) -> str:
        """The bytes that are wrong, where not all are; one or two at either end may be right by chance."""
        if self.end >= len(self.right) - BY_CHANCE:
            return f" from byte {self.at} on" if self.at > BY_CHANCE else ""
        return f" in bytes {self.at} to {self.end - 1}"


def text_with(table: Table, iv: bytes, source: bytes, op: str = "", key: bytes | None = None) -> bytes:
    """The beginning of what a session makes of a text that begins with source. op, key: its own."""
    algorithm, params = table.params.algorithm, table.params
    if algorithm.kind == "aead":  # what is added to a text is the same in both directions
        return table.reference.encrypt(iv, b"", source)[0]
    if algorithm.cipher == "null":
        return source
    cipher = block_cipher(algorithm.cipher, params.key if key is None else key)(iv)
    context = cipher.decryptor() if (op or params.op) == DECRYPT else cipher.encryptor()
    return context.update(source)


def other_ivs(wrong: Wrong) -> Iterator[tuple[str, bytes]]:
    """(what an IV is, the IV): those that a driver may take instead of a request's own, the likeliest
    first."""
    own = wrong.iv
    if not own:
        return
    if wrong.previous:
        yield "as if the IV of the request before had been used", wrong.previous.iv
    if wrong.before:
        yield "as if the IV of the request before, of another session, had been used", wrong.before.known.iv
    yield "as if the IV had been zeros", bytes(len(own))
    for size in (4, 8, len(own)):
        if len(own) % size == 0:
            words = [own[i : i + size][::-1] for i in range(0, len(own), size)]
            yield f"as if the IV's {size}-byte words had been in the other byte order", b"".join(words)
    for size in (12, 8, 4):
        if size < len(own):
            yield (
                f"as if only the first {size} bytes of the IV had been used",
                own[:size].ljust(len(own), b"\0"),
            )
    for k, known in enumerate(wrong.table.known):
        yield f"as with the IV of another request (vector {k})", known.iv
    for t, table in enumerate(wrong.tables):
        for k, known in enumerate(table.known if t != wrong.traffic else ()):
            yield f"as with the IV of another session's request (key {t}, vector {k})", known.iv


def every_request(wrong: Wrong) -> Iterator[tuple[int, int, Known]]:
    """(index of the table, index there, request) of all but this one."""
    for t, table in enumerate(wrong.tables):
        for k, known in enumerate(table.known):
            if known is not wrong.known:
                yield t, k, known
