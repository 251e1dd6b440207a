"""Requests whose outcome the reference knows, made from their plain bytes."""

from __future__ import annotations

from benchsuite.backends.known_requests import Known
from benchsuite.backends.reference import Reference
from benchsuite.backends.session import Params
from benchsuite.model import DECRYPT


def of_plain(params: Params, reference: Reference, iv: bytes, aad: bytes, plain: bytes) -> Known:
    """The request of such a session for these plain bytes."""
    text, tag = reference.encrypt(iv, aad, plain)
    if params.op == DECRYPT:
        return Known(text, plain, iv, aad, tag)
    return Known(plain, text, iv, aad, tag)
