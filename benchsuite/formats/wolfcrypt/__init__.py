"""Output of wolfCrypt's benchmark: benchmark.py is the reader."""
