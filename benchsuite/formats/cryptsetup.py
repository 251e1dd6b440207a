"""What `cryptsetup benchmark` prints.

    PBKDF2-sha256    3302601 iterations per second for 256-bit key
    argon2id      4 iterations, 70484 memory, 4 parallel threads (CPUs) for 256-bit key (requested ...
    #     Algorithm |       Key |      Encryption |      Decryption
            aes-xts        512b        65.3 MiB/s        69.7 MiB/s

Words are in the language of the person, and so is the decimal point.

Source: src/cryptsetup.c and lib/utils_benchmark.c of cryptsetup 1.6 to 2.8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import EXACT, PER_SECOND, Figure, Known, Reading, of_rate, relative, timed
from benchsuite.formats.text.lines import Line
from benchsuite.model import DECRYPT, ENCRYPT, Case

NAME = "cryptsetup"
ABOUT = "`cryptsetup benchmark`"
MARKS = ("MiB/s", "PBKDF2-", "argon2", "N/A")

REQUEST = 65536  # bytes of one call into the kernel
NO_PAYLOAD = 0
ITERATE = "iterate"

_RATE = r"(?:\d{1,9}[.,]\d MiB/s|N/A)"  # a comma where the language has one
_CIPHER = re.compile(rf"(?:# ?)?(\S{{1,40}}) +(\d{{1,5}})b +({_RATE}) +({_RATE})$")
# After the count comes a word in any language, and not the bits of the key: that would be another order.
_PBKDF2 = re.compile(r"(PBKDF2-\S{1,40}) +(?:(\d{1,10}) (?![Bb]it)[^\W\d].{0,120}|N/A)$")
_LIKE_PBKDF2 = re.compile(r"PBKDF2-\S{1,40} +\D{0,60}\d")
_ARGON2 = re.compile(r"(argon2i?d?) +(?:(\d{1,10}) [^\W\d][^,]{0,40}, *\d{1,12} [^\W\d].*|N/A)$")
_HEADER = re.compile(r"# [^|]{1,40}\|[^|]{1,40}\|[^|]{1,40}\|[^|]{1,40}$")
_OTHER = re.compile(
    r"# Tests are approximate using memory only"
    r"|Cipher \S+ \(with \d+ bits key\) is not available"
    r"|Required kernel crypto interface not available|Ensure you have algif_skcipher kernel module loaded"
    r"|# Cipher speed test is not available"
)

OVERSTATED = "cryptsetup counts one buffer more than it has processed, so short runs look faster"
MEMORY_ONLY = "cryptsetup measures AF_ALG in blocks of 64 KiB, with nothing in parallel"


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading = Reading()
    for line in lines:
        if match := _CIPHER.match(line.text):
            _cipher(reading, match, line)
        elif match := _PBKDF2.match(line.text):
            _pbkdf2(reading, match, line)
        elif match := _ARGON2.match(line.text):
            _argon2(reading, match, line)
        elif _LIKE_PBKDF2.match(line.text):
            reading.doubt(line, "its words are not in a known order")
        elif _OTHER.match(line.text) or _HEADER.match(line.text):
            reading.use([line])
    return reading


def _cipher(reading: Reading, match: re.Match[str], line: Line) -> None:
    name, bits = match[1], int(match[2])
    cipher, _, mode = name.rpartition("-")
    algorithm = naming.of_kernel(f"{mode}({cipher})" if cipher else mode, bits)
    reading.use([line])
    for op, text in ((ENCRYPT, match[3]), (DECRYPT, match[4])):
        case = Case(NAME, algorithm, op, REQUEST)
        if text == "N/A":
            reason = "cryptsetup says N/A: the kernel does not have it, or not with this key"
            reading.figures.append(Figure(case, (line,), text, (), reason, algorithm=name))
            continue
        digits = text.split()[0].replace(",", ".")
        value = of_rate(Fraction(digits) * 2**20 / REQUEST)
        if value is None:
            reason = f"cryptsetup printed {text}"
            reading.figures.append(Figure(case, (line,), text, (), reason, algorithm=name))
            continue
        reading.figures.append(
            Figure(
                case,
                (line,),
                text,
                (value,),
                "",
                relative(digits),
                PER_SECOND,
                algorithm=name,
                facts={Fact.PATH: "AF_ALG", Fact.IMPORTED_KEY: f"{bits} bits"},
                notes=(OVERSTATED, MEMORY_ONLY),
            )
        )


def _pbkdf2(reading: Reading, match: re.Match[str], line: Line) -> None:
    case = Case(NAME, naming.foreign(match[1]), ITERATE, NO_PAYLOAD)
    count = int(match[2] or 0)
    value = timed(count, 1)
    reading.use([line])
    printed = line.text[len(match[1]) :].strip()
    reason = "" if value else f"cryptsetup says {printed}"
    reading.figures.append(
        Figure(
            case,
            (line,),
            printed,
            (value,) if value else (),
            reason,
            1 / count if count else 0.0,
            PER_SECOND,
            algorithm=match[1],
        )
    )


def _argon2(reading: Reading, match: re.Match[str], line: Line) -> None:
    """Parameters that cryptsetup chose for a time that was asked for: no time was measured."""
    printed = line.text[len(match[1]) :].strip()
    reason = f"cryptsetup chose {printed}: that is no measured time" if match[2] else "cryptsetup says N/A"
    case = Case(NAME, naming.foreign(match[1]), ITERATE, NO_PAYLOAD)
    reading.use([line])
    reading.figures.append(Figure(case, (line,), printed, (), reason, requests=EXACT, algorithm=match[1]))
