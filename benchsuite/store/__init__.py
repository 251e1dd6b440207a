"""What outlives a process: the result file (suite) and the journal of a run (journal)."""

from benchsuite.store.journal import Journal, JournalFull, Resumed, journal_path, resume
from benchsuite.store.suite import load, rescue, save

__all__ = ["Journal", "JournalFull", "Resumed", "journal_path", "load", "rescue", "resume", "save"]
