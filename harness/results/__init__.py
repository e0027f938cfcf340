"""The results of a run as a value and as JSON, and the difference between two runs."""
