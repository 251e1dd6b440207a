"""Why a case cannot be measured, as a failure kind of model.FAILURES and a sentence."""

from benchsuite.model import FAILURES, CouldNotMeasure


class MeasureError(CouldNotMeasure):
    def __init__(self, kind: str, reason: str) -> None:
        assert kind in FAILURES, kind
        super().__init__(reason)
        self.kind = kind
