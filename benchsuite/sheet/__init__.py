"""Sheets: tables with what is said around them, and every way to write one. What a sheet shows is made in
view/."""
