"""Which cases of a result are looked at, in which order, and in which groups: the same for every command."""
