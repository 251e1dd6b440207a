"""A device's file checked key by key, and made a Device. Errors name the file, the section and the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchsuite import algorithms
from benchsuite.confidence import CONFIDENCES, UNSAID
from benchsuite.keys import REQUIRED, Choice, accept, check_names, show
from benchsuite.model import DIGEST, ENCRYPT, BenchsuiteError
from benchsuite.sim.contradictions import check
from benchsuite.sim.device import Device, Point, Quantity, Rate
from benchsuite.sim.table import ALGORITHM, FIGURES, FILE, POINT, SECTIONS, Field

MOST_TITLE = 90  # bytes: what the native core has room for
_CONFIDENCE = Choice(tuple(CONFIDENCES))


def read(data: dict[str, Any], where: str, name: str) -> Device:
    """A file's content made a Device. where: the file, for messages."""
    device = _Reader(data, where).device(name)
    check(device)
    return device


class _Reader:
    def __init__(self, data: dict[str, Any], where: str) -> None:
        self.data, self.where = data, where
        self.sources: Mapping[str, str] = {}
        self.usual = UNSAID  # the confidence of a figure that has none of its own

    def device(self, name: str) -> Device:
        tables = (*SECTIONS, "algorithm", "point")
        check_names(self.data, [*(field.name for field in FILE), *tables], self.where)
        top = self._values({k: v for k, v in self.data.items() if k not in tables}, FILE, self.where)
        if len(top["title"].encode()) > MOST_TITLE:
            raise BenchsuiteError(f"{self.where}: title: more than {MOST_TITLE} bytes")
        self.usual, self.sources = top["confidence"] or UNSAID, top["sources"]
        return Device(
            name,
            self.where,
            top["title"],
            top["about"],
            top["distribution"],
            self.sources,
            {section: self._section(section) for section in SECTIONS if section in self.data},
            tuple(self._rate(table, where) for table, where in self._tables("algorithm")),
            tuple(self._point(table, where) for table, where in self._tables("point")),
        )

    # ---- parts ----

    def _section(self, section: str) -> dict[str, Quantity]:
        """The keys that are there, and no defaults."""
        table, where = self.data[section], f"{self.where}: [{section}]"
        if not isinstance(table, dict):
            raise BenchsuiteError(f"{self.where}: {section}: {show(table)} is not a table, [{section}]")
        fields = {field.name: field for field in SECTIONS[section]}
        check_names(table, fields, where)
        return {key: self._quantity(value, fields[key], f"{where} {key}") for key, value in table.items()}

    def _rate(self, table: dict[str, Any], where: str) -> Rate:
        values = self._values(table, ALGORITHM, where)
        if values["from_size"] > values["to_size"]:
            sizes = f"from_size {values['from_size']} is above to_size {values['to_size']}"
            raise BenchsuiteError(f"{where}: {sizes}: exchange them")
        return Rate(values.pop("name"), **values)

    def _point(self, table: dict[str, Any], where: str) -> Point:
        values = self._values(table, POINT, where)
        ops = algorithms.find(values["algorithm"]).ops
        values["op"] = values["op"] or (DIGEST if DIGEST in ops else ENCRYPT)
        if values["op"] not in ops:
            raise BenchsuiteError(
                f"{where}: op: {values['algorithm']} has {' and '.join(ops)}, not {values['op']}"
            )
        return Point(**values)

    # ---- values ----

    def _values(self, table: Mapping[str, Any], fields: Sequence[Field], where: str) -> dict[str, Any]:
        """One for every field: what the table has, or the default. Figures are Quantities."""
        check_names(table, [field.name for field in fields], where)
        values = {}
        for field in fields:
            name = field.name
            if name not in table and field.default is REQUIRED:
                raise BenchsuiteError(f"{where}: {name} is missing: {field.kind.what}")
            if name not in table:
                values[name] = field.default
            elif name in FIGURES:
                values[name] = self._quantity(table[name], field, f"{where}: {name}")
            else:
                values[name] = accept(field.kind, table[name], f"{where}: {name}")
        return values

    def _quantity(self, given: Any, field: Field, where: str) -> Quantity:
        """A plain value, or { value, confidence, source }."""
        if not isinstance(given, dict):
            return Quantity(accept(field.kind, given, where), self.usual)
        check_names(given, ("value", "confidence", "source"), where)
        if "value" not in given:
            raise BenchsuiteError(f"{where}: value is missing: {field.kind.what}")
        value = accept(field.kind, given["value"], where)
        confidence = self.usual
        if "confidence" in given:
            confidence = accept(_CONFIDENCE, given["confidence"], f"{where}: confidence")
        source = given.get("source", "")
        if source != "" and not (isinstance(source, str) and source in self.sources):
            raise BenchsuiteError(f"{where}: source: {show(source)} is not a key of [sources]")
        return Quantity(value, confidence, self.sources.get(source, ""))

    def _tables(self, key: str) -> Iterator[tuple[dict[str, Any], str]]:
        found = self.data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise BenchsuiteError(f"{self.where}: {key}: {show(found)} is not one or more tables, [[{key}]]")
        for number, table in enumerate(found, start=1):
            yield table, f"{self.where}: {key} {number}"
