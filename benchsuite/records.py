"""Dataclasses as JSON objects and back, with every type and range checked: the nouns of the model, and
whatever else is made of them.

Result files, journals and what workers say are made of these records. Whatever `*_from` gets, it returns a
sound object or raises BadRecord naming the key; a value that passed divides, compares and saves."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from functools import cache, partial
from itertools import chain
from operator import attrgetter
from typing import Any, NoReturn

from benchsuite.model import FAILURES, Case, Failure, Value, WorkerRun
from benchsuite.remarks import is_tag
from benchsuite.series import LISTS, Series

BIGGEST_COUNT = 2**64 - 1  # counters are uint64_t
SHORTEST, LONGEST = 1e-9, 1e9  # seconds a value can last: the clock's tick, and a lifetime


class BadRecord(ValueError):
    """One printable line. `where` is the path of the key, as `cases[3].failure.kind`."""

    def __init__(self, where: str, what: str) -> None:
        where = where.encode("unicode_escape").decode()  # keys come from the file: anything at all
        super().__init__(f"{where[:120]}: {what}")


def show(value: Any) -> str:
    """A value from a file as a few printable characters, however large or odd it is."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > BIGGEST_COUNT:
        return "a huge number"
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:36] + " ..."


def get(data: dict[str, Any], key: str, where: str) -> Any:
    if key not in data:
        raise BadRecord(f"{where}.{key}", "is missing")
    return data[key]


