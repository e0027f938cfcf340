"""The results of a run as a value and as a file, and the difference between two runs."""
