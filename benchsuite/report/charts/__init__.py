"""What is drawn, before it is drawn: which lines, which points, which bands. html and plots share it."""
