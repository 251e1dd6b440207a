"""Shell completion, asked as the shells ask."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}


def complete(line: str) -> set[str]:
    """What bash would be offered for the last word of the line."""
    words = line.split(" ")
    done = subprocess.run(
        [BIN / "benchsuite"],
        env={
            **ENVIRONMENT,
            "_BENCHSUITE_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return {entry.partition(",")[2] for entry in done.stdout.splitlines()}


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("benchsuite do", {"doctor"}),
        ("benchsuite run q", {"quick", "queue-depth"}),
        ("benchsuite run quick --backend so", {"software"}),
        ("benchsuite run quick --backend new=so", {"new=software"}),
        ("benchsuite gate ci --paired old=nul", {"old=null"}),
        ("benchsuite run quick --set crypto", {"crypto_q_max="}),
        ("benchsuite run quick --format oc", {"ocf-bench"}),
        ("benchsuite run quick --bud", {"--budget"}),
        ("benchsuite list al", {"algorithms"}),
        ("benchsuite run quick --backend sim:hif", {"sim:hifn7951", "sim:hifn7956"}),
        ("benchsuite run quick --backend card=sim:tal", {"card=sim:talitos"}),
        ("benchsuite run quick --set algorithm=chacha", {"algorithm=chacha20-poly1305"}),
        ("benchsuite run quick --set algorithm=sha1,md", {"algorithm=sha1,md5"}),
        ("benchsuite show r.json --filter q", {"q_len="}),
        ("benchsuite show r.json --filter ta", {"tag_size=", "tag."}),
        ("benchsuite show r.json --filter algorithm=sha1,md", {"algorithm=sha1,md5"}),
        ("benchsuite gate ci --filter backend=sim:hifn795", {"backend=sim:hifn7951", "backend=sim:hifn7956"}),
        ("benchsuite show r.json --group-by algorithm,ta", {"algorithm,tag_size", "algorithm,tag."}),
        ("benchsuite run quick --sort p", {"p99"}),
        ("benchsuite export r.json --sort spr", {"spread"}),
        ("benchsuite compare a.json b.json --sort ver", {"verdict"}),
        ("benchsuite compare a.json --across tag.", {"tag."}),
        ("benchsuite show a.json --across ", {"backend", "tag."}),
        ("benchsuite list devices --for aes-128-g", {"aes-128-gcm"}),
        ("benchsuite list devices --for x --device ixp4", {"ixp422", "ixp425", "ixp465"}),
    ],
)
def test_what_is_offered(line: str, offered: set[str]) -> None:
    assert complete(line) == offered


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "replies"),
    [
        ("benchsuite run quick -b sim:hif", ["hifn7951", "hifn7956"]),
        ("benchsuite run quick -b card=sim:tal", ["talitos"]),
        ("benchsuite run quick --set algorithm=chacha", ["chacha20-poly1305"]),
        ("benchsuite list devices --for aes-128-g", ["aes-128-gcm"]),
        ("benchsuite list dev", ["devices"]),
    ],
)
def test_bash_is_told_what_it_replaces(line: str, replies: list[str]) -> None:
    """It breaks words at : and =, and replaces what comes after the last of them."""
    asked = """
        eval "$(benchsuite completion bash)"
        COMP_LINE=$1 COMP_POINT=${#1}
        _benchsuite_completion benchsuite
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "-c", asked, "bash", line], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == replies and not done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_for_that_shell(shell: str) -> None:
    script = subprocess.run(
        [BIN / "benchsuite", "completion", shell], capture_output=True, text=True, check=True
    ).stdout
    assert f"_BENCHSUITE_COMPLETE={shell}_complete" in script
    if program := shutil.which(shell):
        checked = subprocess.run([program, "-n"], input=script, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


def test_bash_takes_it() -> None:
    bash = shutil.which("bash") or pytest.skip("no bash")
    done = subprocess.run(
        [bash, "-c", 'eval "$(benchsuite completion bash)" && complete -p benchsuite'],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "benchsuite" in done.stdout, done.stderr