def an_object(data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise BadRecord(where, f"expected an object, not {show(data)}")
    return data


def a_list(data: Any, where: str) -> list[Any]:
    if not isinstance(data, list):
        raise BadRecord(where, f"expected a list, not {show(data)}")
    return data


def text(data: Any, where: str) -> str:
    if not isinstance(data, str):
        raise BadRecord(where, f"expected text, not {show(data)}")
    return data


def flag(data: Any, where: str) -> bool:
    if not isinstance(data, bool):
        raise BadRecord(where, f"expected true or false, not {show(data)}")
    return data


def one_of(data: Any, where: str, known: Iterable[str]) -> str:
    if data not in (names := list(known)):
        raise BadRecord(where, f"expected one of {', '.join(names)}, not {show(data)}")
    name: str = data
    return name


def whole(data: Any, where: str, low: int = 0, high: int = BIGGEST_COUNT) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or not low <= data <= high:
        raise BadRecord(where, f"expected a whole number from {low} to {high}, not {show(data)}")
    return data


def seconds(data: Any, where: str, low: float = 0.0, high: float = math.inf) -> float:
    sound = isinstance(data, int | float) and not isinstance(data, bool)
    if not sound or not low <= data <= high or data > BIGGEST_COUNT:  # NaN compares false
        bounds = f"from {low:g} to {high:g}" if high < math.inf else f"of {low:g} or more"
        raise BadRecord(where, f"expected seconds {bounds}, not {show(data)}")
    number: float = data
    return number


def real(data: Any, where: str) -> float:
    sound = isinstance(data, int | float) and not isinstance(data, bool)
    if not sound or not -BIGGEST_COUNT <= data <= BIGGEST_COUNT:  # NaN compares false
        raise BadRecord(where, f"expected a number, not {show(data)}")
    return float(data)


Signed = int  # where a field may be negative
Reader = Callable[[Any, str], Any]  # JSON, and where it stands -> what it says


@cache
def _reader(kind: str, module: str) -> Reader:
    """The reader of a field with this annotation, in a dataclass of this module."""
    if kind in _READERS:
        return _READERS[kind]
    if kind.endswith(" | None"):
        sound = _reader(kind.removesuffix(" | None"), module)
        return lambda data, where: None if data is None else sound(data, where)
    container, _, content = kind.removesuffix("]").partition("[")
    if container in ("list", "tuple"):
        item = _reader(content.removesuffix(", ..."), module)
        make = list if container == "list" else tuple
        return lambda data, where: make(
            item(each, f"{where}[{i}]") for i, each in enumerate(a_list(data, where))
        )
    if container == "dict":
        sound = _reader(content.removeprefix("str, "), module)
        return lambda data, where: {
            key: sound(each, f"{where}.{key}") for key, each in an_object(data, where).items()
        }
    return partial(record_from, getattr(sys.modules[module], kind))


@cache
def _readers(cls: type) -> dict[str, Reader]:
    return {field.name: _reader(str(field.type), cls.__module__) for field in fields(cls)}


def fields_from(cls: type, data: Any, where: str, prefix: str = "") -> dict[str, Any]:
    """Some fields of a dataclass, read by their annotations. prefix: of their keys; other keys are passed
    over."""
    known, found = _readers(cls), {}
    for key, value in an_object(data, where).items():
        if key.startswith(prefix):
            name = key.removeprefix(prefix)
            if name not in known:
                raise BadRecord(f"{where}.{show(key)[1:-1]}", "unknown key")
            found[name] = known[name](value, f"{where}.{key}")
    return found


def record_from(cls: type, data: Any, where: str) -> Any:
    """A dataclass of an object. A field with a default may be missing: it is younger than the record, or as
    usual."""
    return record_of(cls, fields_from(cls, data, where), where)


def record_of(cls: type, values: dict[str, Any], where: str) -> Any:
    """A dataclass of fields that were read."""
    try:
        return cls(**values)
    except TypeError as error:
        raise BadRecord(where, str(error)) from None


def record_to(record: Any) -> dict[str, Any]:
    """What record_from reads, without what is as usual: an older benchsuite may not know it."""
    return {
        field.name: _written(value, str(field.type))
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default
    }


def _written(value: Any, kind: str = "") -> Any:
    if kind in _WRITERS:
        return _WRITERS[kind](value)
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    return record_to(value) if is_dataclass(value) else value


def case_from(data: Any, where: str) -> Case:
    case: Case = record_from(Case, data, where)
    return case


def failure_from(data: Any, where: str) -> Failure:
    failure: Failure = record_from(Failure, data, where)
    one_of(failure.kind, f"{where}.kind", FAILURES)
    return failure


_VALUE_KEYS = [f.name for f in fields(Value)]
_VALUE_OF = attrgetter(*_VALUE_KEYS)


_OF_OPEN_LOOP: dict[str, Any] = {"offered": 0, "dropped": 0, "arriving": 0.0, "latency": 0.0, "carrying": 0.0}
_UNCOUNTED: dict[str, Any] = {"user": None, "system": None, "cycles": None, "timestamps": 0.0} | _OF_OPEN_LOOP


def _columns(values: list[Value]) -> dict[str, list[Any]]:
    """By key, without those of an open loop where there is none."""
    keys = _VALUE_KEYS if any(value.offered for value in values) else _OF_CLOSED_LOOP
    return {key: list(map(attrgetter(key), values)) for key in keys}


_OF_CLOSED_LOOP = [key for key in _VALUE_KEYS if key not in _OF_OPEN_LOOP]
_CLOSED = list(_OF_OPEN_LOOP.values())


def _values_from(data: Any, where: str) -> list[Value]:
    """Values, column by column; a column may be missing where nothing was counted."""
    data = an_object(data, where)
    number = len(a_list(get(data, "requests", where), f"{where}.requests"))
    columns = [
        [_UNCOUNTED[key]] * number
        if key not in data and key in _UNCOUNTED
        else a_list(get(data, key, where), f"{where}.{key}")
        for key in _VALUE_KEYS
    ]
    if len(set(map(len, columns))) != 1:
        raise BadRecord(where, "its lists are not equally long")
    rows = list(zip(*columns, strict=True))
    if all(map(_is_sound, rows)):
        return [Value(*row) for row in rows]
    values = []
    for i, row in enumerate(rows):
        value: Value = record_from(Value, dict(zip(_VALUE_KEYS, row, strict=True)), f"{where}[{i}]")
        whole(value.requests, f"{where}.requests[{i}]", low=1)
        seconds(value.wall, f"{where}.wall[{i}]", SHORTEST, LONGEST)
        if value.offered:
            _check_open_loop(value, where, i)
        values.append(value)
    return values


def _check_open_loop(value: Value, where: str, i: int) -> None:
    whole(value.offered, f"{where}.offered[{i}]", low=value.requests)
    whole(value.dropped, f"{where}.dropped[{i}]", high=value.offered - value.requests)
    seconds(value.arriving, f"{where}.arriving[{i}]", SHORTEST, LONGEST)
    seconds(value.latency, f"{where}.latency[{i}]", SHORTEST, BIGGEST_COUNT)
    seconds(value.carrying, f"{where}.carrying[{i}]", SHORTEST, LONGEST)


_NUMBERS = (int, float)


def _is_sound(row: tuple[Any, ...]) -> bool:
    """Whether nothing of a value can be refused, at a glance; what may be is looked at once more, for the
    message."""
    requests, wall, user, system, cycles, timestamps, *open_loop = row
    return (
        open_loop == _CLOSED
        and type(requests) is int
        and 1 <= requests <= BIGGEST_COUNT
        and type(wall) in _NUMBERS
        and SHORTEST <= wall <= LONGEST
        and (user is None or (type(user) in _NUMBERS and 0 <= user <= BIGGEST_COUNT))
        and (system is None or (type(system) in _NUMBERS and 0 <= system <= BIGGEST_COUNT))
        and (cycles is None or (type(cycles) is int and 0 <= cycles <= BIGGEST_COUNT))
        and type(timestamps) in _NUMBERS
        and 0 <= timestamps <= BIGGEST_COUNT
    )


def run_to(run: WorkerRun) -> dict[str, Any]:
    """Values and warm-ups column by column: a third of the size, and easy to plot."""
    return {
        "round": run.round,
        "values": _columns(run.values),
        "warmups": _columns(run.warmups),
        "counters": run.counters,
        "latency": run.latency,
        "facts": run.facts,
        "started": run.started,
        "ended": run.ended,
        "machine_busy": run.machine_busy,
        **({"series": record_to(run.series)} if run.series is not None else {}),
        **({"energy": record_to(run.energy)} if run.energy is not None else {}),
    }


RUN_KEYS = tuple(each.name for each in fields(WorkerRun))
_RUN_OF = attrgetter(*RUN_KEYS)


def are_sound(values: list[Value]) -> bool:
    """Whether none of them would be refused."""
    return all(map(_is_sound, map(_VALUE_OF, values)))


def short_run_to(run: WorkerRun) -> dict[str, Any]:
    """The same without what is empty, and without columns in which nothing was counted."""
    told = {key: value for key, value in zip(RUN_KEYS, _RUN_OF(run), strict=True) if value}
    found = {"round": run.round} | told | {"values": _counted(run.values)}
    if run.warmups:
        found["warmups"] = _counted(run.warmups)
    for key in ("series", "energy"):
        if (value := getattr(run, key)) is not None:
            found[key] = record_to(value)
    return found


def _counted(values: list[Value]) -> dict[str, list[Any]]:
    return {
        key: column
        for key, column in _columns(values).items()
        if key not in _UNCOUNTED or column.count(_UNCOUNTED[key]) < len(column)
    }


def run_from(data: Any, where: str) -> WorkerRun:
    """A run; what is missing is empty, but for its round and values."""
    data = an_object(data, where)
    for key in ("round", "values"):
        get(data, key, where)
    return WorkerRun(**{key: read(data[key], f"{where}.{key}") for key, read in _RUN.items() if key in data})


def _counters(data: Any, where: str) -> dict[str, int]:
    return {k: whole(v, f"{where}.{k}", low=-(2**63)) for k, v in an_object(data, where).items()}


def _latencies(data: Any, where: str) -> dict[str, dict[str, Any]]:
    return {stage: _latency(v, f"{where}.{stage}") for stage, v in an_object(data, where).items()}


def series_from(data: Any, where: str) -> Series:
    series: Series = record_from(Series, data, where)
    if len({len(getattr(series, key)) for key in LISTS}) != 1:
        raise BadRecord(where, "its lists are not equally long")
    if any(lasts <= 0 for lasts in series.lasts):
        raise BadRecord(f"{where}.lasts", "an interval of no length")
    return series


# By annotation; any other name is that of a dataclass.
_READERS: dict[str, Reader] = {
    "str": text,
    "bool": flag,
    "int": whole,
    "Signed": partial(whole, low=-(2**63)),
    "float": seconds,
    "Real": real,
    "Failure": failure_from,
    "list[Value]": _values_from,
    "WorkerRun": run_from,
    "Series": series_from,
}
_WRITERS: dict[str, Callable[[Any], Any]] = {"list[Value]": _columns, "WorkerRun": run_to}


def facts_from(data: Any, where: str) -> dict[str, str]:
    if type(data) is dict and set(map(type, data.values())) <= {str}:
        return dict(data)
    return {key: text(value, f"{where}.{key}") for key, value in an_object(data, where).items()}


def tags_from(data: Any, where: str) -> dict[str, str]:
    tags = facts_from(data, where)
    for key, tag in tags.items():
        if not is_tag(key, tag):
            raise BadRecord(f"{where}.{key}", f"is no tag: {show(tag)}")
    return tags


def _latency(data: Any, where: str) -> dict[str, Any]:
    latency = an_object(data, where)
    whole(get(latency, "max", where), f"{where}.max")
    buckets = a_list(get(latency, "buckets", where), f"{where}.buckets")
    if not _are_buckets(buckets):
        wrong = next(i for i, bucket in enumerate(buckets) if not _are_buckets([bucket]))
        raise BadRecord(f"{where}.buckets[{wrong}]", "expected [upper bound in ns, count]")
    return latency


def _are_buckets(data: list[Any]) -> bool:
    """All at once: a simulation has hundreds, and takes a millisecond."""
    if set(map(type, data)) | {list} != {list} or set(map(len, data)) | {2} != {2}:
        return False
    numbers = list(chain.from_iterable(data))
    if set(map(type, numbers)) | {int} != {int}:
        return False
    return min(numbers, default=0) >= 0 and max(numbers, default=0) <= BIGGEST_COUNT


# How a run's are read: by annotation, but for what holds more than that says.
_RUN = _readers(WorkerRun) | {"counters": _counters, "latency": _latencies, "facts": facts_from}


_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"), check_circular=False)


def dumps(data: Any) -> str:
    """One line of ASCII. ValueError, TypeError or RecursionError for what JSON cannot hold."""
    return _ENCODER.encode(data)


def _no_constant(name: str) -> NoReturn:
    raise BadRecord("a number", f"{name} is no measurement")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise BadRecord("a number", f"{digits[:20]} is too large")
    return number


def loads(data: str) -> Any:
    """JSON of finite numbers. json.JSONDecodeError for what is none; BadRecord for NaN, Infinity, numbers
    beyond a double or of thousands of digits, and nesting deeper than Python follows."""
    try:
        return json.loads(data, parse_constant=_no_constant, parse_float=_finite)
    except (json.JSONDecodeError, BadRecord):
        raise
    except RecursionError:
        raise BadRecord("the file", "is nested too deeply") from None
    except ValueError:  # int() refuses more than sys.get_int_max_str_digits()
        raise BadRecord("a number", "has too many digits") from None
