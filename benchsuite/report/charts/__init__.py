"""Charts before they are drawn: which lines, which points, which bands. html and plots draw them."""
