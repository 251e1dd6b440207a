"""One finding about the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "note", "warn", "bad"]
OK: Status = "ok"
NOTE: Status = "note"  # good to know; nothing to do for software crypto
WARN: Status = "warn"  # figures will scatter, or mean less
BAD: Status = "bad"  # something cannot be measured or saved


@dataclass(frozen=True, slots=True)
class Check:
    """`found` is what the machine says, `why` what it means for a measurement, `cure` the command (or the
    deed, where there is no command) that changes it; both are "" where there is nothing to do."""

    name: str
    status: Status
    found: str
    why: str = ""
    cure: str = ""

    @property
    def key(self) -> str:
        """The name by which a script asks for it: `isolated-cpus`, `dev-crypto`, `room`."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.partition(" in ")[0].lower()).strip("-")

    @property
    def command(self) -> str:
        """The cure, where it is a command that a shell can run as it stands; else ""."""
        return self.cure if self.cure.startswith(("sudo ", "echo ")) and "..." not in self.cure else ""
