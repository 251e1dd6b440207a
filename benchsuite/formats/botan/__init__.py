"""Output of `botan speed`, as text and as JSON."""
