"""The native core: `ffi` and `lib` as api.h declares them, and the few calls that take text."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any, NamedTuple

from benchsuite.keys import Choice, Kind, Option, OptionTable, Word
from benchsuite.model import BenchsuiteError

try:
    from benchsuite.native._core import ffi, lib
except ImportError as error:  # a checkout that was never built, or built for another machine
    raise BenchsuiteError(
        f"the native core cannot be loaded: {error}\n"
        "build it with `make` (or `pip install -e .`) in the checkout"
    ) from None

__all__ = ["Driver", "compiler", "cycles_source", "drivers", "ffi", "lib", "text_buffer", "text_of"]

TEXT_SIZE = 512


class Driver(NamedTuple):
    """One line of drivers.c."""

    name: str
    backend: str
    about: str
    names: str  # the column of the algorithm table whose names it takes; "" for none
    flags: int
    number: int  # among drivers()

    @property
    def options(self) -> OptionTable:
        """The options of its setting."""
        return _options(self.number)

    @property
    def nop(self) -> bool:
        """It does not touch a byte, so there is nothing to verify."""
        return bool(self.flags & lib.BS_FLAG_NOP)

    @property
    def virtual(self) -> bool:
        """It simulates on a virtual clock."""
        return bool(self.flags & lib.BS_FLAG_VIRTUAL)


def text_buffer() -> Any:
    return ffi.new("char[]", TEXT_SIZE)


def text_of(buffer: Any) -> str:
    return str(ffi.string(buffer).decode(errors="replace"))


def _option(c: Any) -> Option:
    """An option as a driver has it, a bs_option."""
    kind: Kind = Word(c.room, bool(c.flags & lib.BS_OPTION_COMMAS), bool(c.flags & lib.BS_OPTION_FILE))
    if c.words != ffi.NULL:
        kind = Choice(tuple(text_of(c.words).split("|")))
    metavar = text_of(c.metavar) if c.metavar != ffi.NULL else ""
    return Option(text_of(c.name), kind, "", text_of(c.help), metavar, bool(c.flags & lib.BS_OPTION_FIRST))


@cache
def _options(driver: int) -> OptionTable:
    """The table of a driver, which may have none."""
    table = lib.bs_driver_options(driver)
    ended = (i for i in count() if table == ffi.NULL or table[i].name == ffi.NULL)
    return OptionTable(*(_option(table[i]) for i in range(next(ended))))


@cache
def drivers() -> tuple[Driver, ...]:
    """The drivers of this build, in the order of drivers.c."""
    return tuple(
        Driver(
            text_of(lib.bs_driver_name(i)),
            text_of(lib.bs_driver_backend(i)),
            text_of(lib.bs_driver_about(i)),
            text_of(lib.bs_driver_names(i)),
            lib.bs_driver_flags(i),
            i,
        )
        for i in range(lib.bs_driver_count())
    )


def compiler() -> str:
    """What built the core."""
    return text_of(lib.bs_compiler())


def cycles_source() -> str:
    """What this machine counts cycles with: "perf", "perf-user", "tsc", "cntvct" or "none"."""
    return text_of(lib.bs_cycles_available())
