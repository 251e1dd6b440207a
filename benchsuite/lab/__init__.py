"""The lab: a virtual machine with another kernel, in which the suite runs as it is installed here.

The guest sees the host's root file system, writes to it stay in the guest's memory; the current
directory, and what else is named, is shared for writing. Nothing is installed, and root is not needed."""

from benchsuite.lab.kernel import Kernel, choose
from benchsuite.lab.lab import Lab, OutOfTime, Settings

__all__ = ["Kernel", "Lab", "OutOfTime", "Settings", "choose"]
