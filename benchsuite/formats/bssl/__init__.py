"""Output of `bssl speed`, as text and as JSON."""
