"""Plots for papers, drawn by matplotlib: which files there are (plan), and each kind of plot (panel, ladder,
strip)."""
