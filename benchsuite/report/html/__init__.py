"""The report as one page: markup and its escaping, drawings (drawing, rowed), tables, sections, page."""
