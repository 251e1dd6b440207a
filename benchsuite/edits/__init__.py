"""Changes of results that there are already: what `benchsuite edit` does."""
