"""Results without the names of hosts and users, MAC addresses and paths of homes.

A name is looked for wherever it may stand: in the environment, in what pyperf collected, in commands, paths
of libraries, and in lines of logs that were imported. It is replaced by `host`, `user` and `~`, numbered
where there are several, so that what was told apart still is. Lines of a log that gave no figure and are of
no benchmark may say anything: of these only the count is kept.
"""

from __future__ import annotations

import getpass
import os
import platform
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from benchsuite import backends
from benchsuite.algorithms import ALGORITHMS
from benchsuite.facts import Environment, Fact
from benchsuite.formats.text.prefixes import Row, own
from benchsuite.model import (
    CHAINED,
    DECRYPT,
    DIGEST,
    ENCRYPT,
    PARAMETERS,
    PER_REQUEST,
    BenchsuiteError,
    Result,
)
from benchsuite.records import BadRecord, dumps, loads
from benchsuite.store.document import Document
from benchsuite.store.writing import encode

MAC = "xx:xx:xx:xx:xx:xx"

_MAC = re.compile(r"(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])")
_HOME = re.compile(r"(?:/(?:var/|export/)?home|/Users|[A-Za-z]:\\Users)[/\\]([A-Za-z0-9_][\w.-]*)")
_AT = re.compile(r"(?<![\w.+-])([A-Za-z_][\w.+-]*)@([A-Za-z0-9][\w.-]*)")
_UNAME = re.compile(r"\bLinux ([\w.-]{1,60}) \d+\.\d")
_HOST = re.compile(r"(?:^|; )host: ([\w.-]{1,60})")  # of imported_context
_OF_LINES = (Fact.IMPORTED_LINE, Fact.IMPORTED_CONTEXT, Fact.IMPORTED_TOLD_APART)
_LINES = {*_OF_LINES, *(f"benchsuite_{fact}" for fact in _OF_LINES), "without_figure"}
_FILES = {"file", Fact.IMPORTED_FILE, f"benchsuite_{Fact.IMPORTED_FILE}"}
_ABOUT_FILES = {"profile", "why", "command", "benchsuite_command", "note", "benchsuite_note"}
_LEFT_OUT = "not_understood"  # lines of a log that are of nothing that is known
_OF_CASES = {"backend", "benchsuite_backend", "label", "benchmark", "name", "base", "other"}
_OURS = {"algorithm", "op", "iv", "benchsuite_algorithm", "benchsuite_op", "benchsuite_iv", "sha256"}

# Words that are no name of anybody's, and names that machines and accounts have before they are given one.
_WORDS = {
    *(ENCRYPT, DECRYPT, DIGEST, PER_REQUEST, CHAINED, *PARAMETERS),
    *("benchsuite", "localhost", "localdomain", "linux", "kernel", "host", "user", "none", "root", "lab"),
    *("admin", "centos", "debian", "ec2-user", "fedora", "pi", "runner", "ubuntu", "vagrant"),
}


@dataclass(slots=True)
class Names:
    """Names to be taken out, in the order in which they are numbered. homes: paths that are no usual ones."""

    hosts: dict[str, None] = field(default_factory=dict)
    users: dict[str, None] = field(default_factory=dict)
    homes: dict[str, None] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)  # that were imported

    @classmethod
    def of_this_machine(cls) -> Names:
        names = cls()
        for host in (socket.gethostname(), platform.node()):
            names.add_host(host)
        for variable in ("SUDO_USER", "LOGNAME", "USER"):
            names.add_user(os.environ.get(variable, ""))
        try:
            names.add_user(getpass.getuser())
            home = str(Path.home())
        except (OSError, KeyError, RuntimeError):  # nobody's process
            return names
        if home.count("/") > 1 and not _HOME.fullmatch(home):
            names.homes[home] = None
        return names

    def add_host(self, name: str) -> None:
        """A host, and its name without the domain."""
        for each in (name, name.partition(".")[0]):
            if _is_name(each):
                self.hosts[each] = None

    def add_user(self, name: str) -> None:
        if _is_name(name):
            self.users[name] = None

    def look(self, data: Any, key: str = "") -> None:
        """Adds the names that are in the data of a file."""
        for at, text in _texts(data, key):
            if at == Environment.HOSTNAME:
                self.add_host(text)
            if at in _FILES:
                self.files[text] = None
            for user in _HOME.findall(text):
                self.add_user(user)
            if at in _LINES:
                self.look_in_line(text)

    def look_in_line(self, text: str) -> None:
        """Adds the names that a line of a log has."""
        row = Row(1, text)
        own(row)
        for host in (row.source, *_HOST.findall(text), *_UNAME.findall(text)):
            self.add_host(host)
        for user, host in _AT.findall(text):
            self.add_user(user)
            self.add_host(host)


