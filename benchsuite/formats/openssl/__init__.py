"""Output of `openssl speed`: speed.py is the reader, starts.py takes a text apart, others read its lines."""
