"""Results side by side: which cases belong together (matching), what a case's rounds say (rounds, evidence),
what may be concluded of many cases (verdicts, sequential), the result that a gate holds new ones against
(baseline), and whether all of it may pass (outcome)."""
