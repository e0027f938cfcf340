"""A whole run: every port on every case."""
