"""What wrong bytes look like: guesses at what a driver did instead, each computed with the reference and held
against what came out."""
