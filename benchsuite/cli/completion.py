"""`benchsuite completion`: click's own completion scripts."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  eval "$(benchsuite completion bash)"     in ~/.bashrc
    zsh:   eval "$(benchsuite completion zsh)"      in ~/.zshrc
    fish:  benchsuite completion fish > ~/.config/fish/completions/benchsuite.fish
    """
    from benchsuite.cli import cli

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "benchsuite", "_BENCHSUITE_COMPLETE").source())
