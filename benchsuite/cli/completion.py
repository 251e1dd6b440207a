"""`benchsuite completion`: click's own completion scripts; bash's with words that it would break.

Bash takes `sim:hifn7956` and `algorithm=md5` for three words each, and replaces only the last of them.
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

# What the user typed up to the cursor, as it stands, and as many words as the shell makes of it elsewhere.
_BROKEN = (
    'COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD',
    'COMP_WORDS="$line" COMP_CWORD=$((count - 1))',
)
_WHOLE = r"""    local response
    local line="${COMP_LINE:0:$COMP_POINT}" breaks="${COMP_WORDBREAKS//[^:=]/}"
    local word="${line##*[[:space:]]}" count kept=""
    count=$(IFS=$' \t\n'; set -f; set -- $line; echo $#)
    [[ -z $word ]] && count=$((count + 1))
    [[ -n $breaks && $word == *["$breaks"]* ]] && kept="${word%"${word##*["$breaks"]}"}"
"""
_CUT = ("COMPREPLY+=($value)", 'COMPREPLY+=("${value#"$kept"}")')


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
    script = found(cli, {}, "benchsuite", "_BENCHSUITE_COMPLETE").source()
    click.echo(with_whole_words(script) if shell == "bash" else script)


def with_whole_words(script: str) -> str:
    """Bash's script with words as they were typed. A later click's, of other lines, is left as it is."""
    if any(script.count(text) != 1 for text in (_BROKEN[0], _CUT[0], "    local response\n")):
        return script
    script = script.replace("    local response\n", _WHOLE)
    return script.replace(*_BROKEN).replace(*_CUT)
