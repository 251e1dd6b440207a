"""From a comparison to an exit status (outcome), and what is kept to be compared with (baseline)."""
