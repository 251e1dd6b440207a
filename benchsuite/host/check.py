"""One finding about the machine."""

from __future__ import annotations

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
