"""Findings: what the figures of a result answer, in sentences.

A kind of question is a file here, and a line in `registry`. It is found in the figures, by the parameters and
backends along which the cases go, and not by the name of a profile: users' own profiles and imported results
have findings, too.
"""

from benchsuite.findings.finding import Finding
from benchsuite.findings.registry import findings

__all__ = ["Finding", "findings"]
