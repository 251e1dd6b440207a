"""What a result shows, before it is decided how it is written: rows, columns, numbers, verdicts in words."""
