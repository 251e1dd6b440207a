"""The command line. Each command is a module of this package, imported when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

from benchsuite.cli.errors import discard_output
from benchsuite.cli.remark_options import WORDS
from benchsuite.cli.statuses import described
from benchsuite.version import __version__

# command -> one line for the overview; the command is `command` in the module of that name.
COMMANDS = {
    "run": "Measure a profile's cases and write a result file.",
    "show": "Print a result file again, in any format.",
    "import": "Read what other benchmarks printed into a result file.",
    "export": "Write a result file in the format of another tool.",
    "edit": "Relabel, tag and merge result files.",
    "compare": "Put results side by side, or measure two sides in alternation.",
    "gate": "Fail when something has become slower.",
    "report": "Make a page, or plots for papers, of results.",
    "fit": "Make a simulated device of measurements.",
    "verify": "Check every backend's bytes against the reference and published vectors.",
    "list": "List backends, algorithms, profiles or simulated devices.",
    "doctor": "Say what this machine can run and what may disturb a measurement.",
    "lab": "Run in a virtual machine with another kernel.",
    "completion": "Print a script that makes the shell complete commands and options.",
}
_MODULES = {"list": "listing", "import": "import_"}


_HELP = {"help_option_names": ["-h", "--help"]}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"benchsuite.cli.{_MODULES.get(name, name)}")
        return described(module.command, name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[WORDS] = list(args)  # what a result says of how it was made
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `| head`: nobody reads on, and nothing is wrong; click would exit with 1
            discard_output()
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings=_HELP)
@click.version_option(__version__, prog_name="benchsuite", message="%(prog)s %(version)s")
def cli() -> None:
    """One benchmark for every crypto path on a machine.

    The same request parameters everywhere (request_size, q_len, batch, cbimm), verified bytes, Mbps out.

    \b
    Begin with:
      benchsuite doctor        what can run here, and what may disturb it
      benchsuite run quick     a taste of everything, in half a minute
      benchsuite list profiles

    \b
    Exit status: 0 done; 1 slower (gate) or a wrong byte (verify); 2 wrong
    usage or input; 3 something could not be measured; 4 undecided (gate);
    130 interrupted, with what was measured kept. The help of each command
    says which it has.
    """
