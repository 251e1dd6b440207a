"""Data as JSON."""

from __future__ import annotations

import json
from typing import Any


def write(data: dict[str, Any]) -> str:
    """ASCII only: everything else, and whatever a terminal would act on, is escaped."""
    return json.dumps(data, indent=2, allow_nan=False) + "\n"
