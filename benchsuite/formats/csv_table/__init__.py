"""Tables of measurements as CSV: table.py is the reader, row.py and case.py make figures of its rows."""
