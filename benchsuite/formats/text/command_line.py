"""The command by which a person started a program, where a text has it: at a shell's prompt, in a document.

It says what the output does not: `openssl speed -decrypt`, `dpdk-test-crypto-perf --cipher-algo aes-cbc`.
"""

from __future__ import annotations

import re
from itertools import pairwise

LONGEST = 2000
_PROSE = re.compile(r"[<>\[\]]|\.\.\.")  # `[-decrypt]`, `<cipher>`: how it could be started, not how it was

# What a shell, a script or a document may have before a program's name, and after the last word of a command.
_BEFORE = r"(?:^|[\s/\\$#`(&|>%;=\"'])"
_END = r"\s*(?:$|[|;&<>)`\"']|\d>)"
_REDIRECTED = re.compile(r"<(?!\w[^<>|]{0,40}(?<!\s)>) *\S+")  # from a file


def program(name: str, first: str = r"[-\w]") -> re.Pattern[str]:
    """The pattern of a command that starts a program: `name` matches the program and what is always said with
    it, `first` how its first argument may begin, so that prose about the program is not a command."""
    return re.compile(rf"{_BEFORE}{name}(?= +{first}|{_END})")


def arguments(text: str, program: re.Pattern[str]) -> list[str] | None:
    """The words after the program of the last command in a line; None where there is none. `program` matches
    from the program's name to where its arguments begin."""
    found = None
    for match in program.finditer(text[:LONGEST]):
        found = match
    if found is None:
        return None
    rest = _REDIRECTED.sub("", text[found.end() : LONGEST])
    rest = re.split(r"\d?>|[|;&`]| #|\\$", rest)[0]
    return None if _PROSE.search(rest) else rest.split()


def goes_on(text: str) -> bool:
    """Whether the command goes on in the next line."""
    return text.rstrip().endswith("\\")


def options(words: list[str]) -> dict[str, str]:
    """`-evp aes-128-cbc -elapsed`: of each option the word after it, or "" where another option follows."""
    found = {}
    for word, after in pairwise([*words, "-"]):
        if word.startswith("-"):
            name, equals, value = word.lstrip("-").partition("=")
            found[name] = value if equals else "" if after.startswith("-") else after.strip("'\"")
    return found


def number(text: str, most: int = 10**6) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,7}", text) and 0 < int(text) <= most else None
