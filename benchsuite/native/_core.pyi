"""What cffi builds from api.h: the C compiler holds api.h against the core, and nothing tells mypy of it."""

from typing import Any

ffi: Any
lib: Any
