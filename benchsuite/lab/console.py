"""What the console of a guest tells about its end."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIME = re.compile(r"^\[ *\d+\.\d+\](\[[^\]]*\])? ?", re.MULTILINE)
_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[a-zA-Z])|[^\n\t\x20-\x7e\xa0-\U0010ffff]")
# The first of these is the cause, a panic only what follows from it.
_CAUSE = re.compile(
    r"^(BUG: .+|Oops.*: .+|general protection fault.+|kernel BUG at .+|.*invalid opcode: .+)$", re.M
)
_PANIC = re.compile(r"Kernel panic - not syncing: (.+)")
_OWN = re.compile(r"^benchsuite-lab: (.+)$", re.MULTILINE)
_UNSURE = re.compile(r"\[ *[\d.]+\](\[[^\]]*\])?  \? ")
TAIL = 25  # lines


@dataclass(frozen=True, slots=True)
class Console:
    text: str

    @classmethod
    def of(cls, data: bytes) -> Console:
        """Without what a terminal would act on, carriage returns included."""
        return cls(_ESCAPE.sub("", data.decode("utf-8", "replace")))

    @property
    def untimed(self) -> str:
        return _TIME.sub("", self.text)

    @property
    def end(self) -> str:
        """Why the guest ended by itself, in a phrase; "" where the console does not say."""
        panic = _PANIC.search(self.untimed)
        if not panic:
            return ""
        said = _OWN.search(self.untimed)
        if said and "kill init" in panic[1]:  # its first program gave up, and says why
            return said[1]
        cause = _CAUSE.search(self.untimed)
        return f"kernel panic: {panic[1]}" + (f" ({cause[1]})" if cause else "")

    def tail(self) -> str:
        """The last lines; of a crash the first ones, without the frames that the kernel is not sure of."""
        lines = [line for line in self.text.rstrip().splitlines() if not _UNSURE.match(line)]
        for i, line in enumerate(lines):
            if _CAUSE.search(_TIME.sub("", line)) or _PANIC.search(line):
                return "\n".join(lines[i : i + TAIL])
        return "\n".join(lines[-TAIL:])
