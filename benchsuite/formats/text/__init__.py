"""Text that a program printed, whichever it was: lines, characters, what stands before and beside them."""
