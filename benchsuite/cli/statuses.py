"""The exit status of every command, in its help and in docs/exit-status.md."""

from __future__ import annotations

import click

_WRONG = {2: "wrong usage or input"}
_STOPPED = {130: "interrupted"}
_USUAL = {0: "done", **_WRONG, **_STOPPED}
_KEPT = {130: "interrupted; what was measured is kept"}
_LAB = {2: "wrong usage or input", 3: "there is no such machine: no emulator, say, or no kernel", **_STOPPED}

STATUSES: dict[str, dict[int, str]] = {
    "run": {0: "every case has a figure", **_WRONG, 3: "a case could not be measured", **_KEPT},
    "show": _USUAL,
    "import": {0: "done, with at least one figure", **_WRONG, **_STOPPED},
    "export": _USUAL,
    "edit": _USUAL,
    "compare": {
        0: "compared, whatever the verdicts",
        **_WRONG,
        3: "no case could be compared; with --paired: a case could not be measured",
        **_KEPT,
    },
    "gate": {
        0: "pass: nothing is slower by the threshold",
        1: "regression: something is slower, and not shown to be below it",
        **_WRONG,
        3: "something could not be measured: a crash, a hang, a wrong byte",
        4: "undecided within the budget (--undecided makes it 0 or 1)",
        125: "with --bisect: in place of 3 and 4, and for a library that is not there",
        128: "with --bisect: in place of 2, at which git bisect stops",
        **_KEPT,
    },
    "report": {0: "done", **_WRONG, 3: "no case has a figure", **_STOPPED},
    "fit": _USUAL,
    "verify": {
        0: "every byte is right",
        1: "a byte was wrong, or a request failed",
        **_WRONG,
        3: "something could not be checked",
        **_STOPPED,
    },
    "list": _USUAL,
    "list backends": _USUAL,
    "list algorithms": _USUAL,
    "list profiles": _USUAL,
    "list devices": _USUAL,
    "doctor": {
        0: "nothing disturbs a measurement",
        1: "something does: `warn`",
        **_WRONG,
        3: "something cannot be measured or saved: `bad`; of backends if named",
        **_STOPPED,
    },
    "lab": {0: "done", **_LAB},
    "lab run": {0: "every case has a figure", **_WRONG, 3: "a case, or the machine, gave none", **_KEPT},
    "lab exec": {
        0: "that of COMMAND, as any other",
        **_LAB,
        3: "the machine gave none: it crashed, or had no more time",
    },
    "lab kernels": {0: "done", **_LAB, 3: "the package archive cannot be asked"},
    "completion": {0: "done", **_WRONG},
}


def described(command: click.Command, path: str) -> click.Command:
    """The command, and those below it, with its exit statuses at the end of its help."""
    lines = [f"  {status:<5}{meaning}" for status, meaning in STATUSES[path].items()]
    command.epilog = "\b\nExit status:\n" + "\n".join(lines)
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            described(below, f"{path} {name}")
    return command
