"""The report as one page: markup and its escaping, drawings (*_svg), tables, sections, the page."""
