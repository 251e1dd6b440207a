"""Runs a plan: fresh worker processes (process, worker), rounds interleaved over cases (rounds), whatever
happens to a worker. Nothing is imported here: a worker must not pay for what only its parent needs."""
