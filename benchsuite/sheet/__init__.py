"""Tables with what is said around them, and the ways to write them; of what, they do not know."""