class _Eraser:
    """Takes names out of texts. whole: all of them, of which names are taken out."""

    def __init__(self, names: Names, whole: str) -> None:
        self._files = {name: f"log{i + 1}{_suffix(name)}" for i, name in enumerate(names.files)}
        stems = {name.removesuffix(_suffix(name)): f"log{i + 1}" for i, name in enumerate(names.files)}
        self._of_files = stems | self._files
        self._stems = _alternatives(self._of_files)
        hosts, users, homes = (
            [name for name in each if name in whole] for each in (names.hosts, names.users, names.homes)
        )
        self._homes = {user: _numbered("~", number) for number, user in enumerate(users)}
        own_homes = {home: _numbered("~", len(self._homes) + i) for i, home in enumerate(homes)}
        short = list(dict.fromkeys(name.partition(".")[0] for name in hosts))
        said = {name: _numbered("host", short.index(name.partition(".")[0])) for name in hosts}
        said |= {user: _numbered("user", number) for number, user in enumerate(users)}
        self._said = said | own_homes
        self._words = _alternatives(self._said)

    def text(self, text: str, key: str = "") -> str:
        """The text without names. key: at which it stands."""
        if key in _OURS:
            return text
        if key in _FILES:
            return self._files.get(text, text)
        if key in _ABOUT_FILES and self._stems:
            text = self._stems.sub(lambda found: self._of_files[found[0]], text)
        text = _MAC.sub(MAC, _HOME.sub(self._home, text))
        if self._words:
            text = self._words.sub(lambda found: self._said[found[0]], text)
        return text if key in _OF_CASES else _AT.sub("user@host", text)

    def _home(self, found: re.Match[str]) -> str:
        return self._homes.get(found[1], found[0] if found[1] in _WORDS else "~")

    def data(self, data: Any, key: str = "") -> Any:
        """The same data without names: hosts are not said at all, nor what may say anything."""
        if isinstance(data, str):
            return self.text(data, key)
        if isinstance(data, list):
            return [] if key == _LEFT_OUT else [self.data(each, key) for each in data]
        if isinstance(data, dict):
            return {at: self.data(each, at) for at, each in data.items() if at != Environment.HOSTNAME}
        return data


def without_names(document: Document, logs: Iterable[str] = ()) -> Document:
    """The document without names. logs: lines that it was imported from. BenchsuiteError where nothing would
    tell its cases apart any more."""
    text = document.text()
    data = loads(text)
    names = Names.of_this_machine()
    names.look(data)
    for line in logs:
        names.look_in_line(line)
    try:
        return Document.of(_Eraser(names, text).data(data), document.name)
    except BadRecord as error:
        raise BenchsuiteError(
            f"{document.name}: cannot be made anonymous, for without names it is no sound result: {error}"
        ) from None


def result_without_names(result: Result, logs: Iterable[str] = ()) -> Result:
    """The same of a result that is in no file yet."""
    return without_names(Document.of(loads(encode(result).decode("ascii")), "the result"), logs).meant


def erased(data: Any) -> Any:
    """Any data without the names of this machine."""
    names = Names.of_this_machine()
    names.look(data)
    return _Eraser(names, dumps(data)).data(data)


def _suffix(name: str) -> str:
    """The end of a file's name, by which people know what it is."""
    return PurePath(name).suffix


def _alternatives(words: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of any of the words, as words; None without any."""
    longest_first = sorted(filter(None, words), key=len, reverse=True)
    if not longest_first:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _numbered(word: str, number: int) -> str:
    return f"{word}{number + 1}" if number else word


def _is_name(name: str) -> bool:
    plain = name.strip(".-")
    return (
        len(plain) > 1
        and name == plain
        and bool(re.search(r"[^\d.]", plain))
        and plain not in _WORDS
        and plain not in ALGORITHMS
        and plain not in backends.names()
    )


def _texts(data: Any, key: str) -> Iterator[tuple[str, str]]:
    """Every text, with the key at which it stands."""
    if isinstance(data, str):
        yield key, data
    elif isinstance(data, dict):
        for at, each in data.items():
            yield from _texts(each, at)
    elif isinstance(data, list):
        for each in data:
            yield from _texts(each, key)
