"""The cells of a row of `openssl speed`: of which sizes they are, and which rate each says."""

from __future__ import annotations

import re
from typing import NamedTuple

from benchsuite.formats import naming
from benchsuite.formats.figure import Known
from benchsuite.formats.openssl import version
from benchsuite.formats.openssl.decimals import MILLION
from benchsuite.formats.openssl.run import Run, Total, rate
from benchsuite.formats.text import command_line

_MOST_PLAIN = 10_000 * MILLION  # above, a cell is printed in thousands, with a k
_FAR = 100  # times: how much a cell may be out of line with the one beside it
_OF_SEVERAL = re.compile(r".*(?:gcm|ccm|ocb|siv|eax|chacha20-poly1305|-hmac-sha)", re.IGNORECASE)
_GIVE = "give them with --sizes 16,64,256,... as `openssl speed` had them"

NO_SIZES = f"the header of its table is missing, so what sizes these are is not known: {_GIVE}"
LOST_K = "a k that openssl speed prints was lost, and is taken to be there"


class Cell(NamedTuple):
    size: int
    text: str
    rate: int | None  # millionths of a byte in a second
    assumed: str = ""  # what was taken to be so


def sizes_of(total: Total, run: Run, known: Known) -> tuple[tuple[int, ...], str]:
    """The sizes of a row's cells, and what was assumed for it; or () and why not."""
    count = len(total.rates)
    if total.sizes:
        if len(total.sizes) == count:
            return total.sizes, ""
        return (), f"it has {count} figures, and the header of its table {len(total.sizes)} sizes"
    counted = list(dict.fromkeys(each.size for each in run.timings if each.name == total.name))
    if len(counted) == count:
        return tuple(counted), ""
    if known.sizes:
        if len(known.sizes) == count:
            return known.sizes, "sizes: as given with --sizes"
        return (), f"it has {count} figures, and --sizes gives {len(known.sizes)}"
    found = _usual(total, run)
    told = ", ".join(map(str, found))
    return (found, f"sizes {told}: there is no header, and they are fixed") if found else ((), NO_SIZES)


def _usual(total: Total, run: Run) -> tuple[int, ...]:
    """The sizes that the program takes where it is told none."""
    options, count = run.options or {}, len(total.rates)
    if "bytes" in options:
        size = command_line.number(options["bytes"], 10**9)
        return (size,) if size and count == 1 else ()
    if "aead" in options:
        return version.AEAD_LENGTHS if count == len(version.AEAD_LENGTHS) else ()
    if "mb" in options:
        found = version.MULTI_BLOCK_LENGTHS
        return found if count == len(found) else ()
    if run.options is None and _OF_SEVERAL.match(naming.of_openssl(total.name)):
        return ()  # -aead and -mb have sizes of their own
    return version.lengths(run.version, count)


def cells_of(total: Total, sizes: tuple[int, ...]) -> list[Cell]:
    """Up to 10 kB in a second a table has no k: one that is more has lost it, and so has one with which a
    small request would take a hundred times as long as the one beside it."""
    cells = [Cell(size, text, rate(text)) for size, text in zip(sizes, total.rates, strict=True)]
    if total.mr or all(cell.text.endswith("k") for cell in cells):
        return cells
    sure = [cell for cell in cells if cell.rate and (cell.text.endswith("k") or cell.rate > _MOST_PLAIN)]
    found = []
    for cell in cells:
        if cell.rate and not cell.text.endswith("k") and (cell.rate > _MOST_PLAIN or _is_far(cell, sure)):
            cell = Cell(cell.size, cell.text, cell.rate * 1000, f"{cell.text} is {cell.text}k")
        found.append(cell)
    return found


def _is_far(cell: Cell, others: list[Cell]) -> bool:
    """Whether it is far too slow for a request of its size, beside what others take."""
    if not others or not cell.rate or not cell.size:
        return False
    near = min(others, key=lambda other: abs(other.size - cell.size))
    others_rate = (near.rate or 1) * (1 if near.text.endswith("k") else 1000)
    return cell.size * others_rate > _FAR * max(near.size, cell.size) * cell.rate
