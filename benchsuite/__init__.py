"""benchsuite: one benchmark for every crypto path on a machine."""

from benchsuite.version import __version__ as __version__

__all__ = [
    "BenchsuiteError",
    "Case",
    "CaseResult",
    "Comparison",
    "CouldNotMeasure",
    "Finding",
    "Gate",
    "NotAvailable",
    "Observer",
    "PairsObserver",
    "Result",
    "cases",
    "gate",
    "load",
    "run",
]

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without the import
if TYPE_CHECKING:
    from benchsuite.api import (
        BenchsuiteError,
        Case,
        CaseResult,
        Comparison,
        CouldNotMeasure,
        Finding,
        Gate,
        NotAvailable,
        Observer,
        PairsObserver,
        Result,
        cases,
        gate,
        load,
        run,
    )


def __getattr__(name: str) -> object:
    """The names of the Python API, which is imported when the first of them is asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'benchsuite' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("benchsuite.api"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
