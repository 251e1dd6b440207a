"""What was found wrong, as sentences for the person who wrote the driver: where, what, how it looks, and what
all that went wrong has in common."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from benchsuite.backends.causes.likeliest import likeliest
from benchsuite.backends.causes.wrong import Before, Wrong
from benchsuite.backends.known_requests import Known, Table
from benchsuite.backends.patterns import Made, ordinal, pattern
from benchsuite.model import DECRYPT
from benchsuite.native import ffi, lib, text_of
from benchsuite.units import many

MOST_ASKED = 16  # findings whose cause is looked for
FEW, RARE = 3, 50  # faults that show a rate, and requests for each

_CHANGED: dict[int, tuple[str, Callable[[Known], int]]] = {
    lib.BS_FOUND_INPUT: ("the input", lambda known: len(known.source)),
    lib.BS_FOUND_AAD: ("the AAD", lambda known: len(known.aad)),
    lib.BS_FOUND_IV: ("the IV", lambda known: len(known.iv)),
    lib.BS_FOUND_GIVEN_TAG: ("the tag that came with it", lambda known: len(known.tag)),
}
_BESIDE = {
    lib.BS_FOUND_BESIDE_INPUT: "input",
    lib.BS_FOUND_BESIDE_OUTPUT: "output",
    lib.BS_FOUND_BESIDE_IV: "IV",
}
_BUFFERS = {
    lib.BS_BUFFER_INPUT: "input",
    lib.BS_BUFFER_OUTPUT: "output",
    lib.BS_BUFFER_IV: "IV",
    lib.BS_BUFFER_AAD: "AAD",
    lib.BS_BUFFER_TAG: "tag",
}
# A rule that was broken -> failure kind, and what happened.
_RULES = {
    lib.BS_FOUND_TWICE: ("error", "a request came back that was not outstanding: it had come back before"),
    lib.BS_FOUND_STRANGER: ("error", "poll returned a request that this session never had"),
    lib.BS_FOUND_ORDER: (
        "error",
        "it came back before one that went earlier; the driver says that it keeps the order",
    ),
    lib.BS_FOUND_OUTCOME: (
        "error",
        "process answered neither COMPLETED, QUEUED nor BUSY, or QUEUED, and the driver says that it "
        "completes at once",
    ),
    lib.BS_FOUND_POLL: ("error", "poll returned an error, or more requests than asked for"),
    lib.BS_FOUND_REFUSED: ("error", "it went on to be refused (BUSY) although nothing was outstanding"),
    lib.BS_FOUND_LOST: ("lost", "it never came back"),
    lib.BS_FOUND_REQUEST: ("wrong-bytes", "a field of the request that is not the driver's was changed"),
    lib.BS_FOUND_MEANWHILE: (
        "wrong-bytes",
        "the input was changed while the request was outstanding, and restored",
    ),
    lib.BS_FOUND_WRITTEN_BACK: (
        "wrong-bytes",
        "bytes beside the output that another thread wrote meanwhile were overwritten with what had been "
        "there before, as by a cache line that is written back",
    ),
}
_SAID = {  # and the driver said what
    lib.BS_FOUND_OPEN: "a session could not be opened beside busy ones",
    lib.BS_FOUND_MEMORY: "memory is lost",
}


class Told(NamedTuple):
    kind: str  # a key of model.FAILURES
    sentence: str


def tell(finding: Any, tables: list[Table], common: str = "", alone: bool = False) -> Told:
    """finding: a bs_finding; tables: what its indices count; common: what all wrong requests have in common;
    alone: there were no others beside it."""
    table = tables[finding.traffic] if finding.traffic >= 0 else None
    known = table.known[finding.known] if table else None
    kind, what = _what(finding, table, known, tables)
    if table and known:
        what = f"{_request(finding, table, known, alone)}: {what}"
    if finding.late:
        what += "; it was right when the request came back, and changed later"
    if common:
        what += f"; {common}"
    where = _where(finding, alone)
    return Told(kind, f"{what} ({where})" if where else what)


def _where(finding: Any, alone: bool) -> str:
    parts = []
    if not alone and finding.worker >= 0:
        parts = [f"worker {finding.worker}", f"session {finding.session}"]
    if finding.traffic >= 0:
        key = [] if alone else [f"key {finding.traffic}"]
        parts += [*key, f"vector {finding.known}", f"its session's {ordinal(finding.number + 1)} request"]
    return ", ".join(parts)


def tell_all(
    findings: Sequence[Any],
    samples: Sequence[Any],
    tables: list[Table],
    most: int,
    alone: bool = False,
    rate: str = "",
) -> list[Told]:
    """So many of the findings, one whose cause is known first, and that one says what all have in common: as
    the samples (bs_sample) show it, or else their rate, in words."""
    if not findings:
        return []
    common = pattern([made_of(sample, tables) for sample in samples]) or rate
    first = next((i for i, finding in enumerate(findings[:MOST_ASKED]) if _explained(finding, tables)), 0)
    order = [first, *(i for i in range(len(findings)) if i != first)]
    return [tell(findings[i], tables, common if i == first else "", alone) for i in order[:most]]


def _explained(finding: Any, tables: list[Table]) -> bool:
    """Whether more can be said of it than that a byte is wrong."""
    if finding.kind not in (lib.BS_FOUND_OUTPUT, lib.BS_FOUND_TAG):
        return True
    return bool(likeliest(wrong_of(finding, tables)))


def in_words(faults: int, requests: int) -> str:
    """How rare faults are, where there are some and they are rare."""
    if faults < FEW or requests < RARE * faults:
        return ""
    return f"about 1 request in {float(f'{requests / faults:.2g}'):,.0f} is wrong"


def _request(finding: Any, table: Table, known: Known, alone: bool) -> str:
    params = table.params
    algorithm = params.algorithm
    parts = [f"{algorithm.name} {params.op}", many(len(known.source), "byte")]
    if algorithm.authenticated and len(known.aad) != algorithm.aad_size:
        parts.append(f"{many(len(known.aad), 'byte')} of AAD" if known.aad else "no AAD")
    if params.iv_size != algorithm.iv_size:
        parts.append(f"IV of {many(params.iv_size, 'byte')}")
    if params.tag_size != algorithm.tag_size:
        parts.append(f"tag of {many(params.tag_size, 'byte')}")
    if params.chained:
        parts.append("chained")
    if params.piece:
        parts.append(f"in pieces of {many(params.piece, 'byte')}")
    if finding.in_place:
        parts.append(f"in place at page offset {finding.dst_at}")
    else:
        parts.append(f"out of place, from page offset {finding.src_at} to {finding.dst_at}")
    if not alone:
        parts.append(f"{finding.outstanding} outstanding")
    return ", ".join(parts)


def _what(finding: Any, table: Table | None, known: Known | None, tables: list[Table]) -> tuple[str, str]:
    """-> (failure kind, what is wrong)."""
    if finding.kind in _SAID:
        return "error", f"{_SAID[finding.kind]}: {text_of(finding.text)}"
    if finding.kind in _RULES:
        return _RULES[finding.kind]
    assert table and known, "all others are faults of a request"
    if finding.kind == lib.BS_FOUND_STATUS:
        return _status(finding, table, known)
    if finding.kind == lib.BS_FOUND_READ_BEYOND:
        return "wrong-bytes", _touched(finding, table.params.op)
    if finding.kind == lib.BS_FOUND_WROTE_INPUT:
        buffer = _BUFFERS[finding.buffer]
        return "wrong-bytes", f"it wrote to the {buffer}, which is only to be read"
    return "wrong-bytes", _bytes(finding, table, known, tables)


# ---- statuses ----


def _status(finding: Any, table: Table, known: Known) -> tuple[str, str]:
    if finding.status == lib.BS_STATUS_UNSET:
        return "error", "it came back without a status"
    forgery = finding.expected_status == -errno.EBADMSG
    if finding.status == 0:
        return "wrong-bytes", f"a forgery was accepted{_note(known)}" if forgery else _accepted(table, known)
    name = errno.errorcode.get(-finding.status, str(finding.status))
    wanted = f", should be EBADMSG: it is a forgery{_note(known)}" if forgery else ""
    if finding.status == -errno.EBADMSG and not finding.expected_status:
        wanted = ", though its tag fits"
    elif finding.status == -errno.EFAULT and finding.fenced:
        wanted = ": memory beyond the buffers of the request was touched, where there is an unreadable page"
    elif finding.status == -errno.ETIMEDOUT:
        wanted = ": it never came back"
    return "error", f"{name} ({os.strerror(abs(finding.status))}){wanted}"


def _note(known: Known) -> str:
    return f", {known.note}" if known.note else ""


def _accepted(table: Table, known: Known) -> str:
    """A request that had to be refused, whatever with."""
    algorithm, size = table.params.algorithm, len(known.source)
    why = known.note
    if not why and size < algorithm.min_size:
        why = f"less than {many(algorithm.min_size, 'byte')}"
    elif not why and size % algorithm.block:
        why = f"no multiple of {algorithm.block} bytes"
    return "it was accepted, and has to be refused" + (f": {why}" if why else "")


# ---- bytes ----


def _touched(finding: Any, op: str) -> str:
    buffer = _BUFFERS[finding.buffer]
    written = finding.buffer == lib.BS_BUFFER_OUTPUT or (
        finding.buffer == lib.BS_BUFFER_TAG and op != DECRYPT
    )
    did = "read or wrote" if written else "read"
    side = "before" if finding.at < 0 else "behind"
    return f"it {did} at least {many(max(1, finding.extent), 'byte')} {side} the {buffer}"


def _bytes(finding: Any, table: Table, known: Known, tables: list[Table]) -> str:
    values = f"{finding.got:02x}, should be {finding.expected:02x}"
    kind = finding.kind
    if kind == lib.BS_FOUND_TAG and table.params.op == DECRYPT:
        kind = lib.BS_FOUND_GIVEN_TAG
    if kind in (lib.BS_FOUND_OUTPUT, lib.BS_FOUND_TAG):
        wrong = wrong_of(finding, tables)
        prefix = "tag: " if wrong.tag else ""
        cause = likeliest(wrong)
        more = f"{prefix}byte {finding.at} of {len(wrong.right)} is {values}"
        return f"{more}: {cause}" if cause else more + _how_many(finding)
    extent = max(1, finding.extent)
    if kind in _CHANGED:
        name, length = _CHANGED[kind]
        if extent == 1:
            return f"byte {finding.at} of {name} was overwritten: it is {values}"
        if extent == length(known):
            return f"all {extent} bytes of {name} were overwritten: the first is {values}"
        last = finding.at + extent - 1
        return f"bytes {finding.at} to {last} of {name} were overwritten: the first is {values}"
    return _beside(finding, table, known, extent, values)


def _how_many(finding: Any) -> str:
    """How far what is wrong goes, where nothing else can be said of it."""
    extent = finding.extent
    return f", and more up to byte {finding.at + extent - 1}" if extent > 1 else ""


def _beside(finding: Any, table: Table, known: Known, extent: int, values: str) -> str:
    """Positions count from the start of the payload (or IV); AAD and tag belong to the text they stand by."""
    name, op, tag = _BESIDE[finding.kind], table.params.op, len(known.tag)
    before, size = 0, len(known.source)
    if finding.kind == lib.BS_FOUND_BESIDE_IV:
        size = len(known.iv)
    elif finding.in_place:
        before, size = len(known.aad), size + tag
    elif finding.kind == lib.BS_FOUND_BESIDE_INPUT:
        before, size = len(known.aad), size + (tag if op == DECRYPT else 0)
    else:
        size += 0 if op == DECRYPT else tag
    if finding.at < 0 < finding.at + extent:
        return f"memory before and behind the {name} was overwritten, over {extent} bytes"
    if finding.at < 0:
        far, side = -finding.at - before, "before"
        near = far - extent + 1
    else:
        near, side = finding.at - size + 1, "behind"
        far = near + extent - 1
    if extent == 1:
        return f"byte {near} {side} the {name} was overwritten: it is {values}"
    which = f"{extent} bytes" if near == 1 else f"bytes {near} to {far}"
    return f"{which} {side} the {name} were overwritten: the first is {values}"


# ---- for what looks closer ----


def wrong_of(finding: Any, tables: list[Table]) -> Wrong:
    """A finding of a wrong output or tag, for whoever guesses at causes."""
    table = tables[finding.traffic]
    before = other = None
    if finding.before_known >= 0 and finding.before_traffic >= 0:
        before = Before(finding.before_traffic, tables[finding.before_traffic].known[finding.before_known])
    if finding.other_known >= 0:
        other = (finding.other_traffic, finding.other_known)
    previous = table.known[finding.previous] if finding.previous >= 0 else None
    if before and before.known is previous:
        before = None
    return Wrong(
        tables,
        finding.traffic,
        table.known[finding.known],
        finding.kind == lib.BS_FOUND_TAG,
        finding.at,
        max(1, finding.extent),
        bytes(ffi.buffer(finding.output, finding.output_size)),
        bytes(ffi.buffer(finding.window, finding.window_size)),
        finding.window_at,
        previous,
        before,
        other,
    )


def involved(findings: Sequence[Any], tables: list[Table]) -> tuple[list[int], list[str]]:
    """The sizes of the requests that findings are about; their algorithms, and those of the requests
    before."""
    sizes: set[int] = set()
    names: dict[str, bool] = {}
    for finding in findings:
        if finding.traffic >= 0:
            table = tables[finding.traffic]
            sizes.add(size_of(finding, tables))
            names[table.params.algorithm.name] = True
    for finding in findings:
        if finding.traffic >= 0 and finding.before_traffic >= 0:
            names[tables[finding.before_traffic].params.algorithm.name] = True
    return sorted(sizes), list(names)


def size_of(finding: Any, tables: list[Table]) -> int:
    """The bytes of the request that it is about."""
    return len(tables[finding.traffic].known[finding.known].source) if finding.traffic >= 0 else 0


def made_of(sample: Any, tables: list[Table]) -> Made:
    """A bs_sample, for whoever looks for a pattern."""
    params = tables[sample.traffic].params
    known = tables[sample.traffic].known[sample.known]
    return Made(
        bool(sample.wrong),
        sample.traffic,
        sample.known,
        sample.size,
        sample.aad_len,
        sample.src_at,
        sample.dst_at,
        sample.iv_at,
        sample.outstanding,
        sample.number,
        bool(sample.in_place),
        params.algorithm.name,
        params.op,
        params.iv_size,
        params.tag_size,
        params.piece,
        params.chained,
        bool(known.status),
        _alike("texts", known.source, known.result),
        _alike("IVs", known.iv),
    )


def _alike(what: str, *texts: bytes) -> str:
    """What is special about some of a request's bytes, in words."""
    for text in texts:
        if len(text) > 1 and text[0] in (0, 0xFF) and text.count(text[:1]) == len(text):
            return f"with {what} of {text[0]:02x} throughout"
    return ""
