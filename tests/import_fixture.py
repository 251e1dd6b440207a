"""What the tests of import share: the real samples, and short ways to ask what was found."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings

from benchsuite import imports
from benchsuite.formats.figure import Known
from benchsuite.formats.text.lines import Line
from benchsuite.imports import Imported, Unclear
from benchsuite.model import CaseResult

# A busy machine is no reason to fail.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SAMPLES = Path(__file__).parent / "samples"
FOREIGN = SAMPLES / "foreign"
TCRYPT = SAMPLES / "tcrypt"


def read(text: str | bytes, **known: object) -> Imported:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return imports.read([("a.log", data)], Known(**known))  # type: ignore[arg-type]


def sample(name: str, **known: object) -> Imported:
    path = FOREIGN / name if (FOREIGN / name).exists() else TCRYPT / name
    return imports.read([(path.name, path.read_bytes())], Known(**known))  # type: ignore[arg-type]


def unclear(imported: Imported) -> list[Unclear]:
    return [each for file in imported.files for each in file.unclear]


def other(imported: Imported) -> list[Line]:
    """Lines of no program."""
    return [line for file in imported.files for line in file.other]


def by_name(imported: Imported) -> dict[str, CaseResult]:
    found = {case.case.name: case for case in imported.result.cases}
    assert len(found) == len(imported.result.cases), "every case once"
    return found


def only(imported: Imported) -> CaseResult:
    [case] = imported.result.cases
    return case


def mbps(case: CaseResult) -> list[float]:
    return [case.case.request_size * 8 / value.per_request / 1e6 for value in case.values]


def facts(case: CaseResult) -> dict[str, str]:
    return case.runs[0].facts
