"""The `tcrypt` backend: the kernel's own benchmark, a module that measures while it is being loaded.

What one load finds answers every case of its mode, so the first case of a round pays for all: see
engine.Shelf. Figures are tcrypt's own, to the digit: operations over the seconds it printed, or the cycles
of one operation.
"""
