"""Labels, tags and the note of a result in a file, and which of its cases stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchsuite import backends
from benchsuite.compare.labels import shown
from benchsuite.compare.matching import is_paired
from benchsuite.edits.same import repeated
from benchsuite.model import BenchsuiteError, CaseResult
from benchsuite.profile import Named
from benchsuite.selection.filters import Filter, fits
from benchsuite.store.document import Document
from benchsuite.units import many, meant, several


@dataclass(frozen=True, slots=True)
class Changes:
    """Wishes of a user. labels: by what a backend is called now; "" takes the label off. untag: keys. note:
    "" takes it off, None leaves it. filters: cases that stay."""

    labels: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    untag: Sequence[str] = ()
    note: str | None = None
    filters: Sequence[Filter] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.tags or self.untag or self.note is not None or self.filters)

    def make(self, document: Document) -> list[str]:
        """Changes a document; what was changed, in words. BenchsuiteError for what cannot be."""
        before = repeated(document.items)
        done = [*self._filter(document), *self._relabel(document), *self._tag(document)]
        if new := [name for name in repeated(document.items) if name not in before]:
            raise BenchsuiteError(
                f"{document.name}: nothing would tell these apart any more, which are there twice: "
                f"{several(new)}\nchoose another label, or leave the tag that tells them apart"
            )
        if self.note is not None and self.note != document.result.note:
            document.result.note = self.note
            done.append("the note is set" if self.note else "the note is gone")
        return done

    def _filter(self, document: Document) -> list[str]:
        if not self.filters:
            return []
        if is_paired(document.result):
            raise BenchsuiteError(
                f"{document.name}: measured in pairs, and judged together: a part of it would have verdicts "
                "that are not its own\nleave --filter out; show and compare take it"
            )
        kept = [
            item
            for item, called in zip(document.items, _called(document), strict=True)
            if fits(called, self.filters)
        ]
        if not kept:
            raise BenchsuiteError(f"--filter: no case of {document.name} fits: nothing would be left")
        dropped = len(document.items) - len(kept)
        document.items = kept
        return [f"{many(dropped, 'case')} dropped"] * bool(dropped)

    def _relabel(self, document: Document) -> list[str]:
        names = [
            {item.case.label, item.case.case.backend, called.case.backend} - {""}
            for item, called in zip(document.items, _called(document), strict=True)
        ]
        done = []
        for old, new in self.labels.items():
            found = [item for item, known in zip(document.items, names, strict=True) if old in known]
            if not found:
                known = set[str]().union(*names)
                raise BenchsuiteError(f"--label {old}={new}: {document.name}: {_none('backend', old, known)}")
            for item in found:
                item.relabel(new)
            how = f"called {new}" if new else "without a label"
            done.append(f"{many(len(found), 'case')} of {old} {how}")
        return done

    def _tag(self, document: Document) -> list[str]:
        known = {key for item in document.items for key in item.case.tags}
        for key in self.untag:
            if key not in known:
                raise BenchsuiteError(f"--untag {key}: {document.name}: {_none('tag', key, known)}")
        for item in document.items:
            kept = {key: tag for key, tag in item.case.tags.items() if key not in self.untag}
            item.case.tags = kept | dict(self.tags)
        gone = [f"tag {key} is gone" for key in self.untag if key not in self.tags]
        return [f"tag {key} is {tag}" for key, tag in self.tags.items()] + gone


def parse_labels(texts: Iterable[str]) -> dict[str, str]:
    """Labels of several `OLD=NEW`. BenchsuiteError for what is none."""
    found: dict[str, str] = {}
    for text in texts:
        old, equals, new = text.rpartition("=")
        if not equals or not old:
            raise BenchsuiteError(
                f"--label {text!r}: expected OLD=NEW, as --label software=new; OLD= takes the label off"
            )
        if new:
            Named.of(f"{new}=null", backends.names(), f"--label {text!r}")
        if found.setdefault(old, new) != new:
            raise BenchsuiteError(f"--label {text!r}: {old} is to be called {found[old]!r} already")
    return found


def _called(document: Document) -> list[CaseResult]:
    """The cases with their backends called as tables call them, but for tags."""
    keys = {key for item in document.items for key in item.case.tags}
    return shown(document.meant, but=keys)[0].cases


def _none(what: str, name: str, known: Iterable[str]) -> str:
    return f"no case has the {what} {name!r}: {meant(name, sorted(known), 8)}"
