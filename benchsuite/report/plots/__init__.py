"""Plots for papers, by matplotlib: which files there are (plans), and what is in them (lines, rows)."""
