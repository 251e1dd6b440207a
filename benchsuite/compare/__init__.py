"""Results side by side: which cases belong together (matching), what a case's rounds say (series, evidence),
what may be concluded of many cases (verdicts, sequential), and measuring in pairs until it may (campaign)."""
