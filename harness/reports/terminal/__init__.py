"""A run, a case and a comparison, printed on a terminal."""
