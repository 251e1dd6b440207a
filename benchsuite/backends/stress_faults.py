"""Another name of sentences.py, as long as not everything knows the new one."""

from benchsuite.backends.sentences import Told, tell

__all__ = ["Told", "tell"]
