"""A guest while it runs: QEMU started, its output brought out, its end understood, no trace left."""

from __future__ import annotations

import ctypes
import math
import selectors
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from benchsuite.lab.programs import find
from benchsuite.model import CouldNotMeasure

PORTS = ("out", "err", "control")
LAST_WAIT = 5.0  # seconds for what was killed to be gone
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Stream:
    """The bytes of one stream of the command, which end with a mark."""

    mark: bytes
    ended: bool = False
    _held: bytes = b""  # might be the beginning of the mark

    def feed(self, data: bytes) -> bytes:
        """What of it can be passed on now."""
        data = self._held + data
        body, found, _ = data.partition(self.mark)
        if found:
            self.ended, self._held = True, b""
            return body
        keep = next((n for n in range(len(self.mark) - 1, 0, -1) if data.endswith(self.mark[:n])), 0)
        self._held = data[len(data) - keep :]
        return data[: len(data) - keep]

    def rest(self) -> bytes:
        """What was held back, when nothing follows."""
        held, self._held = self._held, b""
        return held


@dataclass(slots=True)
class Told:
    """What the guest says of itself: lines `word text`."""

    started: bool = False
    status: int | None = None
    notes: list[str] = field(default_factory=list)
    _line: bytes = b""

    def feed(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            word, _, text = line.decode("utf-8", "replace").partition(" ")
            if word == "started":
                self.started = True
            elif word == "exit":
                self.status = int(text)
            elif word == "note":
                self.notes.append(text)


@dataclass(slots=True)
class Guest:
    """One QEMU process, to be run once."""

    command: Callable[[dict[str, int]], Sequence[str]]  # name of a port to descriptor -> command line
    mark: str
    limit: float  # seconds
    log: Path  # takes what QEMU itself says
    until_begun: float = math.inf  # seconds until the command begins
    told: Told = field(default_factory=Told)
    timed_out: bool = False
    never_begun: bool = False  # in time
    stuck: str = ""  # a sentence, where no signal reaches it

    def run(self, out: BinaryIO, err: BinaryIO, started: Callable[[Told], None]) -> int | None:
        """Passes the command's output on as it comes; its exit status, None where the guest ended before
        it. started: called when the command begins. However this ends, the process is gone then, or is
        `stuck`."""
        pairs = {name: socket.socketpair() for name in PORTS}
        try:
            process = self._start({name: theirs.fileno() for name, (_, theirs) in pairs.items()})
            try:
                for _, theirs in pairs.values():
                    theirs.close()  # QEMU's end is then the end of the stream
                ports = {name: ours for name, (ours, _) in pairs.items()}
                watches = [
                    threading.Timer(seconds, over, [process, ports])
                    for seconds, over in ((self.limit, self._over), (self.until_begun, self._not_begun))
                    if seconds < math.inf
                ]
                for watch in watches:
                    watch.daemon = True
                    watch.start()
                try:
                    self._pass(ports, out, err, started)
                finally:
                    for watch in watches:
                        watch.cancel()
            finally:
                self._end(process)
        finally:
            for pair in pairs.values():
                for end in pair:
                    end.close()
        return self.told.status

    def _start(self, ports: dict[str, int]) -> subprocess.Popen[bytes]:
        words = self.command(ports)
        with self.log.open("wb") as log:
            try:
                # A group of its own: Ctrl-C is for us, and we end it.
                return subprocess.Popen(
                    [find(words[0]), *words[1:]],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=tuple(ports.values()),
                    start_new_session=True,
                    preexec_fn=_die_with_parent,
                )
            except OSError as error:
                raise CouldNotMeasure(f"{words[0]} cannot be started: {error.strerror}") from None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        try:
            process.wait(LAST_WAIT)
        except subprocess.TimeoutExpired:
            self.stuck = (
                f"QEMU, process {process.pid}, was killed and does not end: it is stuck in the kernel"
            )

    def _over(self, process: subprocess.Popen[bytes], ports: dict[str, socket.socket]) -> None:
        """From a thread, so that a terminal that was stopped does not put the limit off."""
        self.timed_out = True
        self._cut(process, ports)

    def _not_begun(self, process: subprocess.Popen[bytes], ports: dict[str, socket.socket]) -> None:
        if not self.told.started:
            self.never_begun = True
            self._cut(process, ports)

    def _cut(self, process: subprocess.Popen[bytes], ports: dict[str, socket.socket]) -> None:
        self._end(process)
        for port in ports.values() if self.stuck else ():
            with suppress(OSError):  # closed by now
                port.shutdown(socket.SHUT_RDWR)  # whoever reads it waits no longer

    def _pass(
        self, ports: dict[str, socket.socket], out: BinaryIO, err: BinaryIO, started: Callable[[Told], None]
    ) -> None:
        streams = {"out": (Stream(self.mark.encode()), out), "err": (Stream(self.mark.encode()), err)}
        begun = False
        with selectors.DefaultSelector() as selector:
            for name, port in ports.items():
                selector.register(port, selectors.EVENT_READ, name)
            while selector.get_map() and not self._complete(streams):
                for key, _ in selector.select():
                    data = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.data == "control":
                        self.told.feed(data)
                    else:
                        stream, target = streams[key.data]
                        _write(target, stream.feed(data))
                if self.told.started and not begun:
                    begun = True
                    started(self.told)
        for stream, target in streams.values():
            _write(target, stream.rest())

    def _complete(self, streams: dict[str, tuple[Stream, BinaryIO]]) -> bool:
        return self.told.status is not None and all(stream.ended for stream, _ in streams.values())


def _write(target: BinaryIO, data: bytes) -> None:
    if data:
        target.write(data)
        target.flush()


_LIBC = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """In the child, before QEMU: it ends with us even where we are killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
