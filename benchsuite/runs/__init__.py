"""A run, from what is wanted to what is known of it: its plan, measuring it case after case (run) or two
sides in alternation (pairs, campaign, gate), what `auto` chooses for it, and which comparisons results give.

Nothing is printed here: whoever asked for the run gives an observer, which is told of every step.
"""
