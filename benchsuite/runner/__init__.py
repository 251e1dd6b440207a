"""Worker processes, and what they measure: rounds interleaved over cases (rounds), two sides in turns
(paired), simulated cases many to a process (pool). How they are spoken with is messages and channel; what
runs inside is worker, or pair_server. Nothing is imported here: a worker must not pay for what only its
parent needs."""
