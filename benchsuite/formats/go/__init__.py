"""Output of `go test -bench`: testing.py is the reader, names.py says what a benchmark measures."""
