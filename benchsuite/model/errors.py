"""Mistakes and refusals, as errors for people."""

from __future__ import annotations


class BenchsuiteError(Exception):
    """A mistake of the user's, or a refusal: the message is one or two lines that say what, where and what to
    do next. The command line prints it and exits with `exit_status`."""

    exit_status = 2


class NotAvailable(BenchsuiteError):
    """A backend that was spelled out, and is not there: a library that was not built, say."""


class CouldNotMeasure(BenchsuiteError):
    """A figure that there is not, although nothing is wrong with the input."""

    exit_status = 3
