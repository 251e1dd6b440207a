"""The likeliest cause of wrong bytes, as words."""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite.backends.causes import blocks, tags, texts
from benchsuite.backends.causes.wrong import Wrong


def causes(wrong: Wrong) -> Iterator[str]:
    """What explains them, the likeliest first: each fits at least eight bytes that came out."""
    yield from texts.taken_from_elsewhere(wrong)
    yield from texts.processed_otherwise(wrong)
    yield from blocks.causes(wrong)
    yield from texts.begun_otherwise(wrong)
    yield from texts.of_another_text(wrong)
    yield from tags.causes(wrong)


def likeliest(wrong: Wrong) -> str:
    """Words that fit behind a colon; "" where nothing is known that would explain it."""
    return next(causes(wrong), "")
