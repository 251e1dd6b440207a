"""The plan and the remarks in a journal."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchsuite.model import Measure, Plan
from benchsuite.records import (
    BadRecord,
    a_list,
    an_object,
    case_from,
    facts_from,
    flag,
    get,
    record_from,
    tags_from,
    text,
)
from benchsuite.remarks import Remarks


def plan_to(plan: Plan) -> dict[str, Any]:
    return {
        "profile": plan.profile,
        "why": plan.why,
        "cases": [case.to_dict() for case in plan.cases],
        "measures": [asdict(measure) for measure in plan.measures],
        "labels": plan.labels,
    }


def plan_from(data: Any, where: str) -> Plan:
    data = an_object(data, where)
    cases = a_list(get(data, "cases", where), f"{where}.cases")
    measures = a_list(get(data, "measures", where), f"{where}.measures")
    if len(cases) != len(measures):
        raise BadRecord(where, f"{len(cases)} cases but {len(measures)} measures")
    return Plan(
        profile=text(get(data, "profile", where), f"{where}.profile"),
        why=text(get(data, "why", where), f"{where}.why"),
        cases=tuple(case_from(case, f"{where}.cases[{i}]") for i, case in enumerate(cases)),
        measures=tuple(record_from(Measure, m, f"{where}.measures[{i}]") for i, m in enumerate(measures)),
        labels=facts_from(data.get("labels", {}), f"{where}.labels"),  # younger than the format
    )


def remarks_from(data: dict[str, Any], where: str) -> Remarks:
    """Remarks among the keys of another object, as Remarks.to_dict() writes them."""
    command = text(data.get("command", ""), f"{where}.command")
    return Remarks(
        tags_from(data.get("tags", {}), f"{where}.tags"),
        text(data.get("note", ""), f"{where}.note"),
        (command,) if command else (),
        flag(data.get("anonymous", False), f"{where}.anonymous"),
    )
