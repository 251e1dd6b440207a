"""Parameters by which cases are filtered, ordered and grouped; which of them follow from others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from benchsuite.model import PARAMETERS, BenchsuiteError, Case, CaseResult
from benchsuite.remarks import TAG, tag_of
from benchsuite.units import meant

T = TypeVar("T")
NO_TAGS: Mapping[str, str] = {}
_DECIDES = {
    **dict.fromkeys(("in_place", "aad_size", "tag_size"), ("algorithm", "op")),
    "op": ("algorithm",),
}  # by which others a parameter may be decided


def parameter(name: str, what: str, others: Iterable[str] = (), tags: bool = False) -> str:
    """The name of a case's parameter. BenchsuiteError, beginning with `what`, for another. others: what may
    stand there as well; tags: `tag.KEY`, too."""
    if tags and tag_of(name):
        return name
    known = [*others, *PARAMETERS]
    if name not in known:
        raise BenchsuiteError(f"{what}: no parameter {name!r} of a case: {meant(name, known)}")
    return name


def check(groups: Sequence[str], sort: str, orders: Iterable[str]) -> None:
    """BenchsuiteError for a key that is none. groups: each of one or more keys, joined by commas. orders:
    what cases can be ordered by besides their parameters."""
    for keys in groups:
        for key in keys.split(","):
            parameter(key, "--group-by", tags=True)
    if sort:
        parameter(sort, "--sort", orders)


def all_tags(cases: Iterable[CaseResult]) -> list[str]:
    """Keys of the tags that any of the cases has, in their order."""
    return list(dict.fromkeys(key for case in cases for key in case.tags))


def check_tag_keys(keys: Iterable[str], known: Iterable[str], what: str) -> None:
    """BenchsuiteError, beginning with `what`, for a tag that no case has. keys: some may be no tags, and some
    several, joined by commas. known: keys of the tags that there are."""
    there = [f"{TAG}{key}" for key in dict.fromkeys(known)]
    for key in (key for several in keys for key in several.split(",")):
        if tag_of(key) is not None and key not in there:
            raise BenchsuiteError(f"{what}: no case has the tag {key!r}: {meant(key, there)}")


def values(case: Case, keys: Iterable[str], tags: Mapping[str, str] = NO_TAGS) -> tuple[str, ...]:
    """Values of a case, and of its tags, by which it belongs to a group; "" of a tag that it has not."""
    return tuple(
        PARAMETERS[key].spelled(getattr(case, key)) if (tag := tag_of(key)) is None else tags.get(tag, "")
        for key in keys
    )


def values_of(result: CaseResult, keys: Iterable[str]) -> tuple[str, ...]:
    """The same of a case that was measured, which has its tags."""
    return values(result.case, keys, result.tags)


def value_of(result: CaseResult, key: str) -> str:
    """The value of one parameter, or of one tag."""
    return values_of(result, (key,))[0]


def grouped(items: Iterable[T], of: Callable[[T], tuple[str, ...]]) -> dict[tuple[str, ...], list[T]]:
    """Items by their values, in the order in which these come."""
    found: dict[tuple[str, ...], list[T]] = {}
    for item in items:
        found.setdefault(of(item), []).append(item)
    return found


def ordered(
    items: Iterable[T], sort: str, case: Callable[[T], Case], orders: dict[str, Callable[[T], Any]]
) -> list[T]:
    """Items in the order asked for: by a parameter of their case, or by one of `orders`, where None is
    what has no place in it, and stands last. "" leaves them as they are."""
    if not sort:
        return list(items)
    if sort not in orders:
        return sorted(items, key=lambda item: getattr(case(item), sort))
    keyed = [(orders[sort](item), item) for item in items]
    placed = sorted((each for each in keyed if each[0] is not None), key=lambda each: each[0])
    return [item for _, item in placed] + [item for key, item in keyed if key is None]


def follow_from_others(keys: Iterable[str], cases: Sequence[Case]) -> list[str]:
    """Which of the keys the algorithm, or it and the operation, decide in these cases: they stay distinct
    without them."""
    return [key for key in keys if key in _DECIDES and _decided(key, _DECIDES[key], cases)]


def _decided(key: str, by: tuple[str, ...], cases: Sequence[Case]) -> bool:
    pairs = set(map(attrgetter(*by, key), cases))
    return len(pairs) == len({pair[:-1] for pair in pairs})
