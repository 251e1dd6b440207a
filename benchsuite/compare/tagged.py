"""Cases told apart by their tags.

A result that was merged may have the same case several times, with different tags. A tag in which cases of
one result differ is part of what their backend is called, `software[kernel=6.12]`, so that every table and
plot tells them apart, and what has the same tag is compared with its like.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain

from benchsuite.model import CaseResult, Result
from benchsuite.remarks import in_words
from benchsuite.selection.keys import all_tags


def differing(cases: Iterable[CaseResult]) -> list[str]:
    """Keys of the tags that not all of these cases have alike, in their order."""
    cases = list(cases)
    return [key for key in all_tags(cases) if len({case.tags.get(key) for case in cases}) > 1]


def told_apart(results: Sequence[Result], but: Collection[str] = ()) -> list[Result]:
    """The results with backends that say the tags in which cases of one of them differ. but: keys of tags
    that are not said, because cases are looked at by them."""
    keys = dict.fromkeys(key for result in results for key in differing(result.cases) if key not in but)
    if not keys:
        return list(results)
    return [replace(result, cases=[_called(case, list(keys)) for case in result.cases]) for result in results]


def _called(case: CaseResult, keys: Sequence[str]) -> CaseResult:
    said = in_words({key: case.tags[key] for key in keys if key in case.tags})
    if not said or case.case.backend.endswith(f"[{said}]"):
        return case
    name = f"{case.case.backend}[{said}]"
    return case.called(name)


def names(named: Sequence[tuple[str, Result]]) -> list[tuple[str, str]]:
    """What several results are called, and what is said beside it. A result is called by the tags in which
    the results differ where these tell all apart and the names of the files do not say them."""
    tags = [result.tags for _, result in named]
    keys = [key for key in dict.fromkeys(chain(*tags)) if len({each.get(key) for each in tags}) > 1]
    texts = [in_words({key: each[key] for key in keys if key in each}) for each in tags]
    sources = zip(named, tags, strict=True)
    in_names = all(each[key] in name for (name, _), each in sources for key in keys if key in each)
    by_tags = not in_names and all(texts) and len(set(texts)) == len(texts)
    both = [(text, name) for text, (name, _) in zip(texts, named, strict=True)]
    return both if by_tags else [(name, text) for text, name in both]
