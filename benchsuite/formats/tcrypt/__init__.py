"""Output of the kernel's tcrypt module: log.py reads it from a kernel log, figures.py makes cases of it."""
